"""The SNMP check's interfaces: counters that only grow, states, and the light of the optical ones."""

from __future__ import annotations

import math
from collections.abc import Callable

from simulator.scenarios.instrument import Identity, series_of
from simulator.scenarios.line import Line, Port
from simulator.scenarios.poll import Put
from simulator.scenarios.rhythm import Weather
from telemetry import catalogue

WRAP = 2.0**32
DARK_DBM = -40.0
"""What a receiver reads when no light comes."""
_COUNTERS = (
    ("rx_bytes", catalogue.INTERFACE_RECEIVE_BYTES),
    ("tx_bytes", catalogue.INTERFACE_TRANSMIT_BYTES),
    ("rx_packets", catalogue.INTERFACE_RECEIVE_PACKETS),
    ("tx_packets", catalogue.INTERFACE_TRANSMIT_PACKETS),
    ("rx_errors", catalogue.INTERFACE_RECEIVE_ERRORS),
    ("tx_errors", catalogue.INTERFACE_TRANSMIT_ERRORS),
    ("rx_discards", catalogue.INTERFACE_RECEIVE_DISCARDS),
    ("tx_discards", catalogue.INTERFACE_TRANSMIT_DISCARDS),
    ("fcs", catalogue.INTERFACE_FCS_ERRORS),
)


class Interface:
    """One port as the device tells of it."""

    def __init__(self, port: Port, identity: Identity) -> None:
        self._port = port
        name = port.name
        mac = "02:" + ":".join(f"{port.chance.randrange(256):02x}" for _ in range(5))
        info = {"interface": name, "alias": "", "type": "ethernetCsmacd", "mac": mac}
        self._info = series_of(catalogue.INTERFACE_INFO, identity, **info)
        self._counters = [
            (field, series_of(metric, identity, interface=name)) for field, metric in _COUNTERS
        ]
        states = (
            catalogue.INTERFACE_UP,
            catalogue.INTERFACE_ADMIN_UP,
            catalogue.INTERFACE_SPEED,
            catalogue.INTERFACE_FULL_DUPLEX,
            catalogue.INTERFACE_LAST_CHANGE,
        )
        self._states = tuple(series_of(metric, identity, interface=name) for metric in states)

    def __call__(self, t: float, put: Put) -> None:
        """Reads it."""
        port = self._port
        line = port.line
        if line is not None:
            count(port, line, t)
        up, admin, speed, duplex, changed = self._states
        put(self._info, 1.0)
        put(up, float(port.up))
        put(admin, 1.0)
        put(speed, port.speed)
        put(duplex, float(port.full_duplex))
        put(changed, round(t - port.changed_at, 2))
        counters = port.counters
        for field, series in self._counters:
            total = math.floor(getattr(counters, field))
            put(series, total % WRAP if port.narrow else float(total))


def count(port: Port, line: Line, t: float) -> None:
    """Counts what has passed since the port was last asked."""
    gap, port.counted_at = t - port.counted_at, t
    if gap <= 0.0:
        return
    towards_office = line.bits(t)
    to_district = towards_office * line.up_peak / line.down_peak
    rx, tx = (to_district, towards_office) if port is line.upper else (towards_office, to_district)
    counters, chance = port.counters, port.chance
    rx_packets, tx_packets = rx / 8 / 700 * gap, tx / 8 / 600 * gap
    counters.rx_bytes += rx / 8 * gap
    counters.tx_bytes += tx / 8 * gap
    counters.rx_packets += rx_packets
    counters.tx_packets += tx_packets
    broken = _some(chance.gauss, port.error_ratio * rx_packets)
    duplex = line.upper.full_duplex and line.lower.full_duplex
    if not duplex:  # late collisions on one side, cut-off frames on the other
        broken += _some(chance.gauss, (0.002 + 0.03 * line.bits(t) / line.speed) * rx_packets)
    counters.rx_errors += broken
    counters.fcs += broken
    if line.bits(t) > 0.97 * line.speed:
        counters.tx_discards += _some(chance.gauss, 0.01 * tx_packets)
    if port.discard_ratio:
        counters.tx_discards += _some(chance.gauss, port.discard_ratio * tx_packets)
    # A healthy port breaks a frame once in a long while.
    if chance.random() < 0.0008:
        counters.rx_errors += 1
        counters.fcs += 1


def _some(gauss: Callable[[float, float], float], mean: float) -> float:
    """A whole number around a mean, as many independent accidents make it."""
    if mean <= 0.0:
        return 0.0
    return max(0.0, float(round(gauss(mean, math.sqrt(mean) + 0.15 * mean))))


class Light:
    """The transceiver of an optical port."""

    def __init__(self, port: Port, weather: Weather, identity: Identity) -> None:
        if port.optics is None or port.line is None:
            raise ValueError(f"{port.box.id}/{port.name} has no light")
        self._port, self._line, self._optics = port, port.line, port.optics
        far = port.line.lower if port is port.line.upper else port.line.upper
        self._far = far.optics
        self._weather = weather
        # The OLT tells hundredths of a decibel, the cheap ONU tenths.
        self._digits = 2 if port.box.class_ == "fiber_olt" else 1
        names = (
            catalogue.OPTICAL_RECEIVE_POWER,
            catalogue.OPTICAL_TRANSMIT_POWER,
            catalogue.OPTICAL_BIAS,
            catalogue.OPTICAL_TEMPERATURE,
            catalogue.OPTICAL_VOLTAGE,
        )
        self._series = tuple(series_of(m, identity, interface=port.name) for m in names)

    def __call__(self, t: float, put: Put) -> None:
        """Reads it."""
        optics, chance = self._optics, self._port.chance
        heat = self._port.box.degrees(self._weather.outside(t), t, 0.2) + 4.0
        receive, transmit, bias, temperature, voltage = self._series
        worn = optics.wear.at(t)
        put(receive, round(self._heard(t, heat), self._digits))
        put(transmit, round(optics.sends - worn + chance.gauss(0.0, 0.03), self._digits))
        aged = optics.bias * (1.0 + 0.12 * worn + 0.008 * (heat - 40.0))
        put(bias, round(aged, 5))
        put(temperature, float(round(heat)))
        put(voltage, round(3.28 + chance.gauss(0.0, 0.005), 2))

    def _heard(self, t: float, heat: float) -> float:
        if not self._line.joined:
            return DARK_DBM
        far = self._far.wear.at(t) if self._far is not None else 0.0
        wander = self._optics.wander.at(t) - 0.012 * (heat - 40.0)
        own = self._optics.hears + wander + self._port.chance.gauss(0.0, 0.05)
        return own - far - self._line.fade.at(t)
