"""Alertmanager's configuration: one message per cause, and what explains something else mutes it.

The collector's alerts (`source="collector"`) are correlated already; the inhibitions are for those
that Prometheus judges, and keep the two from telling the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dashboards.rule import alert_name, write_yaml
from dashboards.rules_alerting import SITE_UNREACHABLE
from dashboards.rules_watch import COLLECTOR_DEAD, WATCHDOG
from inventory.device_class import DeviceClass
from telemetry.catalogue import CATALOGUE

LINES = (DeviceClass.FIBER_ONU, DeviceClass.MEDIA_CONVERTER)
BEHIND = (DeviceClass.ROUTER, DeviceClass.FIREWALL)
DOORS = (*LINES, *BEHIND, DeviceClass.LTE_CPE)
"""Who stands between an office and the rest, as far as a class can tell; LINES before BEHIND."""

_COMMENT = """Written by: python -m dashboards generate. Copy it, put in your own mail server and addresses,
and test it: amtool check-config alertmanager.yml"""


def alertmanager() -> str:
    """The configuration file."""
    document = {
        "global": {
            "resolve_timeout": "5m",
            "smtp_smarthost": "mail.lap-thach.example:587",
            "smtp_from": "giamsat@lap-thach.example",
            "smtp_auth_username": "giamsat",
            "smtp_auth_password_file": "/etc/ltmon/mail-password",
        },
        "route": _routes(),
        "inhibit_rules": _inhibitions(),
        "receivers": [
            {"name": "lead", "email_configs": [_mail("lead@lap-thach.example")]},
            {
                "name": "watchdog",
                "webhook_configs": [
                    {"url": "https://watchdog.example/ping", "send_resolved": False}
                ],
            },
            {"name": "nobody"},
        ],
    }
    return write_yaml(document, _COMMENT)


def _routes() -> dict[str, Any]:
    """By cause: everything that one fault brings is one message."""
    return {
        "receiver": "lead",
        "group_by": ["cause"],
        "group_wait": "30s",
        "group_interval": "5m",
        "repeat_interval": "12h",
        "routes": [
            {
                "matchers": [f'alertname="{WATCHDOG}"'],
                "receiver": "watchdog",
                "group_wait": "0s",
                "group_interval": "1m",
                "repeat_interval": "1m",
            },
            {"matchers": ['severity="info"'], "receiver": "nobody"},
        ],
    }


def _inhibitions() -> list[dict[str, Any]]:
    by_prometheus = 'source="prometheus"'
    doors, lines, behind = ("|".join(classes) for classes in (DOORS, LINES, BEHIND))
    reachability = alert_name("reachability")
    return [
        _mutes(['source="collector"', 'cause=~"site:.+"'], [by_prometheus], "site"),
        _mutes(['source="collector"', 'device!=""'], [by_prometheus, 'device!=""'], "device"),
        _mutes(
            [f'alertname="{SITE_UNREACHABLE}"'],
            [by_prometheus, f'alertname!="{SITE_UNREACHABLE}"', 'site!=""'],
            "site",
        ),
        _mutes(
            [f'alertname="{reachability}"', f'class=~"{doors}"'],
            [by_prometheus, f'class!~"{doors}"', 'site!=""'],
            "site",
        ),
        _mutes(
            [f'alertname="{reachability}"', f'class=~"{lines}"'],
            [f'alertname="{reachability}"', by_prometheus, f'class=~"{behind}"'],
            "site",
        ),
        _mutes(
            [f'alertname="{reachability}"'],
            [by_prometheus, f'alertname!="{reachability}"', 'device!=""'],
            "device",
        ),
        _mutes(['severity="critical"'], ['severity="warning"'], *_identity()),
        _mutes([f'alertname="{COLLECTOR_DEAD}"'], [f'alertname="{alert_name("agent_silent")}"']),
    ]


def _identity() -> Sequence[str]:
    """What makes two alerts speak of the same thing; what neither has is the same, too."""
    parts = {label for metric in CATALOGUE.values() for label in metric.labels}
    kept = sorted(parts - {"severity", "state", "rule", "outcome", "reason", "check"})
    return list(dict.fromkeys(("alertname", "incident", "site", "device", "agent", *kept)))


def _mutes(source: list[str], target: list[str], *equal: str) -> dict[str, Any]:
    same = {"equal": list(equal)} if equal else {}
    return {"source_matchers": source, "target_matchers": target, **same}


def _mail(to: str) -> dict[str, Any]:
    """What is wrong, why, and what to do first; Vietnamese, then English."""
    lines = "".join(
        f"{{{{ with .Annotations.{name} }}}}{{{{ . }}}}\n{{{{ end }}}}"
        for name in (
            "summary",
            "description",
            "advice",
            "summary_en",
            "description_en",
            "advice_en",
            "link",
        )
    )
    text = '{{ range .Alerts }}{{ if eq .Status "resolved" }}✓ {{ end }}' + lines + "\n{{ end }}"
    subject = '{{ if eq .Status "resolved" }}Đã xong: {{ end }}{{ (index .Alerts 0).Annotations.summary }}'
    return {
        "to": to,
        "send_resolved": True,
        "headers": {"Subject": subject},
        "html": "",
        "text": text,
    }
