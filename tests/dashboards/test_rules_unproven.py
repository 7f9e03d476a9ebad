"""What no real device has proven does not alarm at Prometheus either."""

from __future__ import annotations

import json
from pathlib import Path

from dashboards import rules_alerting
from dashboards.rule import rule_file
from dashboards.rules_unproven import believed
from inventory.profile import ever_unproven, unproven
from telemetry import catalogue as c
from tests.dashboards.test_rules import said_by, written

DOUBTING, SURE = "sierra-airlink", "teltonika"


def test_nothing_is_added_where_nobody_doubts() -> None:
    """The expression stays as it is."""
    expression = f"max by (device) ({c.ICMP_LOSS_RATIO.name}) > 0.5"
    assert c.ICMP_LOSS_RATIO.name not in ever_unproven()
    assert believed(expression) == expression


def test_a_doubted_signal_is_silent(tmp_path: Path) -> None:
    """The same bad signal at three stations: the doubting profile's is silent, also for a while after the
    station has last said what it is; a known one's and an unknown one's fire.
    """
    assert c.CELLULAR_RSRP.name in unproven(DOUBTING) - unproven(SURE)
    series = []
    for device, profile in (("doubted", DOUBTING), ("sure", SURE), ("unknown", "")):
        labels = {"site": "hill", "device": device, "class": "cell_station", "agent": "centre"}
        signal = {"__name__": c.CELLULAR_RSRP.name, **labels, "modem": "1"}
        series.append({"series": written(signal), "values": "-130x120"})
        if profile:
            info = {"__name__": c.DEVICE_INFO.name, **labels, "profile": profile}
            series.append({"series": written(info), "values": "1 _x9 1 _x9 1 _x9 1 _x90"})
    alert = 'ALERTS{alertname="LtmonCellularSignal",alertstate="firing",severity="critical"}'
    fired = [{"labels": f'{{device="{name}"}}', "value": 1} for name in ("sure", "unknown")]
    asked = {"expr": f"count by (device) ({alert})", "eval_time": "40m", "exp_samples": fired}
    rules = tmp_path / "alerting.rules.yml"
    rules.write_text(rule_file(rules_alerting.groups(), "For a trial."))
    story = {"interval": "60s", "input_series": series, "promql_expr_test": [asked]}
    document = {"rule_files": [str(rules)], "evaluation_interval": "60s", "tests": [story]}
    (tmp_path / "story.test.yml").write_text(json.dumps(document))
    assert "SUCCESS" in said_by("promtool", "test", "rules", tmp_path / "story.test.yml")
