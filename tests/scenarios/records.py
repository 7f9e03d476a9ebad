"""What is really on the disks: the collector's journal and an agent's buffer."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from agent.buffer import Buffer
from collector.journal import EntryKind
from collector.journals import open_journal
from telemetry.remotewrite import SeriesCache, decode_message
from telemetry.sample import Batch, Series

Point = tuple[Series, int]
"""A sample's identity: its series and its time in milliseconds."""


def points_of(batch: Batch) -> Iterator[Point]:
    """Every sample of a batch."""
    for points in batch.points:
        for at_ms in points.timestamps_ms:
            yield points.series, at_ms


class Journaled:
    """All samples of a collector's journal, in the order in which they were accepted."""

    def __init__(self, state_dir: Path) -> None:
        self.points: list[Point] = []
        self.values: dict[Point, float] = {}
        cache = SeriesCache()
        journal = open_journal(f"sqlite:///{state_dir / 'journal.db'}")
        for entry in journal.read(limit=1_000_000):
            if entry.kind is EntryKind.SAMPLES:
                self._take(decode_message(entry.payload, cache).batch)
        journal.close()

    def _take(self, batch: Batch) -> None:
        self.points += points_of(batch)
        for points in batch.points:
            for at_ms, value in zip(points.timestamps_ms, points.values, strict=True):
                self.values[(points.series, at_ms)] = value

    @property
    def doubled(self) -> list[Point]:
        """Samples that are there more than once."""
        return [point for point, count in Counter(self.points).items() if count > 1]

    @property
    def out_of_order(self) -> list[Point]:
        """Samples that were accepted after a younger one of the same series."""
        newest: dict[Series, int] = {}
        found = []
        for series, at_ms in self.points:
            if at_ms < newest.get(series, at_ms):
                found.append((series, at_ms))
            newest[series] = max(at_ms, newest.get(series, at_ms))
        return found

    def of(self, name: str, **labels: str) -> dict[int, float]:
        """Time and value of the samples of all series of this name with these labels."""
        return {
            at_ms: value
            for (series, at_ms), value in self.values.items()
            if series.name == name and labels.items() <= dict(series.labels).items()
        }


def buffered(state_dir: Path, copy: Path) -> dict[Point, float]:
    """What a stopped or killed agent holds, read from a copy so that nothing is disturbed."""
    copy.mkdir()
    for file in state_dir.glob("buffer.sqlite3*"):
        shutil.copy(file, copy / file.name)
    buffer = Buffer(copy / "buffer.sqlite3", max_bytes=256 << 20, max_age_ms=10**12)
    assert buffer.state().dropped == 0
    found: dict[Point, float] = {}
    for row in buffer.oldest(1 << 40, 1 << 40):
        for points in decode_message(row.payload, SeriesCache()).batch.points:
            for at_ms, value in zip(points.timestamps_ms, points.values, strict=True):
                found[(points.series, at_ms)] = value
    buffer.close()
    assert not (copy / "buffer.sqlite3.damaged").exists()
    return found
