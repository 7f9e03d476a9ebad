"""The usual alert rules of Prometheus: samber/awesome-prometheus-alerts, for SNMP, blackbox, UPS and host.

What agents do not report at all (`up == 0` for 5 minutes) is judged by their heartbeat.
"""

from __future__ import annotations

from benchmarks.peers.peer import Alarm, Kind, Rule, Watcher
from benchmarks.peers.watchers import Limit, Window, share_of, use_of

PROBES = (("check", ("icmp", "http", "tls", "tcp", "dns")),)
WEB = (("check", ("http", "dns", "tls")),)
HOSTS = (("class", ("server", "workstation")),)
WHOLE = (*HOSTS, ("cpu", ("all",)))
NEARLY_FULL = Limit(0.9, for_seconds=120.0)
NOMINAL_VOLTS = 220.0
DAY = 86_400.0


class _Certificate(Watcher):
    """Less than 20 days left."""

    def take(self, t: float, metric: str, value: float) -> None:
        days = (value - t) / DAY
        self.alarm.either(days < 20.0, t, why=f"{days:.0f} days left")


class _ClockSkew(Watcher):
    """More than 50 ms off and not on the way back, for 10 minutes."""

    def __init__(self, alarm: Alarm, labels: dict[str, str]) -> None:
        super().__init__(alarm, labels)
        self._window = Window(300.0)

    def take(self, t: float, metric: str, value: float) -> None:
        self._window.add(t, value)
        trend = value - self._window.of("avg")
        off = (value > 0.05 and trend >= 0) or (value < -0.05 and trend <= 0)
        self.alarm.either(off, t, 600.0, f"{value:.3f} s off")


class _Mute(Watcher):
    """No heartbeat for five minutes; noticed at the next one, raised when it was due."""

    def __init__(self, alarm: Alarm, labels: dict[str, str]) -> None:
        super().__init__(alarm, labels)
        self._heard = 0.0

    def take(self, t: float, metric: str, value: float) -> None:
        if self._heard and t - self._heard > 300.0:
            self.alarm.bad(self._heard + 300.0, why="no heartbeat")
            self.alarm.fine(t)
        self._heard = t


_PACKETS = "interface_receive_packets_total"
PROMETHEUS = Kind(
    "Prometheus",
    (
        Rule(
            "SNMP target down",
            ("check_up",),
            Limit(below=0.5, for_seconds=300.0),
            (("check", ("snmp",)),),
        ),
        Rule("Agent down", ("agent_info",), _Mute),
        Rule("SNMP interface down", ("interface_up",), Limit(below=0.5, for_seconds=120.0)),
        Rule(
            "SNMP interface high error rate",
            (_PACKETS, "interface_receive_errors_total"),
            share_of(("interface_receive_errors_total",), _PACKETS, Limit(0.05, for_seconds=300.0)),
        ),
        Rule(
            "SNMP interface high bandwidth",
            (
                "interface_speed_bits_per_second",
                "interface_receive_bytes_total",
                "interface_transmit_bytes_total",
            ),
            use_of(Limit(0.8, for_seconds=900.0)),
        ),
        Rule("SNMP device restarted", ("device_uptime_seconds",), Limit(below=300.0)),
        Rule("Blackbox probe failed", ("check_up",), Limit(below=0.5, for_seconds=60.0), PROBES),
        Rule(
            "Blackbox slow probe",
            ("check_duration_seconds",),
            Limit(1.0, for_seconds=60.0),
            (("check", ("http", "dns", "tls")),),
        ),
        Rule("Blackbox slow ping", ("icmp_rtt_median_seconds",), Limit(1.0, for_seconds=60.0)),
        Rule(
            "Blackbox certificate will expire",
            ("tls_certificate_not_after_timestamp_seconds",),
            _Certificate,
        ),
        Rule("UPS battery nearly empty", ("battery_charge_ratio",), Limit(below=0.1)),
        Rule("UPS less than 15 minutes left", ("battery_runtime_seconds",), Limit(below=900.0)),
        Rule("UPS on battery", ("power_on_battery",), Limit(0.5)),
        Rule("UPS low mains voltage", ("power_input_volts",), Limit(below=0.95 * NOMINAL_VOLTS)),
        Rule("UPS battery hot", ("battery_temperature_celsius",), Limit(39.5)),
        Rule("UPS high load", ("power_output_load_ratio",), Limit(0.8)),
        Rule("Host clock skew", ("host_clock_offset_seconds",), _ClockSkew),
        Rule(
            "Host out of memory",
            ("device_memory_utilization_ratio",),
            Limit(0.9, for_seconds=120.0),
            HOSTS,
        ),
        Rule(
            "Host out of disk space",
            ("device_storage_utilization_ratio",),
            Limit(0.9, for_seconds=120.0),
            HOSTS,
        ),
        Rule(
            "Host high CPU load",
            ("device_cpu_utilization_ratio",),
            Limit(0.8, for_seconds=600.0),
            HOSTS,
        ),
    ),
)
