"""Recording rules: what people ask for again and again, worked out once and kept for long.

Every series loses `agent`, `job` and `instance`: whoever measured it, and whether it was scraped or
forwarded, it is one.
"""

from __future__ import annotations

from dashboards.rule import Group, Recording
from dashboards.rules_limits import DEVICE_BY, kept_labels
from telemetry import catalogue as c
from telemetry.catalogue import Metric

_DAY_SECONDS = 300


def _over(metric: Metric, how: str, window: str, aggregate: str = "max") -> str:
    """One value per thing measured, over a window."""
    return f"{aggregate} by ({', '.join(kept_labels(metric))}) ({how}_over_time({metric.name}[{window}]))"


def _one_hot(*by: str) -> str:
    """How many devices are in which state, per `by`."""
    own = ", ".join((*DEVICE_BY, "state"))
    return f"sum by ({', '.join((*by, 'state'))}) (max by ({own}) ({c.DEVICE_HEALTH.name}))"


def _bits(metric: Metric) -> str:
    return f"max by ({', '.join(kept_labels(metric))}) (8 * rate({metric.name}[5m]))"


def _sum_of(*metrics: Metric) -> str:
    return " + ".join(f"increase({metric.name}[5m])" for metric in metrics)


def _ready(condition: str) -> str:
    rooms = f"max by (site, device) ({c.CONFERENCE_ROOM_READY.name})"
    return f"count({rooms} {condition}) or vector(0)"


_PORT = ", ".join(kept_labels(c.INTERFACE_SPEED))
_BROKEN = _sum_of(c.INTERFACE_RECEIVE_ERRORS, c.INTERFACE_TRANSMIT_ERRORS)
_WHOLE = _sum_of(c.INTERFACE_RECEIVE_PACKETS, c.INTERFACE_TRANSMIT_PACKETS)
_LIGHT = _over(c.OPTICAL_RECEIVE_POWER, "avg", "1d", "min")
_LIGHT_BEFORE = f"min by ({_PORT}) (avg_over_time({c.OPTICAL_RECEIVE_POWER.name}[1d] offset 7d))"

NOW = Group(
    "ltmon-now",
    (
        Recording("district:device_health:count", _one_hot()),
        Recording("site:device_health:count", _one_hot("site")),
        Recording("class:device_health:count", _one_hot("class")),
        Recording("district:conference_room_ready:count", _ready("== 1"), {"verdict": "go"}),
        Recording("district:conference_room_ready:count", _ready("== 0.5"), {"verdict": "at_risk"}),
        Recording("district:conference_room_ready:count", _ready("== 0"), {"verdict": "no_go"}),
        Recording("device:icmp_loss_ratio:avg5m", _over(c.ICMP_LOSS_RATIO, "avg", "5m")),
        Recording("device:icmp_rtt_median_seconds:avg5m", _over(c.ICMP_RTT_MEDIAN, "avg", "5m")),
        Recording("interface:receive_bits:rate5m", _bits(c.INTERFACE_RECEIVE_BYTES)),
        Recording("interface:transmit_bits:rate5m", _bits(c.INTERFACE_TRANSMIT_BYTES)),
        Recording(
            "interface:utilization:ratio5m",
            f"max by ({_PORT}) ({_bits(c.INTERFACE_RECEIVE_BYTES)} or {_bits(c.INTERFACE_TRANSMIT_BYTES)})"
            f" / max by ({_PORT}) ({c.INTERFACE_SPEED.name} > 0)",
        ),
        Recording(
            "interface:errors:ratio5m",
            f"max by ({_PORT}) (({_BROKEN}) / ({_BROKEN} + {_WHOLE} > 0))",
        ),
    ),
)

LONG = Group(
    "ltmon-long",
    (
        Recording(
            "device:availability:ratio1d",
            f"sum by ({', '.join(DEVICE_BY)}) (max by ({', '.join((*DEVICE_BY, 'state'))}) "
            f'(avg_over_time({c.DEVICE_HEALTH.name}{{state=~"up|degraded"}}[1d])))',
        ),
        Recording("device:icmp_rtt_median_seconds:avg1d", _over(c.ICMP_RTT_MEDIAN, "avg", "1d")),
        Recording("device:snmp_response_seconds:avg1d", _over(c.SNMP_RESPONSE, "avg", "1d")),
        Recording("device:temperature_celsius:max1d", _over(c.DEVICE_TEMPERATURE, "max", "1d")),
        Recording(
            "device:battery_runtime_seconds:min1d", _over(c.BATTERY_RUNTIME, "min", "1d", "min")
        ),
        Recording("interface:optical_receive_power_dbm:avg1d", _LIGHT),
        Recording("interface:optical_receive_power_dbm:delta7d", f"{_LIGHT} - {_LIGHT_BEFORE}"),
    ),
    _DAY_SECONDS,
)


def groups() -> tuple[Group, ...]:
    """All recording rules: what changes by the minute, and what tells of ageing."""
    return (NOW, LONG)
