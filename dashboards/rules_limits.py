"""Which limit of the expectations becomes which alert, and how Prometheus works out its value.

The value of most is the metric itself; where a rule of the collector works out something, the same
is asked of Prometheus here. Nothing but names of the catalogue is used, and every threshold comes
from `inventory.expectation`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from inventory.limit import Limit
from telemetry import catalogue as c
from telemetry.catalogue import AGENT_LABELS, Metric, Scope

SLOW_WINDOW = "15m"
"""How long a value holds that is measured every five minutes; Prometheus alone looks back five."""

PAST_WINDOW = "7d"
"""The past against which speed, duplex and generation are held."""

DEVICE_BY = ("site", "device", "class")

MIN_PACKETS, MIN_BROKEN = 200, 5
"""On an idle port a single broken frame is a large share and means nothing."""

Value = Callable[[str], str]
"""PromQL of the value, for a selector of labels (`class="ups"` or empty)."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One rule as Prometheus judges it. rule: the collector's name of it; limit: its name in the
    expectations; by: the labels of the value; windowed: the value looks over a window already, so that
    it need not last as well; labels: what tells apart two of the same rule.
    """

    rule: str
    limit: str
    unit: str
    by: tuple[str, ...]
    value: Value
    windowed: bool = False
    labels: dict[str, str] = field(default_factory=dict)


def check(*kinds: str) -> str:
    """The selector of one or more kinds of check."""
    kind = "|".join(kinds)
    return f'check=~"{kind}"' if len(kinds) > 1 else f'check="{kind}"'


def selected(metric: Metric, *conditions: str) -> str:
    """The metric's series that fulfil all conditions; empty ones do not count."""
    inner = ",".join(condition for condition in conditions if condition)
    return f"{metric.name}{{{inner}}}" if inner else metric.name


def kept_labels(metric: Metric) -> tuple[str, ...]:
    """The labels of one thing measured, without `agent`: whoever sees it, it is one."""
    if metric.scope is Scope.AGENT:
        return (*AGENT_LABELS, *metric.labels)
    return (*DEVICE_BY, *metric.labels)


_FAST = ("icmp_", "check_")


def _held(metric: Metric, selector: str) -> str:
    """The newest value, also of what is measured more seldom than Prometheus looks back."""
    series = selected(metric, selector)
    fast = metric.name.startswith(_FAST)
    return series if fast else f"last_over_time({series}[{SLOW_WINDOW}])"


def _plain(rule: str, metric: Metric, worst: str = "max") -> Judged:
    """The metric against the limit of its own name."""
    by = kept_labels(metric)

    def value(selector: str) -> str:
        return f"{worst} by ({', '.join(by)}) ({_held(metric, selector)})"

    return Judged(rule, metric.name, metric.unit, by, value)


def _least(rule: str, metric: Metric) -> Judged:
    return _plain(rule, metric, "min")


def _loss(selector: str) -> str:
    """The mean of the bursts that did not lose all; those are left to reachability. In ten minutes
    about two hundred packets: one of them is no one percent yet.
    """
    bursts = f"{selected(c.ICMP_LOSS_RATIO, selector)} < 1"
    return f"max by ({', '.join(DEVICE_BY)}) (avg_over_time(({bursts})[10m:15s]))"


def _share(part: Metric, whole: Metric, window: str) -> Value:
    """What was broken or thrown away, as a share of the packets of the same direction."""

    def value(selector: str) -> str:
        bad = f"increase({selected(part, selector)}[{window}])"
        good = f"increase({selected(whole, selector)}[{window}])"
        enough = f"{bad} >= {MIN_BROKEN} and ({bad} + {good}) >= {MIN_PACKETS}"
        return f"max by ({', '.join(kept_labels(part))}) ({bad} / ({bad} + {good}) and {enough})"

    return value


def _use(transferred: Metric) -> Value:
    """What a port carries as a share of its speed."""
    by = ", ".join(kept_labels(transferred))

    def value(selector: str) -> str:
        bits = f"8 * rate({selected(transferred, selector)}[15m])"
        return f"max by ({by}) ({bits}) / max by ({by}) ({_held(c.INTERFACE_SPEED, selector)} > 0)"

    return value


