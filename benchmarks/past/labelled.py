"""Series with the windows in which something was wrong: made, or read from a folder."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from collector.series_file import RowReader, line_batches, read_time

WINDOW_SHARE = 0.1
"""The windows of a series cover this share of it together, as public benchmarks have it."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """One series; windows: (first, last) row of each, both within it."""

    kind: str
    times: list[float]
    values: list[float]
    windows: tuple[tuple[int, int], ...]

    @property
    def months(self) -> float:
        """How long the series is, in months of thirty days."""
        return (self.times[-1] - self.times[0]) / (30 * 86_400.0)


def around(kind: str, times: list[float], values: list[float], faults: list[int]) -> Labelled:
    """A series with a window around each row at which a fault begins."""
    rows = len(values)
    half = int(WINDOW_SHARE * rows / max(1, len(faults))) // 2
    windows = tuple((max(0, row - half), min(rows - 1, row + half)) for row in sorted(faults))
    return Labelled(kind, times, values, windows)


def read_folder(folder: Path) -> list[Labelled]:
    """The series of a folder as the Numenta Anomaly Benchmark lays it out: `data/KIND/*.csv` and
    `labels/combined_windows.json`.
    """
    labels = json.loads((folder / "labels" / "combined_windows.json").read_text())
    found = []
    for name in sorted(labels):
        times, values = _read(folder / "data" / name)
        windows = tuple(_window(times, *window) for window in labels[name])
        found.append(Labelled(name.split("/")[0], times, values, windows))
    return found


def _read(file: Path) -> tuple[list[float], list[float]]:
    reader = RowReader(str(file))
    with file.open("rb") as stream:
        lines = [line for batch in line_batches(stream) for line in batch]
    rows = [row for row in map(reader.read, lines) if row is not None]
    return [row.at for row in rows], [row.value for row in rows]


def _window(times: list[float], begin: str, end: str) -> tuple[int, int]:
    first, last = read_time(begin), read_time(end)
    if first is None or last is None:
        raise ValueError(f"a window is no pair of times: {begin}, {end}")
    inside = [place for place, at in enumerate(times) if first <= at <= last]
    return inside[0], inside[-1]
