"""What gives recorded values life: counters that count, gauges that move, by the time."""

from __future__ import annotations

import math


class Counter:
    """Rises without a step back, at a rate that may be changed at any time.

    rate: mean units a second. sway: how far the momentary rate swings about the mean, as a share of
    it in [0, 1); the swing has a period of a minute and starts at `phase` radians.
    """

    _PERIOD = 60.0

    def __init__(
        self, start: float, rate: float, since: float, *, sway: float = 0.0, phase: float = 0.0
    ) -> None:
        self._start = start
        self._rate = rate
        self._since = since
        self._sway = sway
        self._phase = phase

    @property
    def rate(self) -> float:
        """The mean rate that holds now."""
        return self._rate

    def read(self, now: float) -> int:
        """The count at `now`."""
        turn = 2 * math.pi / self._PERIOD
        seconds = max(0.0, now - self._since)
        swing = math.cos(self._phase) - math.cos(turn * seconds + self._phase)
        return int(self._start + self._rate * (seconds + self._sway * swing / turn))

    def set_rate(self, rate: float, now: float) -> None:
        """From `now` on counts at another rate; what was counted stays."""
        if rate == self._rate:
            return
        self._start, self._phase = float(self.read(now)), 0.0
        self._rate, self._since = rate, now


class Gauge:
    """A value that moves a little about its base, and can be made to drift away from it.

    wobble: greatest distance from the base, same unit; it takes about a minute to and fro.
    """

    _PERIOD = 67.0

    def __init__(self, base: float, wobble: float = 0.0, phase: float = 0.0) -> None:
        self._base = base
        self._wobble = wobble
        self._phase = phase
        self._drift_since: float | None = None
        self._per_second = 0.0
        self._at_most = 0.0

    def read(self, now: float) -> float:
        """The value at `now`."""
        value = self._base + self._wobble * math.sin(2 * math.pi * now / self._PERIOD + self._phase)
        if self._drift_since is None:
            return value
        drift = self._per_second * (now - self._drift_since)
        return value + math.copysign(min(abs(drift), self._at_most), drift)

    def drift(self, per_second: float, at_most: float, now: float) -> None:
        """From `now` on drifts away from the base, by at most `at_most`."""
        self._per_second, self._at_most, self._drift_since = per_second, at_most, now

    def settle(self) -> None:
        """Returns to the base."""
        self._drift_since = None
