"""How one agent's one check sees a target, and how long its word holds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

DELIVERY_SECONDS = 10.0
"""How long a result may take from the end of a check until it is here: a burst and a push."""


class Reach(StrEnum):
    """Whether a target answers, as far as one or all of its vantage points can tell."""

    OK = "ok"
    SUSPECT = "suspect"  # failed, but not often enough to believe it
    FAIL = "fail"
    UNKNOWN = "unknown"  # nobody measured it lately


@dataclass(slots=True)
class Vantage:
    """How one agent's one check sees a target.

    period: how often it looks (the interval of the inventory, or longer when it is seen to be).
    misses_wanted: how many failures in a row are believed. not_before: after a parent's recovery no
    failure is believed before this time, so that the target is measured again first.
    """

    agent: str
    check: str
    period: float
    misses_wanted: int = 2
    at: float = 0.0
    ok: bool = True
    fails: int = 0
    goods: int = 0
    failing_since: float = 0.0
    good_since: float = 0.0
    not_before: float = 0.0
    gap: float = 0.0

    def observe(self, at: float, ok: bool, interval: float) -> None:
        """One more look at the target at `at`; `interval` is what the inventory says.

        What was seen before a gap in the looks proves nothing about what is seen after it.
        """
        gap = at - self.at if self.at else interval
        unbroken = gap <= self.grace()
        self.period = max(interval, min(gap, self.gap or gap))
        self.gap = gap
        self.at = at
        self.ok = ok
        if ok:
            self.goods = self.goods + 1 if unbroken else 1
            self.good_since = self.good_since if self.goods > 1 else at
            self.fails = 0
        else:
            self.fails = self.fails + 1 if unbroken else 1
            self.failing_since = self.failing_since if self.fails > 1 else at
            self.goods = 0

    def reach(self) -> Reach:
        """What this vantage alone says."""
        if self.ok:
            return Reach.OK
        if self.fails >= self.misses_wanted and self.at >= self.not_before:
            return Reach.FAIL
        return Reach.SUSPECT

    def grace(self) -> float:
        """How long its newest look may be believed: two and a half periods, and what a push takes."""
        return 2.5 * self.period + 15.0

    def overdue(self, at: float) -> bool:
        """Whether it should have looked again before `at` and said so: its agent may be cut off."""
        return at > self.word_by()

    def word_by(self) -> float:
        """By when its next look should have arrived."""
        return self.at + self.period + DELIVERY_SECONDS

    def fresh(self, at: float) -> bool:
        """Whether its newest look says anything about the moment `at`."""
        return self.at > 0.0 and abs(at - self.at) <= self.grace()

    def forgive(self, at: float) -> None:
        """A parent came back at `at`: earlier failures prove nothing; look again, for a whole
        period.
        """
        if not self.ok:
            self.fails = 0
            self.not_before = at + self.period
