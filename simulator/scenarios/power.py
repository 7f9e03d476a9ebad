"""The power of a site: mains, and the battery that carries it for a while."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from simulator.scenarios.chance import Drift, Wander

RECHARGE_SECONDS = 6 * 3600.0


@dataclass(slots=True)
class Power:
    """runtime: seconds that a full, healthy battery carries the usual load; worn: share of it lost."""

    chance: random.Random
    runtime: float
    load: float
    noise: Wander
    volts: Wander
    cells: int = 2
    mains: bool = True
    testing: bool = False
    charge: float = 1.0
    worn: Drift = field(default_factory=Drift)
    replace_needed: bool = False
    rectifier_ok: bool = True
    changed_at: float = 0.0

    def health(self, t: float) -> float:
        """The share of its first runtime that is left."""
        return max(0.03, 1.0 - self.worn.at(t))

    def load_now(self, t: float) -> float:
        """Load as a share of the rating."""
        return max(0.05, self.load * (1.0 + self.noise.at(t)))

    def seconds_left(self, t: float) -> float:
        """How long it would last at this load."""
        self.settle(t)
        return self.charge * self.runtime * self.health(t) * self.load / self.load_now(t)

    def settle(self, t: float) -> None:
        """Brings the charge up to `t`."""
        gone, self.changed_at = t - self.changed_at, t
        if gone <= 0.0:
            return
        if self.mains:
            self.charge = min(1.0, self.charge + gone / RECHARGE_SECONDS)
        else:
            self.charge = max(0.0, self.charge - gone / (self.runtime * self.health(t)))

    @property
    def on_battery(self) -> bool:
        """Whether the battery carries the load, in a test too."""
        return not self.mains or self.testing
