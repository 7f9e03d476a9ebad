"""Seeded chance: independent streams by name, and noise that remembers."""

from __future__ import annotations

import math
import random


def stream(seed: int, *names: str) -> random.Random:
    """A generator of its own for whatever the names say; adding another one changes none of them."""
    return random.Random("/".join((str(seed), *names)))


class Wander:
    """Noise around 0 that remembers (Ornstein-Uhlenbeck): spread `sigma`, memory `tau` seconds.

    Ask with rising times; the answer for a time depends on the times asked before.
    """

    __slots__ = ("_at", "_gap", "_gauss", "_keep", "_kick", "_sigma", "_tau", "value")

    def __init__(self, chance: random.Random, sigma: float, tau: float) -> None:
        self._gauss = chance.gauss
        self._sigma = sigma
        self._tau = tau
        self._at = 0.0
        self._gap = self._keep = self._kick = 0.0
        self.value = chance.gauss(0.0, sigma)

    def at(self, t: float) -> float:
        """The noise at `t`."""
        gap = t - self._at
        if gap <= 0.0:
            return self.value
        if abs(gap - self._gap) > 0.02 * self._gap:  # the usual gap is an interval give or take
            self._gap = gap
            self._keep = math.exp(-gap / self._tau)
            self._kick = self._sigma * math.sqrt(1.0 - self._keep * self._keep)
        self._at = t
        self.value = self._keep * self.value + self._kick * self._gauss(0.0, 1.0)
        return self.value


class Drift:
    """Something that grows by so much a day from a moment on, until it is stopped; 0 before."""

    __slots__ = ("_base", "_per_day", "_since")

    def __init__(self) -> None:
        self._base = self._per_day = self._since = 0.0

    def grow(self, per_day: float, t: float) -> None:
        """From `t` on it grows (or shrinks)."""
        self._base, self._since, self._per_day = self.at(t), t, per_day

    def jump(self, by: float, t: float) -> None:
        """At `t` it changes at once."""
        self._base, self._since = self.at(t) + by, t

    def restart(self, t: float) -> None:
        """Begins at 0 again and goes on growing, as memory leaks after a reboot."""
        self._base, self._since = 0.0, t

    def reset(self) -> None:
        """Mended: 0 again."""
        self._base = self._per_day = self._since = 0.0

    def at(self, t: float) -> float:
        """How much there is at `t`."""
        if not self._per_day:
            return self._base
        return self._base + self._per_day * (t - self._since) / 86_400.0
