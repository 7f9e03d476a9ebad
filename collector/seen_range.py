"""The range in which a quantity has been: what is new is what lies outside of it."""

from __future__ import annotations

from dataclasses import dataclass

TURNS_WANTED = 2
"""What was learnt at the first turn may be of a few minutes only."""

WEEK_TURNS = 7
"""So many turns, days mostly, make a week: what came in this one or the last is not forgotten."""

BOUNDLESS = 1e9
"""Any distance, in widths of a range that has none."""


@dataclass(slots=True)
class SeenRange:
    """The lowest and highest known at the last turn, those since then, and those held apart while
    something is wrong; turns: how often it has learnt; low_week, high_week: of the week now running,
    low_before, high_before: of the one before; `since` and `apart`: whether there are any.

    What comes is compared with what was seen up to the last turn: a value that creeps away within a
    day cannot take its range along.
    """

    turns: int = 0
    low: float = 0.0
    high: float = 0.0
    low_week: float = 0.0
    high_week: float = 0.0
    low_before: float = 0.0
    high_before: float = 0.0
    since: bool = False
    low_since: float = 0.0
    high_since: float = 0.0
    apart: bool = False
    low_apart: float = 0.0
    high_apart: float = 0.0

    def holds(self, value: float) -> bool:
        """Whether the value lies within the range known."""
        return self.low <= value <= self.high

    def excess(self, value: float, floor: float) -> float:
        """How far a value outside the range is from it, in its widths (at least `floor` wide); 0
        while too little is known to call that a range.
        """
        if self.turns < TURNS_WANTED:
            return 0.0
        width = self.high - self.low
        if width < floor:
            width = floor
        distance = value - self.high if value > self.high else self.low - value
        return distance / width if width > 0.0 else BOUNDLESS

    def take(self, value: float) -> None:
        """One more value, to be known from the next turn on."""
        if not self.since:
            self.since = True
            self.low_since = self.high_since = value
        elif value < self.low_since:
            self.low_since = value
        elif value > self.high_since:
            self.high_since = value

    def turn(self, share: float) -> None:
        """What came since the last turn is known from now on; `share` of what has not come for some
        turns is forgotten.
        """
        if not self.since:
            return
        low, high = self._of_weeks()
        if not self.turns:
            self.low, self.high = low, high
        else:
            self.low = low if low < self.low else self.low + (low - self.low) * share
            self.high = high if high > self.high else self.high + (high - self.high) * share
        self.turns += 1
        self.since = False

    def _of_weeks(self) -> tuple[float, float]:
        """The lowest and highest of this week and the last, with what came since the last turn."""
        low, high = self.low_since, self.high_since
        if self.turns % WEEK_TURNS:
            low, high = min(low, self.low_week), max(high, self.high_week)
        else:
            self.low_before, self.high_before = self.low_week, self.high_week
        self.low_week, self.high_week = low, high
        if self.turns < WEEK_TURNS:
            return low, high
        return min(low, self.low_before), max(high, self.high_before)

    def hold(self, value: float) -> None:
        """One more value of a time when something is wrong: held apart, not learnt."""
        if not self.apart:
            self.apart = True
            self.low_apart = self.high_apart = value
        elif value < self.low_apart:
            self.low_apart = value
        elif value > self.high_apart:
            self.high_apart = value

    def release(self, share: float) -> None:
        """The range reaches `share` of the way to what was held apart, which is then forgotten."""
        if self.apart and self.turns:
            self.low += min(0.0, self.low_apart - self.low) * share
            self.high += max(0.0, self.high_apart - self.high) * share
        self.apart = False
