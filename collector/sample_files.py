"""Reads recorded samples: JSON lines, one series a line, as VictoriaMetrics exports them.

What was read is spooled to a temporary file and merged from there by time, so that a recording may be
longer than the memory: a series takes a few kilobytes, however many samples it has.
"""

from __future__ import annotations

import gzip
import heapq
import json
import math
import os
import tempfile
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import IO, Any, Self

from telemetry.errors import ConfigError
from telemetry.labels import make_labels
from telemetry.sample import Row, Series

SLICE_MS = 10_000
"""Samples are handed on in slices of this much event time."""

_READ_AT_ONCE = 256
"""How many samples of each series are in memory while the recording is merged."""

Columns = tuple["array[int]", "array[float]"]


class SampleFileError(ConfigError):
    """A line of a sample file cannot be read; the text names file and line."""


@dataclass(frozen=True, slots=True)
class _Part:
    """Samples of one series in the spool, in order: the stamps from `offset` on, the values after them."""

    offset: int
    count: int
    first_ms: int
    last_ms: int


@dataclass(slots=True)
class _Spooled:
    """Where the samples of one series are. tangled: its parts overlap or are not in order."""

    parts: list[_Part] = field(default_factory=list)
    tangled: bool = False


class Recording:
    """All samples of some files, in order of time. The same samples give the same order, however they
    are spread over lines and files. Use it in a `with`, which gives the disk space back.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self._spool = tempfile.TemporaryFile(prefix="ltmon-recording-")  # noqa: SIM115 - until close
        self._end = 0
        self._series: dict[Series, _Spooled] = {}
        try:
            for path in paths:
                self._read(path)
            for spooled in self._series.values():
                self._straighten(spooled)
        except SampleFileError:
            self.close()
            raise
        self._series = dict(sorted(self._series.items(), key=lambda item: _identity(item[0])))
        parts = [part for spooled in self._series.values() for part in spooled.parts]
        self.first_ms = min((part.first_ms for part in parts), default=0)
        self.last_ms = max((part.last_ms for part in parts), default=0)
        self.sample_count = sum(part.count for part in parts)
        """How many samples all series hold together."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Gives the disk space back."""
        self._spool.close()

    def slices(self) -> Iterator[tuple[int, list[Row]]]:
        """The samples by time: (end of the slice in ms, what was measured in it); empty slices too,
        because silence is judged by the passing of time.
        """
        self._spool.flush()
        # Series of one check have the same timestamps: they share a place in the queue.
        due: dict[int, list[tuple[Iterator[Row], Row]]] = {}
        for series, spooled in self._series.items():
            points = self._points(series, spooled.parts)
            for row in points:
                due.setdefault(row[0], []).append((points, row))
                break
        queue = list(due)
        heapq.heapify(queue)
        end = self.first_ms
        while end < self.last_ms or queue:
            end = min(end + SLICE_MS, self.last_ms) if queue else self.last_ms
            rows: list[Row] = []
            while queue and queue[0] <= end:
                for points, row in due.pop(heapq.heappop(queue)):
                    rows.append(row)
                    following = next(points, None)
                    if following is None:
                        continue
                    waiting = due.get(following[0])
                    if waiting is None:
                        due[following[0]] = [(points, following)]
                        heapq.heappush(queue, following[0])
                    else:
                        waiting.append((points, following))
            yield end, rows

    def _points(self, series: Series, parts: list[_Part]) -> Iterator[Row]:
        for part in parts:
            for start in range(0, part.count, _READ_AT_ONCE):
                stamps, values = self._load(part, start, min(_READ_AT_ONCE, part.count - start))
                for stamp, value in zip(stamps, values, strict=True):
                    yield stamp, series, value

    def _load(self, part: _Part, start: int, count: int) -> Columns:
        stamps, values = array("q"), array("d")
        file = self._spool.fileno()
        stamps.frombytes(os.pread(file, 8 * count, part.offset + 8 * start))
        values.frombytes(os.pread(file, 8 * count, part.offset + 8 * (part.count + start)))
        return stamps, values

    def _keep(self, stamps: array[int], values: array[float]) -> _Part:
        part = _Part(self._end, len(stamps), stamps[0], stamps[-1])
        self._spool.write(stamps.tobytes())
        self._spool.write(values.tobytes())
        self._end += 16 * len(stamps)
        return part

    def _straighten(self, spooled: _Spooled) -> None:
        """Brings the parts of a series in order; what overlaps is merged, one series at a time."""
        spooled.parts.sort(key=lambda part: part.first_ms)
        overlap = any(a.last_ms > b.first_ms for a, b in pairwise(spooled.parts))
        if not overlap and not spooled.tangled:
            return
        self._spool.flush()
        stamps, values = array("q"), array("d")
        for part in spooled.parts:
            some_stamps, some_values = self._load(part, 0, part.count)
            stamps.extend(some_stamps)
            values.extend(some_values)
        order = sorted(
            range(len(stamps)), key=lambda i: (stamps[i], math.isnan(values[i]), values[i])
        )
        columns = array("q", [stamps[i] for i in order]), array("d", [values[i] for i in order])
        spooled.parts = [self._keep(*columns)]

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
        spooled = self._series.setdefault(series, _Spooled())
        if stamps:
            spooled.parts.append(self._keep(stamps, values))
            spooled.tangled |= any(a > b for a, b in pairwise(stamps))


def _open(path: Path) -> IO[str]:
    """A plain or gzip file, told apart by its first bytes."""
    with path.open("rb") as stream:
        packed = stream.read(2) == b"\x1f\x8b"
    if packed:
        return gzip.open(path, "rt", encoding="utf-8")
    return path.open(encoding="utf-8")


def _identity(series: Series) -> tuple[str, tuple[tuple[str, str], ...]]:
    return series.name, series.labels


def _columns(row: dict[str, Any]) -> tuple[Series, array[int], array[float]]:
    metric = dict(row["metric"])
    name = metric.pop("__name__")
    series = Series(str(name), make_labels({str(k): str(v) for k, v in metric.items()}))
    stamps = _stamps(row["timestamps"])
    values = _values(row["values"])
    if len(stamps) != len(values):
        raise ValueError("columns of different length")
    return series, stamps, values


def _stamps(column: list[Any]) -> array[int]:
    try:
        return array("q", column)
    except TypeError:  # some write them as 1.7e12
        return array("q", [int(stamp) for stamp in column])


def _values(column: list[Any]) -> array[float]:
    try:
        return array("d", column)
    except TypeError:  # null is how JSON says that it is no number
        return array("d", [math.nan if value is None else float(value) for value in column])
