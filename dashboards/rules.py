"""Everything for Prometheus and Alertmanager that is written by code: rules and configurations."""

from __future__ import annotations

from dashboards import rules_alerting, rules_recording, rules_watch
from dashboards.alertmanager_config import alertmanager
from dashboards.prometheus_config import pulled, pushed
from dashboards.rule import rule_file

_COMMENT = "Written by: python -m dashboards generate. Changes here are lost."


def files() -> dict[str, str]:
    """The text of each file, by its path below `dashboards/generated/`."""
    return {
        "prometheus/prometheus.yml": pushed("127.0.0.1:8080", "127.0.0.1:9093"),
        "prometheus/prometheus-compose.yml": pushed("collector:8080", "alertmanager:9093"),
        "prometheus/prometheus-pull.yml": pulled("127.0.0.1:8080", "127.0.0.1:9093"),
        "prometheus/recording.rules.yml": rule_file(rules_recording.groups(), _COMMENT),
        "prometheus/watch.rules.yml": rule_file(rules_watch.groups(), _COMMENT),
        "prometheus/alerting.rules.yml": rule_file(rules_alerting.groups(), _COMMENT),
        "alertmanager/alertmanager.yml": alertmanager(),
    }
