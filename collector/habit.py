"""The habit of the hour: what a series usually is at this hour of the week, or of the day."""

from __future__ import annotations

from dataclasses import dataclass, field

HOUR_SECONDS = 3_600.0
DAY_HOURS = 24
WEEK_HOURS = 168

TIMES_WANTED = 2
"""An hour has a habit once it was seen on so many days, or in so many weeks."""

EDGE = 0.25
"""So much of an hour at its begin and at its end is near its neighbour."""

LEARN_WEIGHT = 0.2
"""How much of the newest mean an hour takes over, once it has a habit."""


@dataclass(slots=True)
class Habit:
    """Per hour of the day and of the week (UTC) its usual mean and how often it was learnt.

    slot: the hour now running, counted since 1970; total, count: of its samples.
    """

    day: list[float] = field(default_factory=lambda: [0.0] * DAY_HOURS)
    day_times: list[int] = field(default_factory=lambda: [0] * DAY_HOURS)
    week: list[float] = field(default_factory=lambda: [0.0] * WEEK_HOURS)
    week_times: list[int] = field(default_factory=lambda: [0] * WEEK_HOURS)
    slot: int = 0
    total: float = 0.0
    count: int = 0

    def usual(self, at: float, value: float) -> float | None:
        """What is usual at this time; None while there is no habit.

        Near the turn of an hour the hour beyond it counts as well: whatever lies between the two is
        usual, because nobody starts work on the second.
        """
        hours = at / HOUR_SECONDS
        slot = int(hours)
        usual = self._of(slot)
        if usual is None or usual == value:
            return usual
        part = hours - slot
        if EDGE < part < 1.0 - EDGE:
            return usual
        other = self._of(slot - 1 if part <= EDGE else slot + 1)
        if other is None:
            return usual
        if other < usual:
            usual, other = other, usual
        return min(max(value, usual), other)

    def _of(self, slot: int) -> float | None:
        """What is usual in an hour: of the week if known, else of the day."""
        hour = slot % WEEK_HOURS
        if self.week_times[hour] >= TIMES_WANTED:
            return self.week[hour]
        hour = slot % DAY_HOURS
        return self.day[hour] if self.day_times[hour] >= TIMES_WANTED else None

    def learn(self, at: float, value: float) -> None:
        """One more sample; the mean of an hour is learnt when the hour is over."""
        slot = int(at // HOUR_SECONDS)
        if slot != self.slot:
            self._close()
            self.slot, self.total, self.count = slot, 0.0, 0
        self.total += value
        self.count += 1

    def _close(self) -> None:
        if self.count:
            mean = self.total / self.count
            _learn(self.day, self.day_times, self.slot % DAY_HOURS, mean)
            _learn(self.week, self.week_times, self.slot % WEEK_HOURS, mean)


def _learn(means: list[float], times: list[int], hour: int, mean: float) -> None:
    """Six figures are enough of a habit: a snapshot holds hundreds of them."""
    times[hour] = min(times[hour] + 1, 1_000)
    weight = max(1.0 / times[hour], LEARN_WEIGHT)
    means[hour] = float(f"{means[hour] + (mean - means[hour]) * weight:.6g}")
