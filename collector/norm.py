"""What is normal for a series: its level, how far from it is usual, and the habit of the hour."""

from __future__ import annotations

from dataclasses import dataclass, field

from collector.habit import Habit

DAY_SECONDS = 86_400.0

FEW_SAMPLES = 8
"""The first samples place the level wherever they are; later ones are held to what is usual."""

FAR, FAR_SHARE = 3.0, 0.05
"""A sample further from the level than so many spreads counts as that far, and this share of the
rest: one outlier moves little, and a series that was flat for long can still begin to move."""

QUICKEST, SLOWEST = 1 / 288, 1 / 3_000
"""Level and spread follow within a day, but within neither fewer nor more samples than these."""

HABIT_HELPS = 0.8
"""A habit counts when what is left after it is less than this share of the spread."""


@dataclass(slots=True)
class Norm:
    """level, spread: robust mean and mean distance from it. whole, left: the mean distance from the
    level, and from the habit, at hours that have one.
    """

    samples: int = 0
    level: float = 0.0
    spread: float = 0.0
    whole: float = 0.0
    left: float = 0.0
    habit: Habit = field(default_factory=Habit)

    @property
    def has_habit(self) -> bool:
        """Whether the hour tells what to expect."""
        return self.left < HABIT_HELPS * self.whole

    def expected(self, usual: float | None) -> tuple[float, float]:
        """The level to expect and the usual distance from it; `usual`: the habit of the hour."""
        if usual is not None and self.has_habit:
            return usual, self.left
        return self.level, self.spread

    def explains(self, at: float, value: float) -> bool:
        """Whether the value is what this hour of the week, unlike others, always brings."""
        return self.habit.explains(at, value, self.left)

    def learn(self, at: float, value: float, usual: float | None, step: float) -> None:
        """One more normal sample; `step`: the usual seconds between samples."""
        if not self.samples:
            self.level = value
        self.samples += 1
        weight = min(QUICKEST, max(SLOWEST, step / DAY_SECONDS))
        if self.samples * weight < 1.0:
            weight = 1.0 / self.samples
        off = value - self.level
        distance = abs(off)
        far = FAR * self.spread
        if distance > far and self.samples > FEW_SAMPLES:
            counted = far + (distance - far) * FAR_SHARE
            off = counted if off > 0.0 else -counted
        else:
            counted = distance
        self.level += off * weight
        self.spread += (counted - self.spread) * weight
        if usual is not None:
            self.whole += (distance - self.whole) * weight
            self.left += (abs(value - usual) - self.left) * weight
        self.habit.learn(at, value)

    def move(self, level: float) -> None:
        """Another level is normal from now on; the habit is to be learnt anew."""
        self.level = level
        self.habit = Habit()
        self.whole = self.left = 0.0
