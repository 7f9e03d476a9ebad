"""Every metric of the system: name, kind, unit, instance labels and help, each an object.

Names follow Prometheus' conventions: base units, the unit in the name, counters end in `_total`.
The labels listed are the *instance* labels; every sample about a device also carries `site`,
`device`, `class` and `agent`, every sample of an agent about itself `site` and `agent`.
A gauge that could not be read is absent, never 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from telemetry.sample import Reading

DEVICE_LABELS = ("site", "device", "class", "agent")
AGENT_LABELS = ("site", "agent")


class Kind(StrEnum):
    """How a metric's values may be read."""

    GAUGE = "gauge"
    COUNTER = "counter"


class Scope(StrEnum):
    """What a metric speaks about, and therefore which identity labels its samples carry."""

    DEVICE = "device"
    AGENT = "agent"
    COLLECTOR = "collector"


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric of the catalogue. `unit` is a Prometheus base unit, or empty for pure numbers."""

    name: str
    kind: Kind
    unit: str
    labels: tuple[str, ...]
    help: str
    scope: Scope = Scope.DEVICE

    def reading(self, value: float, **labels: str) -> Reading:
        """A reading of this metric. Raises ValueError when the labels are not the ones declared."""
        if tuple(labels) != self.labels and set(labels) != set(self.labels):
            raise ValueError(f"{self.name} takes the labels {self.labels}, not {tuple(labels)}")
        return Reading(self.name, float(value), labels)


CATALOGUE: dict[str, Metric] = {}
"""Every metric by name, in the order of this file."""


def _add(metric: Metric) -> Metric:
    if metric.name in CATALOGUE:
        raise ValueError(f"metric {metric.name} is listed twice")
    CATALOGUE[metric.name] = metric
    return metric


def _gauge(name: str, unit: str, help: str, *labels: str, scope: Scope = Scope.DEVICE) -> Metric:
    return _add(Metric(name, Kind.GAUGE, unit, labels, help, scope))


def _counter(name: str, unit: str, help: str, *labels: str, scope: Scope = Scope.DEVICE) -> Metric:
    return _add(Metric(name, Kind.COUNTER, unit, labels, help, scope))


# Every check
CHECK_UP = _gauge(
    "check_up", "", "1 when the check's target answered as it should, else 0", "check"
)
CHECK_DURATION = _gauge("check_duration_seconds", "seconds", "How long the check took", "check")
CHECK_FAILURES = _counter(
    "check_failures_total", "", "Failed checks by reason, from a closed list", "check", "reason"
)

# ICMP, per burst (RFC 792, RFC 4443)
ICMP_LOSS_RATIO = _gauge(
    "icmp_loss_ratio", "ratio", "Share of the burst's echo requests without a reply"
)
ICMP_RTT_MIN = _gauge("icmp_rtt_min_seconds", "seconds", "Shortest round trip of the burst")
ICMP_RTT_MEDIAN = _gauge("icmp_rtt_median_seconds", "seconds", "Median round trip of the burst")
ICMP_RTT_P90 = _gauge("icmp_rtt_p90_seconds", "seconds", "90th percentile round trip of the burst")
ICMP_RTT_MAX = _gauge("icmp_rtt_max_seconds", "seconds", "Longest round trip of the burst")
ICMP_JITTER = _gauge(
    "icmp_jitter_seconds",
    "seconds",
    "Mean of the successive round trips' differences (after RFC 3550)",
)
ICMP_PACKETS_SENT = _counter("icmp_packets_sent_total", "", "Echo requests sent")
ICMP_PACKETS_RECEIVED = _counter("icmp_packets_received_total", "", "Echo replies received in time")

# The way to a device that fell silent, traced once when it breaks (RFC 792, RFC 4443)
PATH_TRACE_HOPS = _gauge(
    "path_trace_hops", "", "Hops to the last that answered when the way broke, 0 when none did"
)
PATH_TRACE_LAST_HOP_INFO = _gauge(
    "path_trace_last_hop_info", "", "Who answered last when the way broke; always 1", "hop"
)

# The path to a peer, by STAMP (RFC 8762)
PATH_LOSS_RATIO = _gauge(
    "path_loss_ratio", "ratio", "Share of test packets lost", "peer", "direction"
)
PATH_ROUND_TRIP_MEDIAN = _gauge(
    "path_round_trip_median_seconds", "seconds", "Median round trip to the peer", "peer"
)
PATH_DELAY_VARIATION_P90 = _gauge(
    "path_delay_variation_p90_seconds",
    "seconds",
    "90th percentile of the one-way delay variation",
    "peer",
    "direction",
)
PATH_GRADE = _gauge("path_grade", "", "Grade of the path for calls, 1 bad to 5 good", "peer")

# Device
DEVICE_INFO = _gauge(
    "device_info",
    "",
    "What the device says it is; always 1",
    "vendor",
    "model",
    "os",
    "serial",
    "profile",
)
DEVICE_UPTIME = _gauge("device_uptime_seconds", "seconds", "Time since the device started")
DEVICE_CPU_UTILIZATION = _gauge(
    "device_cpu_utilization_ratio", "ratio", "Share of the processor in use", "cpu"
)
DEVICE_MEMORY_UTILIZATION = _gauge(
    "device_memory_utilization_ratio", "ratio", "Share of the memory pool in use", "pool"
)
DEVICE_STORAGE_UTILIZATION = _gauge(
    "device_storage_utilization_ratio", "ratio", "Share of the volume in use", "volume"
)
DEVICE_TEMPERATURE = _gauge(
    "device_temperature_celsius", "celsius", "Temperature at the sensor", "sensor"
)
DEVICE_FAN_OK = _gauge("device_fan_ok", "", "1 when the device calls the fan good", "fan")
DEVICE_POWER_SUPPLY_OK = _gauge(
    "device_power_supply_ok", "", "1 when the device calls the power supply good", "supply"
)
SNMP_RESPONSE = _gauge(
    "snmp_response_seconds", "seconds", "How long the device takes to answer one SNMP request"
)
DEVICE_TRAPS = _counter(
    "device_traps_total", "", "Notifications by SNMP that the device sent, by name", "trap"
)

# Interface (IF-MIB, RFC 2863; EtherLike-MIB, RFC 3635)
INTERFACE_INFO = _gauge(
    "interface_info", "", "What the interface is; always 1", "interface", "alias", "type", "mac"
)
INTERFACE_UP = _gauge("interface_up", "", "1 when the interface is operational", "interface")
INTERFACE_ADMIN_UP = _gauge(
    "interface_admin_up", "", "1 when the interface is switched on", "interface"
)
INTERFACE_SPEED = _gauge(
    "interface_speed_bits_per_second", "bits_per_second", "Nominal speed", "interface"
)
INTERFACE_FULL_DUPLEX = _gauge("interface_full_duplex", "", "1 when full duplex", "interface")
INTERFACE_RECEIVE_BYTES = _counter(
    "interface_receive_bytes_total", "bytes", "Octets received", "interface"
)
INTERFACE_TRANSMIT_BYTES = _counter(
    "interface_transmit_bytes_total", "bytes", "Octets sent", "interface"
)
INTERFACE_RECEIVE_PACKETS = _counter(
    "interface_receive_packets_total", "", "Packets received", "interface"
)
INTERFACE_TRANSMIT_PACKETS = _counter(
    "interface_transmit_packets_total", "", "Packets sent", "interface"
)
INTERFACE_RECEIVE_ERRORS = _counter(
    "interface_receive_errors_total", "", "Received packets dropped for errors", "interface"
)
INTERFACE_TRANSMIT_ERRORS = _counter(
    "interface_transmit_errors_total", "", "Packets not sent for errors", "interface"
)
INTERFACE_RECEIVE_DISCARDS = _counter(
    "interface_receive_discards_total", "", "Good received packets dropped", "interface"
)
INTERFACE_TRANSMIT_DISCARDS = _counter(
    "interface_transmit_discards_total", "", "Good outgoing packets dropped", "interface"
)
INTERFACE_FCS_ERRORS = _counter(
    "interface_fcs_errors_total", "", "Frames received with a bad checksum", "interface"
)
INTERFACE_LAST_CHANGE = _gauge(
    "interface_last_change_seconds",
    "seconds",
    "Time since the interface last changed state",
    "interface",
)

# Optics (SFF-8472)
OPTICAL_RECEIVE_POWER = _gauge("optical_receive_power_dbm", "dbm", "Light received", "interface")
OPTICAL_TRANSMIT_POWER = _gauge("optical_transmit_power_dbm", "dbm", "Light sent", "interface")
OPTICAL_BIAS = _gauge("optical_bias_amperes", "amperes", "Laser bias current", "interface")
OPTICAL_TEMPERATURE = _gauge(
    "optical_temperature_celsius", "celsius", "Transceiver temperature", "interface"
)
OPTICAL_VOLTAGE = _gauge(
    "optical_voltage_volts", "volts", "Transceiver supply voltage", "interface"
)

# Cellular (3GPP TS 36.214)
CELLULAR_RSRP = _gauge("cellular_rsrp_dbm", "dbm", "Reference signal received power", "modem")
CELLULAR_RSRQ = _gauge("cellular_rsrq_db", "db", "Reference signal received quality", "modem")
CELLULAR_SINR = _gauge("cellular_sinr_db", "db", "Signal to interference and noise ratio", "modem")
CELLULAR_RSSI = _gauge("cellular_rssi_dbm", "dbm", "Received signal strength", "modem")
CELLULAR_REGISTERED = _gauge("cellular_registered", "", "1 when registered in a network", "modem")
CELLULAR_GENERATION = _gauge(
    "cellular_generation", "", "Generation of the serving cell: 3, 4 or 5", "modem"
)

# Power (UPS-MIB, RFC 1628)
POWER_ON_BATTERY = _gauge("power_on_battery", "", "1 when the load is carried by the battery")
BATTERY_CHARGE = _gauge("battery_charge_ratio", "ratio", "Charge left")
BATTERY_RUNTIME = _gauge("battery_runtime_seconds", "seconds", "Time left on battery at this load")
BATTERY_VOLTAGE = _gauge("battery_voltage_volts", "volts", "Battery voltage")
BATTERY_TEMPERATURE = _gauge("battery_temperature_celsius", "celsius", "Battery temperature")
BATTERY_REPLACE_NEEDED = _gauge(
    "battery_replace_needed", "", "1 when the device asks for a new battery"
)
POWER_INPUT_VOLTS = _gauge("power_input_volts", "volts", "Mains voltage", "phase")
POWER_OUTPUT_LOAD = _gauge("power_output_load_ratio", "ratio", "Load as a share of the rating")
RECTIFIER_OK = _gauge("rectifier_ok", "", "1 when the rectifier works", "rectifier")

# Video conference
CONFERENCE_REGISTERED = _gauge(
    "conference_registered", "", "1 when the endpoint is registered for calls"
)
CONFERENCE_CALL_ACTIVE = _gauge("conference_call_active", "", "1 while a call is up")
CONFERENCE_CALL_LOSS = _gauge(
    "conference_call_loss_ratio", "ratio", "Share of the call's packets lost", "direction", "media"
)
CONFERENCE_CALL_JITTER = _gauge(
    "conference_call_jitter_seconds",
    "seconds",
    "Jitter of the call's packets",
    "direction",
    "media",
)
CONFERENCE_CALL_LATENCY = _gauge(
    "conference_call_latency_seconds", "seconds", "Round trip of the call"
)
CONFERENCE_PERIPHERAL_OK = _gauge(
    "conference_peripheral_ok", "", "1 when the camera, microphone … works", "peripheral"
)

# Host
HOST_LOAD = _gauge("host_load_ratio", "ratio", "Load average of one minute per processor")
HOST_CLOCK_OFFSET = _gauge(
    "host_clock_offset_seconds", "seconds", "Own clock minus reference clock"
)

# Services
HTTP_STATUS_CODE = _gauge("http_status_code", "", "Status code of the last answer")
HTTP_RESPONSE = _gauge(
    "http_response_seconds", "seconds", "Time spent in each phase of the request", "phase"
)
HTTP_CONTENT_OK = _gauge("http_content_ok", "", "1 when the page holds the text that it should")
TLS_NOT_AFTER = _gauge(
    "tls_certificate_not_after_timestamp_seconds",
    "seconds",
    "When the first certificate of the chain expires, seconds since 1970",
)
DNS_ANSWER_OK = _gauge("dns_answer_ok", "", "1 when the answer is the expected one")
DNS_RESPONSE = _gauge("dns_response_seconds", "seconds", "Time until the DNS answer")
TCP_CONNECT = _gauge("tcp_connect_seconds", "seconds", "Time to set up the TCP connection")

# Printer, camera, Wi-Fi
PRINTER_SUPPLY = _gauge("printer_supply_ratio", "ratio", "Share of the supply left", "supply")
CAMERA_RECORDING_OK = _gauge("camera_recording_ok", "", "1 when the camera records")
WIFI_CLIENTS = _gauge("wifi_clients", "", "Stations associated")

# The agent about itself; at least one sample per 60 s is its heartbeat
AGENT_INFO = _gauge("agent_info", "", "What runs here; always 1", "version", scope=Scope.AGENT)
AGENT_BOOT_TIMESTAMP = _gauge(
    "agent_boot_timestamp_seconds", "seconds", "When the machine started", scope=Scope.AGENT
)
AGENT_START_TIMESTAMP = _gauge(
    "agent_start_timestamp_seconds", "seconds", "When the agent started", scope=Scope.AGENT
)
AGENT_LAST_STOP_CLEAN = _gauge(
    "agent_last_stop_clean",
    "",
    "1 when the agent's last run ended in order, 0 when it was cut off",
    scope=Scope.AGENT,
)
AGENT_LAST_SHUTDOWN_CLEAN = _gauge(
    "agent_last_shutdown_clean",
    "",
    "1 when the machine was shut down in order before it started, 0 when it was cut off",
    scope=Scope.AGENT,
)
AGENT_BUFFER_SAMPLES = _gauge(
    "agent_buffer_samples", "", "Samples waiting to be pushed", scope=Scope.AGENT
)
AGENT_BUFFER_BYTES = _gauge(
    "agent_buffer_bytes", "bytes", "Size of the buffer on disk", scope=Scope.AGENT
)
AGENT_BUFFER_OLDEST = _gauge(
    "agent_buffer_oldest_timestamp_seconds", "seconds", "Oldest sample waiting", scope=Scope.AGENT
)
AGENT_BUFFER_DROPPED = _counter(
    "agent_buffer_dropped_samples_total",
    "",
    "Samples given up because the buffer was full",
    scope=Scope.AGENT,
)
AGENT_PUSH_FAILURES = _counter(
    "agent_push_failures_total", "", "Pushes that failed, by reason", "reason", scope=Scope.AGENT
)
AGENT_CHECK_LATENESS = _gauge(
    "agent_check_lateness_seconds", "seconds", "How late the latest check began", scope=Scope.AGENT
)
AGENT_CHECKS_SKIPPED = _counter(
    "agent_checks_skipped_total",
    "",
    "Checks left out because the one before was still running",
    "check",
    scope=Scope.AGENT,
)
AGENT_TRAPS_REFUSED = _counter(
    "agent_traps_refused_total",
    "",
    "Notifications by SNMP that were not believed, by reason, from a closed list",
    "reason",
    scope=Scope.AGENT,
)

# The collector, derived
DEVICE_HEALTH = _gauge(
    "device_health",
    "",
    "1 for the state that the device is in",
    "site",
    "device",
    "class",
    "state",
    scope=Scope.COLLECTOR,
)
FINDING_ACTIVE = _gauge(
    "finding_active",
    "",
    "1 while the finding stands",
    "site",
    "device",
    "rule",
    "severity",
    scope=Scope.COLLECTOR,
)
INCIDENT_OPEN = _gauge("incident_open", "", "Incidents open", "severity", scope=Scope.COLLECTOR)
SITE_HEALTH = _gauge(
    "site_health", "", "1 for the state that the site is in", "site", "state", scope=Scope.COLLECTOR
)
AGENT_WATERMARK = _gauge(
    "agent_watermark_timestamp_seconds",
    "seconds",
    "Up to when the agent's measurements have arrived",
    "agent",
    scope=Scope.COLLECTOR,
)
CONFERENCE_ROOM_READY = _gauge(
    "conference_room_ready",
    "",
    "1 go, 0.5 at risk, 0 no-go",
    "site",
    "device",
    scope=Scope.COLLECTOR,
)
LTMON_INGEST_SAMPLES = _counter(
    "ltmon_ingest_samples_total", "", "Samples accepted", scope=Scope.COLLECTOR
)
LTMON_INGEST_REJECTED = _counter(
    "ltmon_ingest_rejected_total",
    "",
    "Samples or requests turned away",
    "reason",
    scope=Scope.COLLECTOR,
)
LTMON_NOTIFICATIONS = _counter(
    "ltmon_notifications_total",
    "",
    "Messages by channel and outcome",
    "channel",
    "outcome",
    scope=Scope.COLLECTOR,
)
LTMON_WATCHDOG = _gauge(
    "ltmon_watchdog_timestamp_seconds",
    "seconds",
    "When the judging engine last turned",
    scope=Scope.COLLECTOR,
)
LTMON_FORWARD_FAILURES = _counter(
    "ltmon_forward_failures_total",
    "",
    "Attempts to write to a store that failed, by reason; refused: entries given up for good",
    "store",
    "reason",
    scope=Scope.COLLECTOR,
)
LTMON_FORWARD_PENDING = _gauge(
    "ltmon_forward_pending_entries",
    "",
    "Journal entries a store has yet to take",
    "store",
    scope=Scope.COLLECTOR,
)
