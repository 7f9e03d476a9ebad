"""Faults of lines and ports: loss, delay, light that fades, broken frames, wrong speed, a weak signal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from inventory.inventory import Inventory
from simulator.scenarios.district import District
from simulator.scenarios.fault import Fault, Weight, devices, link_of, links
from simulator.scenarios.line import GIGABIT, Line, Optics
from simulator.scenarios.rhythm import DAY
from simulator.scenarios.truth import Truth

LOSS = ("icmp_loss_ratio", "path_loss_ratio", "path_grade", "conference_call_loss_ratio",
        "icmp_packets_received_total")  # fmt: skip
DELAY = ("icmp_rtt_min_seconds", "icmp_rtt_median_seconds", "icmp_rtt_p90_seconds",
         "icmp_rtt_max_seconds", "path_round_trip_median_seconds", "path_grade",
         "conference_call_latency_seconds", "http_response_seconds", "dns_response_seconds")  # fmt: skip
SWING = ("icmp_jitter_seconds", "icmp_rtt_p90_seconds", "icmp_rtt_max_seconds",
         "path_delay_variation_p90_seconds", "path_grade", "conference_call_jitter_seconds",
         "icmp_rtt_median_seconds")  # fmt: skip
ERRORS = ("interface_receive_errors_total", "interface_transmit_errors_total", "interface_fcs_errors_total",
          "interface_receive_packets_total", "interface_transmit_packets_total")  # fmt: skip
LIGHT = ("optical_receive_power_dbm", "optical_transmit_power_dbm", "optical_bias_amperes")
DROPS = ("interface_transmit_discards_total", "interface_receive_discards_total")
BYTES = ("interface_receive_bytes_total", "interface_transmit_bytes_total")
FAILS_DBM = -27.0
"""Where receivers of class B+ stop hearing (ITU-T G.984.2), and other monitors' limit."""
FAILS_SENDING_DBM = 0.5
"""The least that an ONU of class B+ may send."""


class LineFault(Fault):
    """A fault of a line; from the samples it may as well be the box at its lower end."""

    subject = "link"
    kinds: ClassVar[tuple[str, ...]] = ("fiber", "leased", "cellular")

    @classmethod
    def places(cls, inventory: Inventory) -> Sequence[str]:
        """The lines of these kinds."""
        return links(inventory, *cls.kinds)

    def also(self, inventory: Inventory) -> tuple[str, ...]:
        """The box at the lower end."""
        return (f"device:{link_of(inventory, self.where).end_devices[1]}",)

    def line(self, district: District) -> Line:
        """The line as it is."""
        return district.lines[self.where]


class LossyLine(LineFault):
    """Packets get lost on the way."""

    kind = "lossy_line"
    shows = (*LOSS, "snmp_response_seconds")
    hours = (3.0, 12.0)
    times = 2

    def begin(self, district: District, t: float) -> None:
        """A plug has corroded."""
        self.line(district).loss = self.chance.uniform(0.025, 0.12)

    def finish(self, district: District, t: float) -> None:
        """Cleaned."""
        self.line(district).loss = 0.0


class LatencyShift(LineFault):
    """The carrier sends the packets a long way round, for hours."""

    kind = "latency_shift"
    shows = (*DELAY, "snmp_response_seconds")
    hours = (4.0, 24.0)
    times = 2

    def begin(self, district: District, t: float) -> None:
        """Tens of milliseconds more."""
        self.line(district).extra_delay = self.chance.uniform(0.03, 0.09)

    def finish(self, district: District, t: float) -> None:
        """The straight way again."""
        self.line(district).extra_delay = 0.0


class Jitter(LineFault):
    """The round trips swing: a line that is shaped, or a radio that is disturbed."""

    kind = "jitter"
    shows = (*SWING, *DELAY)
    hours = (3.0, 12.0)

    def begin(self, district: District, t: float) -> None:
        """It swings."""
        self.line(district).swing = self.chance.uniform(0.018, 0.05)

    def finish(self, district: District, t: float) -> None:
        """It is steady."""
        self.line(district).swing = 0.0


