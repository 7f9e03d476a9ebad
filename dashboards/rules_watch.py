"""Alerting rules about the monitoring itself: whoever judges, these belong into Prometheus."""

from __future__ import annotations

from collections.abc import Iterator

from dashboards.rule import Alerting, Group
from dashboards.rules_limits import selected
from telemetry import catalogue as c

DEAD_COLLECTOR_SECONDS = 120
FAR_BEHIND_ENTRIES = 1000

WATCHDOG = "LtmonWatchdog"
COLLECTOR_DEAD = "LtmonCollectorDead"


def groups() -> tuple[Group, ...]:
    """Whether judging, keeping and telling go on at all."""
    return (Group("ltmon-watch", tuple(_watch())),)


def _watch() -> Iterator[Alerting]:
    yield Alerting(
        WATCHDOG,
        "vector(1)",
        0.0,
        {"severity": "none", "source": "prometheus", "cause": "watchdog"},
        {
            "summary": "Luôn luôn báo: khi tin này dừng lại thì việc cảnh báo đã hỏng",
            "summary_en": "Always fires: when it stops, alerting itself is broken",
        },
    )
    turned = f"max({c.LTMON_WATCHDOG.name})"
    yield Alerting(
        COLLECTOR_DEAD,
        f"time() - {turned} > {DEAD_COLLECTOR_SECONDS} or absent({c.LTMON_WATCHDOG.name})",
        60.0,
        {"severity": "critical", "source": "prometheus", "cause": "collector"},
        {
            "summary": "Trung tâm giám sát đã ngừng hoạt động",
            "summary_en": "The collector no longer judges",
        },
    )
    yield Alerting(
        "LtmonStoreBehind",
        f"max by (store) ({c.LTMON_FORWARD_PENDING.name}) > {FAR_BEHIND_ENTRIES}",
        900.0,
        {"severity": "warning", "source": "prometheus", "cause": "store:{{ $labels.store }}"},
        {
            "summary": "Kho số liệu {{ $labels.store }} không nhận kịp",
            "summary_en": "The store {{ $labels.store }} does not keep up",
        },
    )
    refused = selected(c.LTMON_FORWARD_FAILURES, 'reason="refused"')
    yield Alerting(
        "LtmonStoreRefuses",
        f"max by (store) (increase({refused}[1h])) > 0",
        0.0,
        {"severity": "warning", "source": "prometheus", "cause": "store:{{ $labels.store }}"},
        {
            "summary": "Kho số liệu {{ $labels.store }} từ chối hẳn một phần số liệu",
            "summary_en": "The store {{ $labels.store }} refuses some samples for good",
        },
    )
    # `none` is a person without any channel that is configured: Alertmanager may tell them instead.
    failed = selected(c.LTMON_NOTIFICATIONS, 'channel!="none"', 'outcome=~"failed_.+|given_up.*"')
    yield Alerting(
        "LtmonMessagesFail",
        f"sum by (channel) (increase({failed}[1h])) > 0",
        900.0,
        {"severity": "warning", "source": "prometheus", "cause": "channel:{{ $labels.channel }}"},
        {
            "summary": "Không gửi được tin nhắn qua {{ $labels.channel }}",
            "summary_en": "Messages by {{ $labels.channel }} do not get through",
        },
    )
