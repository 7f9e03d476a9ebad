"""Alerting rules, for those who let Prometheus judge instead of the collector, or beside it.

They know neither the topology nor planned work, and what happened while an office was cut off is
judged by Prometheus' clock, too late; the collector knows better. Alertmanager's inhibitions make up
for some of it. Names and labels are those of the collector's own alerts (`source` tells them apart).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dashboards.finding_words import headline_of
from dashboards.rule import Alerting, Group, alert_name
from dashboards.rules_limits import DEVICE_BY, JUDGED, SLOW_WINDOW, Judged, check, selected
from dashboards.rules_unproven import believed
from inventory.check import DEFAULT_CHECKS
from inventory.device_class import DeviceClass
from inventory.expectation import CLASS_LIMITS, DEFAULT_LIMITS
from inventory.limit import Limit
from telemetry import catalogue as c

LESSER = (DeviceClass.PRINTER, DeviceClass.WORKSTATION, DeviceClass.CAMERA)
"""The death of one of these is a warning, of anything else critical."""

ABOUT_THE_SITE = frozenset({"on_battery", "site_unreachable"})
"""What one device tells of its whole site."""

SITE_UNREACHABLE = "LtmonSiteUnreachable"


def groups() -> tuple[Group, ...]:
    """What the collector judges, as far as Prometheus can."""
    return (
        Group("ltmon-silence", (*_reachability(), *_silent_agents(), *_rooms())),
        *(
            Group(f"ltmon-{rule.replace('_', '-')}", tuple(_conditions(rule)))
            for rule in dict.fromkeys(judged.rule for judged in JUDGED)
        ),
    )


def _conditions(rule: str) -> Iterator[Alerting]:
    """The alerts of one rule, one per severity (and direction)."""
    for judged in (judged for judged in JUDGED if judged.rule == rule):
        limits = dict(_limits_of(judged))
        (lasting,) = {limit.for_seconds for limit in limits.values()}
        for severity, level in (("warning", "degraded"), ("critical", "critical")):
            leveled = {k: limit for k, limit in limits.items() if getattr(limit, level) is not None}
            if leveled:
                yield Alerting(
                    alert_name(rule),
                    believed(
                        " or ".join(_beyond(judged, who, leveled[who], level) for who in leveled)
                    ),
                    0.0 if judged.windowed else lasting,
                    {**_labels(rule, severity, judged.by), **judged.labels},
                    _annotations(rule, judged.by, _measured(judged, leveled, level)),
                )


def _limits_of(judged: Judged) -> Iterator[tuple[str, Limit]]:
    """The limits that hold, by the class that has its own; the last, under no class, for the others."""
    for class_, limits in sorted(CLASS_LIMITS.items()):
        if judged.limit in limits:
            yield class_.value, limits[judged.limit]
    yield "", DEFAULT_LIMITS[judged.limit]


def _selector(judged: Judged, class_: str) -> str:
    own = "|".join(name for name, _ in _limits_of(judged) if name)
    if class_:
        return f'class="{class_}"'
    return f'class!~"{own}"' if own else ""


def _beyond(judged: Judged, class_: str, limit: Limit, level: str) -> str:
    """What is beyond the limit. A warning that fires goes on until the value is clearly better, as
    the collector's does.
    """
    value = judged.value(_selector(judged, class_))
    bad, not_clear = (">=", ">") if limit.direction == "above" else ("<=", "<")
    beyond = f"{value} {bad} {getattr(limit, level):g}"
    if level != "degraded" or limit.clear is None:
        return beyond
    labels = {"alertname": alert_name(judged.rule), "alertstate": "firing", "severity": "warning"}
    firing = ",".join(f'{n}="{v}"' for n, v in {**labels, **judged.labels}.items())
    by = ", ".join(judged.by)
    return f"{beyond} or ({value} {not_clear} {limit.clear:g} and on ({by}) ALERTS{{{firing}}})"


def _reachability() -> Iterator[Alerting]:
    """Who does not answer: devices by ping, services by their own checks, whole sites."""
    misses = int(DEFAULT_LIMITS["reachability"].critical or 1)
    between = max(checks["icmp"].interval for checks in DEFAULT_CHECKS.values())
    lesser = "|".join(LESSER)
    by = ", ".join(DEVICE_BY)
    asked = selected(c.CHECK_UP, check("http", "tcp", "dns"), 'class="service"')
    services = f"max by ({by}) (last_over_time({asked}[{SLOW_WINDOW}])) == 0"
    for severity, selector, also in (
        ("warning", f'class=~"{lesser}"', ""),
        ("critical", f'class!~"{lesser}|service"', f" or {services}"),
    ):
        ping = selected(c.CHECK_UP, check("icmp"), selector)
        yield Alerting(
            alert_name("reachability"),
            f"max by ({by}) ({ping}) == 0{also}",
            (misses - 1) * between,
            _labels("reachability", severity, DEVICE_BY),
            _annotations("reachability", DEVICE_BY, ("Không có trả lời.", "Nothing answers.")),
        )
    ping = selected(c.CHECK_UP, check("icmp"), 'class!="service"')
    yield Alerting(
        SITE_UNREACHABLE,
        f"max by (site) ({ping}) == 0 and count by (site) (group by (site, device) ({ping})) >= 2",
        (misses - 1) * between,
        _labels("site_unreachable", "critical", ()),
        {
            "summary": "{{ $labels.site }}: không thiết bị nào trả lời",
            "summary_en": "{{ $labels.site }}: none of its devices answers",
        },
    )


def _silent_agents() -> Iterator[Alerting]:
    silent = DEFAULT_LIMITS["agent_silent"].for_seconds
    heard = f"max by (agent) ({c.AGENT_WATERMARK.name})"
    yield Alerting(
        alert_name("agent_silent"),
        f"time() - {heard} >= {silent:g}",
        0.0,
        _labels("agent_silent", "critical", ("agent",)),
        _annotations(
            "agent_silent",
            ("agent",),
            (
                "Đã {{ $value | humanizeDuration }} không có số liệu.",
                "Nothing for {{ $value | humanizeDuration }}.",
            ),
        ),
    )


def _rooms() -> Iterator[Alerting]:
    yield Alerting(
        "LtmonRoomNotReady",
        f"max by (site, device) ({c.CONFERENCE_ROOM_READY.name}) == 0",
        120.0,
        _labels("room_not_ready", "critical", ("site", "device")),
        {
            "summary": "Phòng họp {{ $labels.device }} không sẵn sàng",
            "summary_en": "The meeting room {{ $labels.device }} is not ready",
        },
    )


def _labels(rule: str, severity: str, by: tuple[str, ...]) -> dict[str, str]:
    """cause: as the collector names it, as far as that can be told without the topology."""
    kind = "device" if "device" in by else "agent"
    if rule in ABOUT_THE_SITE:
        kind = "site"
    return {
        "severity": severity,
        "source": "prometheus",
        "rule": rule,
        "cause": f"{kind}:{{{{ $labels.{kind} }}}}",
    }


def _annotations(rule: str, by: tuple[str, ...], said: tuple[str, str]) -> Mapping[str, str]:
    """The headline, and what was measured at which part of the device."""
    name = "{{ $labels.device }}" if "device" in by else "{{ $labels.agent }}"
    headline = headline_of(rule)
    vietnamese, english = (
        words.format(name=name, site="{{ $labels.site }}") for words in (headline.vi, headline.en)
    )
    parts = [label for label in by if label not in (*DEVICE_BY, "agent")]
    where = "".join(f" {label}={{{{ $labels.{label} }}}}" for label in parts)
    return {
        "summary": vietnamese,
        "description": f"{said[0]}{where}",
        "summary_en": english,
        "description_en": f"{said[1]}{where}",
    }


_WRITTEN = {
    "ratio": "{{ $value | humanizePercentage }}",
    "seconds": "{{ $value | humanizeDuration }}",
    "celsius": '{{ $value | printf "%.1f" }} °C',
    "dbm": '{{ $value | printf "%.1f" }} dBm',
    "db": '{{ $value | printf "%.1f" }} dB',
}


def _measured(judged: Judged, limits: Mapping[str, Limit], level: str) -> tuple[str, str]:
    """What was measured, and every limit with the class that it is for."""
    value = _WRITTEN.get(judged.unit, '{{ $value | printf "%.4g" }}')
    told = [
        f"{getattr(limit, level):g}" + (f" ({class_})" if class_ else "")
        for class_, limit in reversed(list(limits.items()))
    ]
    text = ", ".join(told)
    return f"Đo được {value}, ngưỡng {text}.", f"Measured {value}, limit {text}."
