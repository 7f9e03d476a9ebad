"""Ports and the lines between them: what passes, what gets lost, how bright the light is."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from simulator.scenarios.box import Box
from simulator.scenarios.chance import Drift, Wander
from simulator.scenarios.rhythm import homes, office

GIGABIT = 1e9
RATE_KEPT_SECONDS = 20.0


@dataclass(slots=True)
class Optics:
    """A transceiver: what it sends, and what it would hear over a perfect fibre."""

    sends: float
    hears: float
    wander: Wander
    bias: float
    wear: Drift = field(default_factory=Drift)
    temperature_share: float = 0.6


@dataclass(slots=True)
class Counters:
    """What a port has counted since it was last set to 0."""

    rx_bytes: float = 0.0
    tx_bytes: float = 0.0
    rx_packets: float = 0.0
    tx_packets: float = 0.0
    rx_errors: float = 0.0
    tx_errors: float = 0.0
    rx_discards: float = 0.0
    tx_discards: float = 0.0
    fcs: float = 0.0


@dataclass(slots=True)
class Port:
    """One port of a box. error_ratio, discard_ratio: shares of the packets that come in, go out."""

    box: Box
    name: str
    chance: random.Random
    speed: float = GIGABIT
    full_duplex: bool = True
    error_ratio: float = 0.0
    discard_ratio: float = 0.0
    narrow: bool = False
    optics: Optics | None = None
    line: Line | None = None
    changed_at: float = 0.0
    counted_at: float = 0.0
    counters: Counters = field(default_factory=Counters)

    @property
    def up(self) -> bool:
        """Whether it has a link."""
        return self.line is not None and self.line.joined

    def clear(self, t: float) -> None:
        """All counters begin at 0 again."""
        self.counters, self.counted_at = Counters(), t


@dataclass(slots=True)
class Line:
    """A line between two ports, `upper` nearer to the district.

    down_peak, up_peak: bits per second in the busiest hour; villages: the share of the traffic that
    follows the evenings rather than the office. delay: seconds there and back. crowding: seconds that the
    carrier's other customers add in their busiest hour. loss: share of packets
    lost on it; swing: extra jitter in seconds.
    """

    id: str
    kind: str
    carrier: str
    upper: Port
    lower: Port
    delay: float
    down_peak: float
    up_peak: float
    villages: float
    noise: Wander
    crowding: float = 0.0
    base_loss: float = 0.0
    loss: float = 0.0
    extra_delay: float = 0.0
    swing: float = 0.0
    extra_bits: float = 0.0
    cut: bool = False
    blinking: bool = False
    fade: Drift = field(default_factory=Drift)
    _rate_at: float = 0.0
    _rate: float = 0.0

    @property
    def joined(self) -> bool:
        """Whether both ends see a link."""
        return not self.cut and not self.blinking and self.upper.box.lit and self.lower.box.lit

    @property
    def speed(self) -> float:
        """Bits per second that it can carry: those of the slower port."""
        return min(self.upper.speed, self.lower.speed)

    def busy(self, t: float) -> float:
        """How busy it is against its own peak: 1 in the busiest hour, give or take."""
        if not 0.0 <= t - self._rate_at < RATE_KEPT_SECONDS:
            self._rate_at = t
            rhythm = (1.0 - self.villages) * office(t) + self.villages * homes(t)
            self._rate = max(0.004, (0.05 + 0.95 * rhythm) * (1.0 + self.noise.at(t)))
        return self._rate

    def bits(self, t: float) -> float:
        """Bits per second towards the office, at most what fits."""
        if not self.joined:
            return 0.0
        return min(self.down_peak * self.busy(t) + self.extra_bits, 0.985 * self.speed)

    def queue(self, t: float) -> float:
        """Seconds that packets wait because the line is busy."""
        use = self.bits(t) / self.speed
        own = min(0.0012 * use / (1.0 - use), 0.055)
        return own + self.crowding * homes(t) * (0.5 + 0.5 * self.busy(t)) if self.crowding else own

    def lost(self, t: float) -> float:
        """The share of packets that it loses now."""
        duplex = self.upper.full_duplex and self.lower.full_duplex
        strife = 0.0 if duplex else 0.004 + 0.05 * self.bits(t) / self.speed
        full = 0.012 if self.bits(t) > 0.975 * self.speed else 0.0
        return self.base_loss + self.loss + strife + full