def _against_past(metric: Metric) -> Value:
    """The value as a share of the most that it was in a week."""

    def value(selector: str) -> str:
        past = f"max_over_time({selected(metric, selector)}[{PAST_WINDOW}])"
        return f"min by ({', '.join(kept_labels(metric))}) ({_held(metric, selector)} / {past})"

    return value


def _doublings(selector: str) -> str:
    """Each change of the port's state doubles the score, as in Zino; the first makes it 2."""
    changes = f"changes({selected(c.INTERFACE_UP, selector)}[15m])"
    return f"max by ({', '.join(kept_labels(c.INTERFACE_UP))}) (2 ^ {changes})"


def _restarts(selector: str) -> str:
    uptime = selected(c.DEVICE_UPTIME, selector)
    return f"max by ({', '.join(DEVICE_BY)}) (resets({uptime}[1d]))"


def _dropped(selector: str) -> str:
    lost = f"increase({selected(c.AGENT_BUFFER_DROPPED, selector)}[1h])"
    return f"max by ({', '.join(AGENT_LABELS)}) ({lost})"


def _lateness(selector: str) -> str:
    """How late the latest check began."""
    return f"max by ({', '.join(AGENT_LABELS)}) ({selected(c.AGENT_CHECK_LATENESS, selector)})"


def _days_left(selector: str) -> str:
    until = _held(c.TLS_NOT_AFTER, selector)
    return f"(min by ({', '.join(DEVICE_BY)}) ({until}) - time()) / 86400"


def _clock(selector: str) -> str:
    return f"max by ({', '.join(DEVICE_BY)}) (abs({_held(c.HOST_CLOCK_OFFSET, selector)}))"


def _snmp_silent(selector: str) -> str:
    by = ", ".join(DEVICE_BY)
    snmp = selected(c.CHECK_UP, check("snmp"), selector)
    ping = selected(c.CHECK_UP, check("icmp"), selector)
    return f"(1 - max by ({by}) ({snmp}) and on ({by}) max by ({by}) ({ping}) == 1)"


def _shares(
    rule: str, limit: str, window: str, received: tuple[Metric, Metric], sent: tuple[Metric, Metric]
) -> tuple[Judged, ...]:
    """Both directions of the ports."""
    return tuple(
        Judged(
            rule,
            limit,
            "ratio",
            kept_labels(part),
            _share(part, whole, window),
            windowed=True,
            labels={"direction": direction},
        )
        for direction, (part, whole) in (("receive", received), ("transmit", sent))
    )


