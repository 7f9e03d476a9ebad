"""Courses of values over the minutes of an example, kept by series; the same seed gives the same tape."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from random import Random

from telemetry.catalogue import Metric
from telemetry.labels import make_labels
from telemetry.sample import Batch, Series, SeriesPoints

STEP_SECONDS = 60
_NOISE_POINTS = 4096
_SERIES_IN_BATCH = 400
_POINTS_IN_BATCH = 60

Course = Sequence[float | None]
"""A value for each minute, None where nothing was measured."""


def _noise() -> list[float]:
    """Smooth chance between -1 and 1: what is measured wanders, it does not jump."""
    chance, value, points = Random(7), 0.0, []  # noqa: S311 - seeded on purpose, no secret
    for _ in range(_NOISE_POINTS):
        value = 0.8 * value + 0.35 * chance.uniform(-1, 1)
        points.append(max(-1.0, min(1.0, value)))
    return points


_NOISE = _noise()


@dataclass(slots=True)
class Tape:
    """The example's courses. times: seconds since 1970, one a minute, oldest first."""

    times: range
    _courses: dict[Series, Course] = field(default_factory=dict)

    @property
    def minutes(self) -> int:
        """How many minutes it has."""
        return len(self.times)

    def add(self, metric: Metric, who: dict[str, str], values: Course, **labels: str) -> None:
        """A course of a metric. who: site, device … of its samples; labels: its instance labels."""
        if set(metric.labels) - set(who) != set(labels):
            raise ValueError(f"{metric.name} takes the labels {metric.labels}, not {tuple(labels)}")
        series = Series(metric.name, make_labels({**who, **labels}))
        if series in self._courses:
            raise ValueError(f"{series} is on the tape already")
        self._courses[series] = values

    def wander(self, key: str, around: float, by: float) -> list[float]:
        """Values that wander around one; the same key gives the same course."""
        begin = zlib.crc32(key.encode())
        places = range(begin, begin + self.minutes)
        return [around + by * _NOISE[place % _NOISE_POINTS] for place in places]

    def count(
        self, key: str, per_second: float, *, while_: Sequence[bool] | None = None
    ) -> list[float]:
        """A counter that grows at about this rate, or only in some minutes."""
        total, values = float(zlib.crc32(key.encode()) % 100_000), []
        for minute, rate in enumerate(self.wander(key, per_second, per_second * 0.5)):
            if while_ is None or while_[minute]:
                total += max(0.0, rate) * STEP_SECONDS
            values.append(total)
        return values

    def constant(self, value: float) -> list[float]:
        """The same value all the time."""
        return [value] * self.minutes

    def batches(self) -> Iterator[Batch]:
        """Everything on the tape in the order of time, in pieces of a size that stores take."""
        for begin in range(0, self.minutes, _POINTS_IN_BATCH):
            part = slice(begin, begin + _POINTS_IN_BATCH)
            times = [time * 1000 for time in self.times[part]]
            courses = iter(self._courses.items())
            while chunk := list(islice(courses, _SERIES_IN_BATCH)):
                points = tuple(
                    found
                    for series, values in chunk
                    if (found := _points(series, times, values[part]))
                )
                if points:
                    yield Batch(points)


def _points(series: Series, times: Sequence[int], values: Course) -> SeriesPoints | None:
    known = [(time, value) for time, value in zip(times, values, strict=True) if value is not None]
    return SeriesPoints(series, *zip(*known, strict=True)) if known else None


def only(values: Course, where: Sequence[bool]) -> list[float | None]:
    """The values of the minutes in which something was measured."""
    return [value if there else None for value, there in zip(values, where, strict=True)]
