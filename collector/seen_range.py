"""The range in which a quantity has been lately: of this period and the one before it."""

from __future__ import annotations

from dataclasses import dataclass

PERIOD_SECONDS = 14 * 86_400.0
"""What was seen is remembered for one to two periods."""


@dataclass(slots=True)
class SeenRange:
    """The lowest and the highest of this period and of the one before; empty before the first."""

    seen: bool = False
    turned: float = 0.0
    low: float = 0.0
    high: float = 0.0
    low_now: float = 0.0
    high_now: float = 0.0

    def excess(self, value: float, floor: float) -> float:
        """How far outside the range, in its widths (at least `floor` wide); 0 inside or unknown."""
        if self.low <= value <= self.high or not self.seen:
            return 0.0
        distance = value - self.high if value > self.high else self.low - value
        width = self.high - self.low
        if width < floor:
            width = floor
        return distance / width if width > 0.0 else 1e9

    def widen(self, at: float, value: float) -> None:
        """The range now covers the value."""
        if not self.seen:
            self.seen, self.turned = True, at
            self.low = self.high = self.low_now = self.high_now = value
        elif at - self.turned >= PERIOD_SECONDS:
            self.turned = at
            self.low, self.high = min(self.low_now, value), max(self.high_now, value)
            self.low_now = self.high_now = value
        if value < self.low_now:
            self.low_now = value
            if value < self.low:
                self.low = value
        elif value > self.high_now:
            self.high_now = value
            if value > self.high:
                self.high = value