class LightFades(LineFault):
    """A fibre lets less light through every day: water in a joint, a tree that leans on it."""

    kind = "optical_fading"
    shows = LIGHT
    weight = Weight.SLOW
    hours = (220.0, 290.0)
    times = 2
    kinds = ("fiber",)

    def also(self, inventory: Inventory) -> tuple[str, ...]:
        """Both ends see it, so it is the fibre."""
        return ()

    def begin(self, district: District, t: float) -> None:
        """So much a day that the limit is reached in two weeks or so."""
        self.line(district).fade.grow(self._margin(district) / self._days(), t)

    def finish(self, district: District, t: float) -> None:
        """Spliced anew."""
        self.line(district).fade.reset()

    def truths(self, district: District) -> tuple[Truth, ...]:
        """With the day on which the weaker end reaches the limit."""
        return (self.truth(district, self.onset + self._days() * DAY),)

    def _days(self) -> float:
        return 9.5 + 5.5 * (self.onset % 997.0) / 997.0

    def _margin(self, district: District) -> float:
        line = self.line(district)
        ends = [port.optics.hears for port in (line.upper, line.lower) if port.optics is not None]
        return min(ends) - FAILS_DBM


class LightSteps(LightFades):
    """A fibre is bent: some decibels at once."""

    kind = "optical_step"
    weight = Weight.FAST
    hours = (12.0, 48.0)
    times = 1

    def begin(self, district: District, t: float) -> None:
        """A cupboard is pushed against it."""
        self.line(district).fade.jump(self._decibels(), t)

    def finish(self, district: District, t: float) -> None:
        """It is pulled away; a fibre that fades besides goes on fading."""
        self.line(district).fade.jump(-self._decibels(), t)

    def truths(self, district: District) -> tuple[Truth, ...]:
        """No limit need be reached."""
        return (self.truth(district),)

    def _decibels(self) -> float:
        return 2.0 + 2.0 * (self.onset % 991.0) / 991.0


class LaserWears(Fault):
    """The laser of an ONU wears out: it sends less and takes more current; its far end hears less."""

    kind = "transceiver_wear"
    shows = LIGHT
    weight = Weight.SLOW
    hours = (220.0, 290.0)

    @classmethod
    def places(cls, inventory: Inventory) -> Sequence[str]:
        """The ONUs."""
        return devices(inventory, "fiber_onu")

    def _optics(self, district: District) -> Optics:
        found = (port.optics for port in district.ports[self.where].values())
        return next(optics for optics in found if optics is not None)

    def begin(self, district: District, t: float) -> None:
        """So much a day that it is too weak in two weeks or so."""
        optics = self._optics(district)
        optics.wear.grow((optics.sends - FAILS_SENDING_DBM) / self._days(), t)

    def finish(self, district: District, t: float) -> None:
        """A new ONU."""
        self._optics(district).wear.reset()

    def truths(self, district: District) -> tuple[Truth, ...]:
        """With the day on which it is too weak."""
        return (self.truth(district, self.onset + self._days() * DAY),)

    def _days(self) -> float:
        return 9.5 + 4.5 * (self.onset % 991.0) / 991.0


class SignalDrops(LineFault):
    """A 4G modem hears its station worse: a turned antenna, a new roof in the way."""

    kind = "cellular_drop"
    shows = ("cellular_rsrp_dbm", "cellular_rsrq_db", "cellular_sinr_db", "cellular_rssi_dbm",
             "cellular_generation", *LOSS, *DELAY, *SWING)  # fmt: skip
    hours = (8.0, 36.0)
    kinds = ("cellular",)

    def begin(self, district: District, t: float) -> None:
        """A dozen decibels less, and somewhat more delay."""
        line = self.line(district)
        modem = line.lower.box.modem
        if modem is None:
            raise ValueError(f"{self.where} ends at no modem")
        modem.worse = self.chance.uniform(12.0, 19.0)
        line.swing, line.loss = 0.006, 0.004

    def finish(self, district: District, t: float) -> None:
        """The antenna points where it should."""
        line = self.line(district)
        if line.lower.box.modem is not None:
            line.lower.box.modem.worse = 0.0
        line.swing = line.loss = 0.0


