"""Slow trends: a straight line through daily values that a third of outliers cannot bend.

Theil and Sen: the slope is the median of the slopes between all pairs of days (Theil 1950, Sen
1968).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

MIN_DAYS = 5

SAME_WAY_WANTED = 0.8
"""Of all pairs of days this share must go the same way; noise gives a half."""

STEP_SHARE = 0.6
"""A single night that makes this share of the whole change is a step, not a trend."""


@dataclass(frozen=True, slots=True)
class Trend:
    """A line through daily values. slope: per day; now: its value on the last day; spread: how far
    the days lie from it, as a median; days: how many days it rests upon; change: along the line.
    """

    slope: float
    now: float
    spread: float
    days: float

    @property
    def change(self) -> float:
        """How much it has changed along the line since the first day."""
        return self.slope * self.days

    def days_until(self, value: float) -> float:
        """In how many days the line reaches `value`; infinite when it leads away from it."""
        ahead = value - self.now
        if ahead * self.slope <= 0.0:
            return 0.0 if ahead == 0.0 else float("inf")
        return ahead / self.slope


def trend_of(points: Sequence[tuple[float, float]]) -> Trend | None:
    """The trend of (day, value) rows in order of time; None when they show none: too few days,
    pairs of days that contradict one another, or one step instead of a slope.
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
    if agreeing < SAME_WAY_WANTED * len(slopes) or is_step(points):
        return None
    first, last = points[0][0], points[-1][0]
    middle = median(value - slope * day for day, value in points)
    spread = median(abs(value - slope * day - middle) for day, value in points)
    return Trend(slope, middle + slope * last, spread, last - first)


def is_step(points: Sequence[tuple[float, float]]) -> bool:
    """Whether most of the change happened between two neighbouring days."""
    if len(points) < 2:
        return False
    whole = points[-1][1] - points[0][1]
    largest = max((b[1] - a[1] for a, b in pairwise(points)), key=abs)
    return abs(largest) > STEP_SHARE * abs(whole)