JUDGED: tuple[Judged, ...] = (
    Judged("loss", c.ICMP_LOSS_RATIO.name, "ratio", DEVICE_BY, _loss, windowed=True),
    _plain("latency", c.ICMP_RTT_MEDIAN),
    _plain("jitter", c.ICMP_JITTER),
    _least("path_grade", c.PATH_GRADE),
    _plain("call_loss", c.CONFERENCE_CALL_LOSS),
    _plain("call_jitter", c.CONFERENCE_CALL_JITTER),
    _plain("call_latency", c.CONFERENCE_CALL_LATENCY),
    *_shares(
        "interface_errors",
        "interface_errors_ratio",
        "5m",
        (c.INTERFACE_RECEIVE_ERRORS, c.INTERFACE_RECEIVE_PACKETS),
        (c.INTERFACE_TRANSMIT_ERRORS, c.INTERFACE_TRANSMIT_PACKETS),
    ),
    *_shares(
        "discards",
        "interface_discards_ratio",
        "15m",
        (c.INTERFACE_RECEIVE_DISCARDS, c.INTERFACE_RECEIVE_PACKETS),
        (c.INTERFACE_TRANSMIT_DISCARDS, c.INTERFACE_TRANSMIT_PACKETS),
    ),
    *(
        Judged(
            "saturation",
            "interface_use_ratio",
            "ratio",
            kept_labels(metric),
            _use(metric),
            labels={"direction": direction},
        )
        for direction, metric in (
            ("receive", c.INTERFACE_RECEIVE_BYTES),
            ("transmit", c.INTERFACE_TRANSMIT_BYTES),
        )
    ),
    Judged("flapping", "interface_flap_score", "", kept_labels(c.INTERFACE_UP), _doublings),
    Judged(
        "port_speed",
        "interface_speed_share",
        "ratio",
        kept_labels(c.INTERFACE_SPEED),
        _against_past(c.INTERFACE_SPEED),
    ),
    Judged(
        "port_duplex",
        "interface_duplex_share",
        "ratio",
        kept_labels(c.INTERFACE_FULL_DUPLEX),
        _against_past(c.INTERFACE_FULL_DUPLEX),
    ),
    _least("optical_power", c.OPTICAL_RECEIVE_POWER),
    _least("optical_transmit", c.OPTICAL_TRANSMIT_POWER),
    _least("cellular_registration", c.CELLULAR_REGISTERED),
    Judged(
        "cellular_generation",
        "cellular_generation_share",
        "ratio",
        kept_labels(c.CELLULAR_GENERATION),
        _against_past(c.CELLULAR_GENERATION),
    ),
    _least("cellular_signal", c.CELLULAR_RSRP),
    _least("cellular_quality", c.CELLULAR_RSRQ),
    _least("cellular_interference", c.CELLULAR_SINR),
    _plain("on_battery", c.POWER_ON_BATTERY),
    _least("battery_charge", c.BATTERY_CHARGE),
    _least("battery_runtime", c.BATTERY_RUNTIME),
    _plain("battery_temperature", c.BATTERY_TEMPERATURE),
    _plain("battery_replace", c.BATTERY_REPLACE_NEEDED),
    _plain("power_load", c.POWER_OUTPUT_LOAD),
    _least("rectifier", c.RECTIFIER_OK),
    _least("power_supply", c.DEVICE_POWER_SUPPLY_OK),
    _least("fan", c.DEVICE_FAN_OK),
    _plain("temperature", c.DEVICE_TEMPERATURE),
    Judged("reboot_loop", "device_restarts_per_day", "", DEVICE_BY, _restarts),
    _plain("cpu", c.DEVICE_CPU_UTILIZATION),
    _plain("memory", c.DEVICE_MEMORY_UTILIZATION),
    _plain("storage", c.DEVICE_STORAGE_UTILIZATION),
    Judged("snmp_silent", "snmp_silent", "", DEVICE_BY, _snmp_silent),
    _plain("snmp_slow", c.SNMP_RESPONSE),
    Judged("clock", c.HOST_CLOCK_OFFSET.name, "seconds", DEVICE_BY, _clock),
    _least("registration", c.CONFERENCE_REGISTERED),
    _least("peripheral", c.CONFERENCE_PERIPHERAL_OK),
    _least("wrong_content", c.HTTP_CONTENT_OK),
    _plain("slow_page", c.HTTP_RESPONSE),
    _least("wrong_name", c.DNS_ANSWER_OK),
    _plain("slow_name", c.DNS_RESPONSE),
    _plain("slow_connect", c.TCP_CONNECT),
    Judged("certificate", "tls_certificate_days_left", "days", DEVICE_BY, _days_left),
    _least("recording", c.CAMERA_RECORDING_OK),
    _least("printer_supply", c.PRINTER_SUPPLY),
    Judged("buffer_dropping", "agent_buffer_dropped", "", AGENT_LABELS, _dropped),
    Judged("checks_late", "agent_check_lateness", "seconds", AGENT_LABELS, _lateness),
)
"""Every limit except the two of silence, which `rules_alerting` writes by hand."""

A_DAY = 86400.0


def left_to_the_collector(name: str, limit: Limit) -> str:
    """Why a limit has no alert, or the empty string."""
    if name.endswith("_change"):
        return "needs what the device is used to, learnt without what was already wrong"
    if name.endswith("_beside_twins"):
        return "needs to know which devices are alike"
    if limit.for_seconds >= A_DAY:
        return (
            "a straight line through everything follows outliers; the collector's forecast does not"
        )
    return ""
