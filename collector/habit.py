"""The habit of the hour: what a series usually is at this time of the day."""

from __future__ import annotations

from dataclasses import dataclass, field

HOUR_SECONDS = 3_600.0
DAYS_WANTED = 3
"""From so many days on an hour has a habit."""

LEARN_WEIGHT = 0.2
"""How much of a day's mean an hour takes over, once it has one."""


@dataclass(slots=True)
class Habit:
    """Per hour of the day the usual mean and over how many days it was learnt.

    slot: the hour now running, counted since 1970; total, count: of its samples.
    """

    means: list[float] = field(default_factory=lambda: [0.0] * 24)
    days: list[int] = field(default_factory=lambda: [0] * 24)
    slot: int = -1
    total: float = 0.0
    count: int = 0

    def residual(self, at: float, value: float) -> float | None:
        """How far the value is from this hour's habit; None while it has none."""
        hour = int(at // HOUR_SECONDS) % 24
        return value - self.means[hour] if self.days[hour] >= DAYS_WANTED else None

    def learn(self, at: float, value: float) -> None:
        """One more sample of this hour; an hour's mean is learnt when the hour is over."""
        slot = int(at // HOUR_SECONDS)
        if slot != self.slot:
            self._turn()
            self.slot, self.total, self.count = slot, 0.0, 0
        self.total += value
        self.count += 1

    def _turn(self) -> None:
        if not self.count:
            return
        hour = self.slot % 24
        days = self.days[hour] + 1
        weight = max(1.0 / days, LEARN_WEIGHT)
        self.means[hour] += (self.total / self.count - self.means[hour]) * weight
        self.days[hour] = min(days, 1_000)
