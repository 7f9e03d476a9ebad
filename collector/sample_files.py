"""Reads recorded samples: JSON lines, one series a line, as VictoriaMetrics exports them."""

from __future__ import annotations

import gzip
import heapq
import json
import math
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import IO, Any

from telemetry.errors import ConfigError
from telemetry.labels import make_labels
from telemetry.sample import Batch, Series, SeriesPoints

SLICE_MS = 10_000
"""Samples are handed on in slices of this much event time."""


class SampleFileError(ConfigError):
    """A line of a sample file cannot be read; the text names file and line."""


class Recording:
    """All samples of some files by series, in order of time; 16 bytes a sample in memory."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._series: dict[Series, tuple[array[int], array[float]]] = {}
        for path in paths:
            self._read(path)
        for series, columns in self._series.items():
            self._series[series] = _in_order(*columns)
        stamped = [stamps for stamps, _ in self._series.values() if stamps]
        self.first_ms = min((stamps[0] for stamps in stamped), default=0)
        self.last_ms = max((stamps[-1] for stamps in stamped), default=0)

    @property
    def sample_count(self) -> int:
        """How many samples all series hold together."""
        return sum(len(stamps) for stamps, _ in self._series.values())

    def slices(self) -> Iterator[tuple[int, Batch]]:
        """The samples by time: (end of the slice in ms, what was measured in it); empty slices too,
        because silence is judged by the passing of time.
        """
        columns = [(series, *arrays) for series, arrays in self._series.items() if arrays[0]]
        nexts = [(stamps[0], place, 0) for place, (_, stamps, _) in enumerate(columns)]
        heapq.heapify(nexts)
        end = self.first_ms
        while end < self.last_ms or nexts:
            end = min(end + SLICE_MS, self.last_ms) if nexts else self.last_ms
            points = []
            while nexts and nexts[0][0] <= end:
                _, place, start = heapq.heappop(nexts)
                series, stamps, values = columns[place]
                stop = bisect_left(stamps, end + 1, start)
                points.append(
                    SeriesPoints(series, tuple(stamps[start:stop]), tuple(values[start:stop]))
                )
                if stop < len(stamps):
                    heapq.heappush(nexts, (stamps[stop], place, stop))
            yield end, Batch(tuple(points))

    def _read(self, path: Path) -> None:
        try:
            with _open(path) as lines:
                for number, line in enumerate(lines, 1):
                    if line.strip():
                        self._take_line(line, f"{path}, line {number}")
        except (OSError, EOFError, UnicodeDecodeError) as error:
            raise SampleFileError(f"{path} cannot be read: {error}.") from None

    def _take_line(self, line: str, place: str) -> None:
        try:
            row = json.loads(line)
        except ValueError as error:
            raise SampleFileError(f"{place}: expected one JSON object a line ({error}).") from None
        try:
            series, stamps, values = _columns(row)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
            raise SampleFileError(
                f'{place}: expected {{"metric": {{"__name__": …}}, "values": […], "timestamps": […]}} '
                "with as many values as timestamps."
            ) from None
        known = self._series.setdefault(series, (array("q"), array("d")))
        known[0].extend(stamps)
        known[1].extend(values)


def _open(path: Path) -> IO[str]:
    """A plain or gzip file, told apart by its first bytes."""
    with path.open("rb") as stream:
        packed = stream.read(2) == b"\x1f\x8b"
    if packed:
        return gzip.open(path, "rt", encoding="utf-8")
    return path.open(encoding="utf-8")


def _columns(row: dict[str, Any]) -> tuple[Series, array[int], array[float]]:
    metric = dict(row["metric"])
    name = metric.pop("__name__")
    series = Series(str(name), make_labels({str(k): str(v) for k, v in metric.items()}))
    stamps = array("q", [int(stamp) for stamp in row["timestamps"]])
    values = array("d", [math.nan if value is None else float(value) for value in row["values"]])
    if len(stamps) != len(values):
        raise ValueError("columns of different length")
    return series, stamps, values


def _in_order(stamps: array[int], values: array[float]) -> tuple[array[int], array[float]]:
    """The columns sorted by time, as several lines or files may hold parts of one series."""
    if all(a <= b for a, b in pairwise(stamps)):
        return stamps, values
    order = sorted(range(len(stamps)), key=stamps.__getitem__)
    return array("q", [stamps[i] for i in order]), array("d", [values[i] for i in order])
