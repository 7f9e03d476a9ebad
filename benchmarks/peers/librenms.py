"""LibreNMS' rules marked `"default": true` in misc/alert_rules.json, polled every five minutes.

Sensor limits come from the device where it has them (light: -27 dBm, the class B+ receiver's own alarm;
charge of a battery: 15 %) and else from discovery, which takes the first temperature plus 20 degrees.
"""

from __future__ import annotations

from benchmarks.peers.peer import Alarm, Kind, Rule, Watcher
from benchmarks.peers.watchers import Limit, misses, use_of

SERVICES = (("class", ("service",)), ("check", ("http", "tls", "tcp", "dns")))


class _Discovered(Watcher):
    """Above the first value plus twenty degrees."""

    def __init__(self, alarm: Alarm, labels: dict[str, str]) -> None:
        super().__init__(alarm, labels)
        self._limit: float | None = None

    def take(self, t: float, metric: str, value: float) -> None:
        if self._limit is None:
            self._limit = value + 20.0
        self.alarm.either(value > self._limit, t, why=f"{value:g} over {self._limit:g}")


LIBRENMS = Kind(
    "LibreNMS",
    (
        Rule("Device down (ICMP)", ("check_up",), misses(1), (("check", ("icmp",)),)),
        Rule("Device down (SNMP)", ("check_up",), misses(1), (("check", ("snmp",)),)),
        Rule("Device rebooted", ("device_uptime_seconds",), Limit(below=300.0)),
        Rule("Port down", ("interface_up",), Limit(below=0.5)),
        Rule("Ping latency over 10 ms", ("icmp_rtt_median_seconds",), Limit(0.010)),
        Rule(
            "Port utilisation over 80 %",
            (
                "interface_speed_bits_per_second",
                "interface_receive_bytes_total",
                "interface_transmit_bytes_total",
            ),
            use_of(Limit(0.8)),
        ),
        Rule("Sensor over limit (temperature)", ("device_temperature_celsius",), _Discovered),
        Rule("Sensor under limit (light)", ("optical_receive_power_dbm",), Limit(below=-27.0)),
        Rule("Sensor under limit (charge)", ("battery_charge_ratio",), Limit(below=0.15)),
        Rule("Service up/down", ("check_up",), misses(1), SERVICES),
        Rule("State sensor critical (fan)", ("device_fan_ok",), Limit(below=0.5)),
        Rule("State sensor critical (power)", ("device_power_supply_ok",), Limit(below=0.5)),
        Rule("State sensor critical (battery)", ("battery_replace_needed",), Limit(0.5)),
        Rule("State sensor critical (rectifier)", ("rectifier_ok",), Limit(below=0.5)),
    ),
    every=295.0,
)
