"""Creeping: does a series go one way, day after day?"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations
from statistics import median

DAY_SECONDS = 86_400.0
DAYS_KEPT = 28
DAYS_WANTED = 14

CLEAR = 12.0
"""A drift is as large as so many usual distances of the days from their trend; a series that only
wanders reaches a few."""

STEADY_SHARE = 0.2
"""Each third of the days goes on by at least this share of the whole way: a step is no drift."""


@dataclass(slots=True)
class Drift:
    """The means of the last days, oldest first; day, total, count: of the day now running."""

    means: list[float] = field(default_factory=list)
    day: int = 0
    total: float = 0.0
    count: int = 0

    def learn(self, at: float, value: float) -> bool:
        """One more sample; whether with it a day was closed, so that it is worth a look."""
        day = int(at // DAY_SECONDS)
        closed = False
        if day != self.day:
            if self.count:
                self.means.append(float(f"{self.total / self.count:.9g}"))
                del self.means[:-DAYS_KEPT]
                closed = True
            self.day, self.total, self.count = day, 0.0, 0
        self.total += value
        self.count += 1
        return closed

    def extent(self, least: float) -> float:
        """How large the drift over the days kept is, in what would be worth telling; 0 for none.

        least: what no drift is worth telling below. The slope is Theil and Sen's: the median of the
        slopes of all pairs of days.
        """
        means = self.means
        if len(means) < DAYS_WANTED:
            return 0.0
        pairs = combinations(enumerate(means), 2)
        slope = median((later - earlier) / (j - i) for (i, earlier), (j, later) in pairs)
        way = slope * (len(means) - 1)
        if not _goes_on(means, way):
            return 0.0
        offs = [mean - slope * place for place, mean in enumerate(means)]
        middle = median(offs)
        noise = median(abs(off - middle) for off in offs)
        worth = max(least, CLEAR * noise)
        return abs(way) / worth if worth > 0.0 else 0.0


def _goes_on(means: list[float], way: float) -> bool:
    """Whether it went on in each half of the time, by the medians of its thirds."""
    third = len(means) // 3
    first = median(means[:third])
    middle = median(means[third:-third])
    last = median(means[-third:])
    least = STEADY_SHARE * abs(way)
    if way < 0.0:
        return first - middle > least and middle - last > least
    return middle - first > least and last - middle > least
