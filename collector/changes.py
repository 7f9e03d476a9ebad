"""How often and how lately something changed: one small value per series, in event time.

A flap score, the value that is usual, and the latest restarts. Each step costs the same however
long the past is.
"""

from __future__ import annotations

from dataclasses import dataclass, field

FLAP_HALF_LIFE_SECONDS = 3600.0
"""Zino ages its score over 300 s, but hears of every change by trap; a poll sees one in five minutes,
and often none where there were two."""

FLAP_CAP = 256.0

SAME_MOMENT_SECONDS = 30.0
"""Two looks that put a change so near to each other speak of one: they are late by what they take."""

RISE_SECONDS = 600.0
"""A better value that has lasted this long is what is usual from now on."""

FALL_SECONDS = 14 * 86400.0
"""A worse one only after two weeks: by then people have decided to live with it."""

RESTARTS_KEPT = 8

WRAP_SECONDS = 2.0**32 / 100.0
"""sysUpTime counts hundredths in 32 bits and begins anew after 497 days, without a restart."""


@dataclass(slots=True)
class Flaps:
    """Zino's flap score: doubled at every change, capped, its logarithm halved every half-life."""

    last: float = -1.0
    value: float = 1.0
    at: float = 0.0

    def take(self, at: float, state: float) -> None:
        """The state at `at`; the first one is no change."""
        if state != self.last:
            if self.last >= 0.0:
                self._change(at)
            self.last = state

    def _change(self, at: float) -> None:
        self.value = min(FLAP_CAP, 2.0 * self.score(at))
        self.at = at

    def score(self, at: float) -> float:
        """The score as of `at`: 1 when all has been quiet for long."""
        if self.value <= 1.0:
            return 1.0
        faded: float = self.value ** (0.5 ** ((at - self.at) / FLAP_HALF_LIFE_SECONDS))
        return faded


@dataclass(slots=True)
class Blinks(Flaps):
    """The same for what tells how long ago it changed last: a look that is told of a new change counts
    one, though there may have been several. last: the moment of the latest change.
    """

    def take(self, at: float, state: float) -> None:
        """At `at` it had last changed `state` seconds before; what the first look is told is no news."""
        moment = at - state
        if self.last >= 0.0 and moment > self.last + SAME_MOMENT_SECONDS:
            self._change(at)
        self.last = max(self.last, moment)


@dataclass(slots=True)
class Usual:
    """The value that a series holds as a rule, 0 while unknown.

    held_since, held_until: the span in which it was seen last; other: what it is instead, since
    when.
    """

    value: float = 0.0
    held_since: float = 0.0
    held_until: float = 0.0
    other: float = 0.0
    other_since: float = 0.0

    def take(self, at: float, value: float) -> None:
        """A value that stays becomes the usual one: a better one soon, a worse one late.

        Zero is no value: a port without a partner has no speed.
        """
        if value <= 0.0 and self.value <= 0.0:
            return
        if value == self.value:
            self.held_until = at
            self.other_since = 0.0
            return
        if value != self.other or not self.other_since:
            self.other, self.other_since = value, at
        lasts = RISE_SECONDS if value > self.value else FALL_SECONDS
        if value > 0.0 and at - self.other_since >= lasts:
            self.value, self.held_since, self.held_until = value, self.other_since, at
            self.other_since = 0.0

    @property
    def held_seconds(self) -> float:
        """For how long the usual value has been seen."""
        return self.held_until - self.held_since


@dataclass(slots=True)
class Restarts:
    """When a device restarted lately, oldest first, told by its uptime."""

    times: list[float] = field(default_factory=list)
    uptime: float = 0.0
    at: float = 0.0

    def take(self, at: float, uptime: float) -> None:
        """The uptime at `at`. One that fell means a restart, unless its counter was full."""
        if uptime < self.uptime and not self._wrapped(at, uptime):
            self.times.append(at - uptime)
            del self.times[:-RESTARTS_KEPT]
        self.uptime, self.at = uptime, at

    def since(self, moment: float) -> int:
        """How many restarts there were since `moment`."""
        return sum(1 for time in self.times if time >= moment)

    def _wrapped(self, at: float, uptime: float) -> bool:
        due = self.uptime + (at - self.at) - WRAP_SECONDS
        return abs(due - uptime) < 600.0
