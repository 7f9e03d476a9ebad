"""Zabbix' templates: ICMP ping, generic SNMP, interfaces, with the macros of its Cisco template.

zabbix/zabbix:templates/module/icmp_ping, …/generic_snmp_snmp, …/interfaces_snmp. Dependencies exist only
inside one host (no loss, latency or SNMP alarm while it is unavailable): an alarm of those is therefore
not raised at a total loss.
"""

from __future__ import annotations

from benchmarks.peers.peer import Alarm, Kind, Rule, Watcher
from benchmarks.peers.watchers import Limit, Window, fell, misses, rate_of, use_of

ICMP = (("check", ("icmp",)),)
SNMP = (("check", ("snmp",)),)
SENSORS_OF_PROCESSORS = ("cpu", "soc")
ERRORS = ("interface_receive_errors_total", "interface_transmit_errors_total")
BYTES = (
    "interface_speed_bits_per_second",
    "interface_receive_bytes_total",
    "interface_transmit_bytes_total",
)


class _Loss(Watcher):
    """min(loss, 5m) > 20 % and < 100 %."""

    def __init__(self, alarm: Alarm, labels: dict[str, str]) -> None:
        super().__init__(alarm, labels)
        self._window = Window(300.0)

    def take(self, t: float, metric: str, value: float) -> None:
        self._window.add(t, value)
        least = self._window.of("min")
        self.alarm.either(
            self._window.filled and 0.2 < least < 1.0, t, why=f"loss {least:.0%} for 5 minutes"
        )


class _LinkDown(Watcher):
    """Down, and it was up before."""

    def __init__(self, alarm: Alarm, labels: dict[str, str]) -> None:
        super().__init__(alarm, labels)
        self._up: float | None = None

    def take(self, t: float, metric: str, value: float) -> None:
        before, self._up = self._up, value
        if value:
            self.alarm.fine(t)
        elif before:
            self.alarm.bad(t, why="link down")


def _heat(above: float, sensors: tuple[str, ...] | None) -> Rule:
    name = "High temperature" if sensors is None else "High temperature of the processor"
    others = ("chassis", "board", "modem", "cabinet", "tray", "psu")
    only = (("sensor", others if sensors is None else sensors),)
    make = Limit(above, window=300.0, aggregate="avg", clear=above - 3.0)
    return Rule(name, ("device_temperature_celsius",), make, only)


ZABBIX = Kind(
    "Zabbix",
    (
        Rule("Unavailable by ICMP ping", ("check_up",), misses(3), ICMP),
        Rule("High ICMP ping loss", ("icmp_loss_ratio",), _Loss),
        Rule(
            "High ICMP ping response time",
            ("icmp_rtt_median_seconds",),
            Limit(0.15, window=300.0, aggregate="avg"),
        ),
        Rule(
            "No SNMP data collection",
            ("check_up",),
            Limit(below=0.5, window=300.0, aggregate="max"),
            SNMP,
        ),
        Rule("Device has been restarted", ("device_uptime_seconds",), Limit(below=600.0)),
        Rule("Link down", ("interface_up",), _LinkDown),
        Rule(
            "High error rate",
            ERRORS,
            rate_of(Limit(2.0, clear=1.6, window=300.0, aggregate="min", good_aggregate="max")),
        ),
        Rule(
            "High bandwidth usage",
            BYTES,
            use_of(Limit(0.9, clear=0.87, window=900.0, aggregate="avg")),
        ),
        Rule("Ethernet has changed to lower speed", ("interface_speed_bits_per_second",), fell()),
        Rule(
            "High memory utilization",
            ("device_memory_utilization_ratio",),
            Limit(0.9, window=300.0, aggregate="min"),
        ),
        Rule(
            "High CPU utilization",
            ("device_cpu_utilization_ratio",),
            Limit(0.9, window=300.0, aggregate="min"),
        ),
        _heat(50.0, None),
        _heat(70.0, SENSORS_OF_PROCESSORS),
        Rule("Power supply is in critical state", ("device_power_supply_ok",), Limit(below=0.5)),
        Rule("Fan is in critical state", ("device_fan_ok",), Limit(below=0.5)),
    ),
)
