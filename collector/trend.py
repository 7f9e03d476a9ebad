"""Slow trends: a straight line through daily values that a third of outliers cannot bend.

Theil and Sen: the slope is the median of the slopes between all pairs of days (Theil 1950, Sen
1968).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from statistics import mean, median

Point = tuple[float, float]
"""A day and its value."""

SPANS_DAYS = (6, 10, 20, 45, 90)
"""How far back it looks: a trend that began a week ago is not seen in a quarter's slopes."""

MIN_DAYS = 5

SAME_WAY_WANTED = 0.7
"""Of all pairs of days this share must go the same way; noise gives a half."""

STEP_BETTER = 0.7
"""Two levels that leave less than this share of what the line leaves unexplained are a step."""

CLEAR_OF_NOISE = 6.0
"""The change along the line must be so many times what a day differs by chance (one sigma)."""

SIGMA = 1.4826
MEAN_TO_SIGMA = 1.2533
"""The standard deviation of normal values in their median and in their mean distances."""

MANY_DAYS = 14

SUDDEN_LEASTS = 2.0
SUDDEN_SIGMAS = 3.0
"""What is suddenly worse is worse by so many times the least that matters, and by so many times what a
day differs by chance.
"""

RATE_DAYS = 6
"""From so many of the latest days it is known how fast a series creeps anyway."""

PASSING_DAYS = 4
"""What has stayed for longer than this is no visit but the new level."""

BACK_SHARE = 0.5
"""What has gone back by half of the way at least is back."""


@dataclass(frozen=True, slots=True)
class Trend:
    """A line through daily values. slope: per day; now: its value on the last day; begun: its first
    day; days: how many it spans.
    """

    slope: float
    now: float
    begun: float
    days: float

    @property
    def change(self) -> float:
        """How much it has changed along the line since its first day."""
        return self.slope * self.days

    def days_until(self, value: float) -> float:
        """In how many days the line reaches `value`; infinite when it leads away from it."""
        ahead = value - self.now
        if ahead * self.slope <= 0.0:
            return float("inf") if ahead else 0.0
        return ahead / self.slope


def trend_of(points: Sequence[Point], least: float) -> Trend | None:
    """The trend of rows in order of time, over the shortest span that shows one clearly: a change of
    at least `least`. None where none does.
    """
    if not points:
        return None
    last = points[-1][0]
    wanted = max(least, CLEAR_OF_NOISE * noise_of(points))
    for span in SPANS_DAYS:
        part = [point for point in points if point[0] > last - span]
        found = _line(part)
        if found is not None and abs(found.change) >= wanted:
            return found
        if len(part) == len(points):
            return None
    return None


def noise_of(points: Sequence[Point]) -> float:
    """By how much a day differs by chance, as a standard deviation, whatever the slope: from the
    differences of neighbouring days. While there are few their mean counts, which outliers swell:
    a median of five may be small by luck.
    """
    away = _away_from_usual(points)
    if not away:
        return 0.0
    scale = MEAN_TO_SIGMA * mean(away) if len(away) < MANY_DAYS else SIGMA * median(away)
    return scale / sqrt(2.0)


def _away_from_usual(points: Sequence[Point]) -> list[float]:
    """How far each step between neighbours lies from the usual one, for as many days."""
    rate = _rate(points)
    return [
        abs(later - earlier - rate * (day - before))
        for (before, earlier), (day, later) in pairwise(points)
    ]


def _rate(points: Sequence[Point]) -> float:
    """By how much it usually changes a day: the median of the steps between neighbours."""
    steps = [
        (later - earlier) / (day - before) for (before, earlier), (day, later) in pairwise(points)
    ]
    return median(steps) if steps else 0.0


def _line(points: Sequence[Point]) -> Trend | None:
    """The line through the points; None when pairs of days contradict one another, or when there is
    one step instead of a slope.
    """
    if len(points) < MIN_DAYS:
        return None
    slopes = [
        (later - earlier) / (day - before)
        for place, (before, earlier) in enumerate(points)
        for day, later in points[place + 1 :]
    ]
    slope = median(slopes)
    agreeing = sum(1 for one in slopes if one * slope > 0.0)
    if agreeing < SAME_WAY_WANTED * len(slopes):
        return None
    middle = median(value - slope * day for day, value in points)
    unexplained = sum(abs(value - slope * day - middle) for day, value in points)
    if is_step([value for _, value in points], unexplained):
        return None
    first, last = points[0][0], points[-1][0]
    return Trend(slope, middle + slope * last, first, last - first)


def is_step(values: Sequence[float], unexplained: float) -> bool:
    """Whether two levels, one after the other, explain the values clearly better than the line that
    leaves so much of them `unexplained`.
    """
    return any(
        _apart(values[:place]) + _apart(values[place:]) < STEP_BETTER * unexplained
        for place in range(1, len(values))
    )


def _apart(values: Sequence[float]) -> float:
    """How far all the values lie from their median."""
    middle = median(values)
    return sum(abs(value - middle) for value in values)


def since_last_relief(points: Sequence[Point], worse: float) -> Sequence[Point]:
    """The points after the last day on which the value jumped back from what it had grown by: a
    restart ends a leak, a cleaned connector a fading line. worse: 1 when growing is bad, -1 when
    falling is.
    """
    values = [value for _, value in points]
    half = 0.5 * (max(values) - min(values)) if values else 0.0
    reliefs = [
        place
        for place, (earlier, later) in enumerate(pairwise(values), 1)
        if half > 0.0 and (earlier - later) * worse > half
    ]
    return points[reliefs[-1] :] if reliefs else points


def without_visits(points: Sequence[Point], worse: float, least: float) -> Sequence[Point]:
    """The points without those of a few days on which it was suddenly worse, and as suddenly as before
    again: a fibre that was bent and pulled straight neither fades nor has it been mended. What is
    suddenly worse and stays is a new beginning, once it has stayed for longer than a visit; until then
    it may still go. worse, least: as in `since_last_relief` and `trend_of`.
    """
    usual = median(_away_from_usual(points) or [0.0])
    sudden = max(SUDDEN_LEASTS * least, SUDDEN_SIGMAS * SIGMA * usual / sqrt(2.0))
    kept: list[Point] = []
    visit: list[Point] = []
    furthest = 0.0
    for day, value in points:
        beyond = _beyond(kept, day, value) * worse
        if beyond <= max(sudden, BACK_SHARE * furthest):
            kept.append((day, value))
            visit, furthest = [], 0.0
            continue
        visit.append((day, value))
        furthest = max(furthest, beyond)
        if day - visit[0][0] >= PASSING_DAYS:
            kept, visit, furthest = visit, [], 0.0
    return kept


def _beyond(kept: Sequence[Point], day: float, value: float) -> float:
    """How much more than it would have become by creeping on as it did."""
    if not kept:
        return 0.0
    before, latest = kept[-1]
    return value - latest - _rate(kept[-RATE_DAYS:]) * (day - before)