class BrokenFrames(LineFault):
    """Frames arrive broken at a port: a bent cable, a bad plug."""

    kind = "interface_errors"
    shows: ClassVar[tuple[str, ...]] = (*ERRORS, *LOSS)
    hours = (5.0, 24.0)
    times = 2
    kinds = ("lan",)

    @classmethod
    def places(cls, inventory: Inventory) -> Sequence[str]:
        """Lines that carry an office's traffic."""
        return [
            id_ for id_ in links(inventory, "lan") if id_.endswith(("-lan", "-floor", "-uplink"))
        ]

    def also(self, inventory: Inventory) -> tuple[str, ...]:
        """Either end may be what breaks them."""
        return tuple(f"device:{end}" for end in link_of(inventory, self.where).end_devices)

    def begin(self, district: District, t: float) -> None:
        """One in a thousand or so."""
        line = self.line(district)
        line.lower.error_ratio = self.chance.uniform(0.0008, 0.008)
        line.loss = line.lower.error_ratio

    def finish(self, district: District, t: float) -> None:
        """A new cable."""
        line = self.line(district)
        line.lower.error_ratio = line.loss = 0.0


class PacketsDiscarded(BrokenFrames):
    """A switch drops good packets: its buffer is too small for what now passes."""

    kind = "discards"
    shows = (*DROPS, *LOSS)
    times = 1

    def begin(self, district: District, t: float) -> None:
        """A share of what it sends."""
        line = self.line(district)
        line.upper.discard_ratio = self.chance.uniform(0.004, 0.025)
        line.loss = 0.3 * line.upper.discard_ratio

    def finish(self, district: District, t: float) -> None:
        """Mended."""
        line = self.line(district)
        line.upper.discard_ratio = line.loss = 0.0


class Saturated(LineFault):
    """Somebody's machine floods the office's line, by day and by night, until it is found."""

    kind = "saturation"
    shows = (*BYTES, *DROPS, *DELAY, *SWING, *LOSS, "snmp_response_seconds")
    hours = (5.0, 20.0)
    kinds = ("leased", "cellular")

    def begin(self, district: District, t: float) -> None:
        """All that fits."""
        line = self.line(district)
        line.extra_bits = line.speed

    def finish(self, district: District, t: float) -> None:
        """The machine is cleaned."""
        self.line(district).extra_bits = 0.0


class DuplexMismatch(BrokenFrames):
    """One end has fallen back to half duplex: collisions whenever there is traffic."""

    kind = "duplex_mismatch"
    shows = ("interface_full_duplex", *ERRORS, *LOSS, *SWING)
    hours = (8.0, 30.0)
    times = 1

    def begin(self, district: District, t: float) -> None:
        """The lower end negotiated badly after a short break."""
        line = self.line(district)
        line.lower.full_duplex = False
        line.lower.changed_at = line.upper.changed_at = t

    def finish(self, district: District, t: float) -> None:
        """Set right."""
        line = self.line(district)
        line.lower.full_duplex = True
        line.lower.changed_at = line.upper.changed_at = t


class SpeedFallsBack(BrokenFrames):
    """A pair of wires has broken: 1000 Mbit/s have become 100."""

    kind = "speed_fallback"
    shows = ("interface_speed_bits_per_second", *DROPS, *DELAY, *LOSS, *SWING)
    hours = (8.0, 48.0)
    times = 1

    def begin(self, district: District, t: float) -> None:
        """Both ends agree on less."""
        self._set(district, GIGABIT / 10, t)

    def finish(self, district: District, t: float) -> None:
        """A new cable."""
        self._set(district, GIGABIT, t)

    def _set(self, district: District, speed: float, t: float) -> None:
        line = self.line(district)
        line.upper.speed = line.lower.speed = speed
        line.upper.changed_at = line.lower.changed_at = t


LINE_FAULTS: tuple[type[Fault], ...] = (
    LossyLine,
    LatencyShift,
    Jitter,
    LightFades,
    LightSteps,
    LaserWears,
    SignalDrops,
    BrokenFrames,
    PacketsDiscarded,
    Saturated,
    DuplexMismatch,
    SpeedFallsBack,
)
