"""Rules and configurations: accepted by the programs they are for, true in stories told to them."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from collector.rules import RULES
from collector.words import Speaker
from dashboards import rules_alerting, rules_recording, rules_watch
from dashboards.finding_words import FINDINGS
from dashboards.generate import GENERATED
from dashboards.language import Text
from dashboards.rule import alert_name, rule_file
from dashboards.rules_limits import JUDGED, left_to_the_collector
from inventory.expectation import CLASS_LIMITS, DEFAULT_LIMITS
from telemetry.catalogue import CATALOGUE
from tests.dashboards.rule_cases import SLOWLY_HEALED, STEP, Case, cases

PROMETHEUS = GENERATED / "prometheus"
CONFIGS = {"prometheus.yml": 2, "prometheus-compose.yml": 2, "prometheus-pull.yml": 3}
"""With so many rule files."""
OWN_LIMITS = {"reachability", "agent_silent"}
GROUPS = {g.name: g for g in (*rules_watch.groups(), *rules_alerting.groups())}


def said_by(*command: str | Path) -> str:
    """What a program prints; it must be content."""
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize("config", CONFIGS)
def test_promtool_takes_the_configuration(config: str) -> None:
    """With the rules that it names."""
    said = said_by("promtool", "check", "config", PROMETHEUS / config)
    assert "is valid prometheus config file syntax" in said
    assert f"{CONFIGS[config]} rule files found" in said
    assert "FAILED" not in said


def test_amtool_takes_the_configuration() -> None:
    """Routes, receivers and inhibitions."""
    said = said_by("amtool", "check-config", GENERATED / "alertmanager" / "alertmanager.yml")
    assert "3 receivers" in said


def test_causes_are_routed_as_promised() -> None:
    """Everything to the lead, the watchdog to the watchdog, what is only information to nobody."""
    config = GENERATED / "alertmanager" / "alertmanager.yml"
    for labels, receiver in (
        (["alertname=LtmonLoss", "severity=warning"], "lead"),
        (["alertname=LtmonWatchdog", "severity=none"], "watchdog"),
        (["alertname=LtmonLoss", "severity=info"], "nobody"),
    ):
        said = said_by("amtool", "config", "routes", "test", "--config.file", config, *labels)
        assert said.startswith(receiver)


def test_every_limit_has_its_alert() -> None:
    """Each limit is judged, or it is written down why not; the collector's rule goes by that name."""
    judged = {judged.limit for judged in JUDGED}
    left = {name for name, limit in DEFAULT_LIMITS.items() if left_to_the_collector(name, limit)}
    assert judged | left | OWN_LIMITS == set(DEFAULT_LIMITS)
    assert not judged & left
    in_classes = {name for limits in CLASS_LIMITS.values() for name in limits}
    assert in_classes <= set(DEFAULT_LIMITS)
    names = {rule.limit: rule.name for rule in RULES}
    assert {judged.limit: judged.rule for judged in JUDGED} == {
        limit: name for limit, name in names.items() if limit in judged
    }


def test_alerts_say_what_the_collector_says() -> None:
    """Whoever changes a rule's words changes the alert's."""
    speaker, place = Speaker(), {"name": "{name}", "site": "{site}"}
    said = {rule.limit: rule.headline for rule in RULES}
    for judged in JUDGED:
        words = said[judged.limit]
        told = Text(*(speaker.text(words, language, place) for language in ("vi", "en")))
        assert FINDINGS[judged.rule].headline == told


def test_only_names_of_the_catalogue() -> None:
    """Whatever looks like one of our metrics is one."""
    families = {name.partition("_")[0] for name in CATALOGUE}
    for group in (*GROUPS.values(), *rules_recording.groups()):
        for rule in group.rules:
            bare = re.sub(r'\{[^}]*\}|"[^"]*"|by \([^)]*\)|on \([^)]*\)', "", rule.expression)
            words = set(re.findall(r"[a-z_]+_[a-z0-9_]+", bare))
            ours = {word for word in words if word.partition("_")[0] in families}
            assert ours <= set(CATALOGUE), (group.name, ours - set(CATALOGUE))


def alerts_at(at: float, case: Case, severities: tuple[str, ...]) -> dict[str, Any]:
    """What fires at a moment, as promtool is asked."""
    whose = f',cause="{case.cause}"'
    direction = f',direction="{case.direction}"' if case.direction else ""
    firing = f'ALERTS{{alertname="{alert_name(case.rule)}",alertstate="firing"{whose}{direction}}}'
    samples = [{"labels": f'{{severity="{name}"}}', "value": 1} for name in severities]
    return {
        "expr": f"count by (severity) ({firing})",
        "eval_time": f"{at:g}s",
        "exp_samples": samples,
    }


def trial(told: Sequence[Case], rules: Path) -> str:
    """Well: nothing fires. Ill: each level that it is beyond. Well again: nothing."""
    asked = []
    for case in told:
        well, ill, healed = (sum(case.steps[: n + 1]) * STEP - STEP for n in range(3))
        asked += [
            alerts_at(well, case, ()),
            alerts_at(ill, case, case.severities),
            alerts_at(healed, case, ()),
        ]
    series = [
        {"series": written(labels), "values": " ".join(f"{v:g}" for v in values)}
        for case in told
        for labels, values in case.series()
    ]
    one = {"interval": f"{STEP}s", "input_series": series, "promql_expr_test": asked}
    document = {
        "rule_files": [str(rules)],
        "evaluation_interval": f"{STEP}s",
        "tests": [one],
    }
    return json.dumps(document)


def written(labels: dict[str, str]) -> str:
    """A series as PromQL writes it."""
    inner = ",".join(f'{n}="{v}"' for n, v in labels.items() if n != "__name__")
    return f"{labels['__name__']}{{{inner}}}"


def test_every_alert_fires_and_resolves(tmp_path: Path) -> None:
    """Each alert, with its default limit and with that of each class: not before, while, not after."""
    told = [case for case in cases() if case.rule not in SLOWLY_HEALED]
    slow = [case for case in cases() if case.rule in SLOWLY_HEALED]
    assert len(told) > 50
    for name, some in (("all", told), ("slow", slow)):
        rules = tmp_path / f"{name}.rules.yml"
        groups = dict.fromkeys(f"ltmon-{case.rule.replace('_', '-')}" for case in some)
        at_each_step = [replace(GROUPS[group], interval_seconds=STEP) for group in groups]
        rules.write_text(rule_file(at_each_step, "For a trial."))
        (tmp_path / f"{name}.test.yml").write_text(trial(some, rules))
    said = said_by("promtool", "test", "rules", *sorted(tmp_path.glob("*.test.yml")))
    assert said.count("SUCCESS") == 2


def test_stories_of_silence(tmp_path: Path) -> None:
    """Who does not answer, whole sites, agents, the collector itself, and what always fires."""
    rules = tmp_path / "silence.rules.yml"
    told = ("ltmon-watch", "ltmon-silence", "ltmon-temperature")
    rules.write_text(rule_file([GROUPS[name] for name in told], "For a trial."))
    document = yaml.safe_load((Path(__file__).parent / "silence.test.yml").read_text())
    document["rule_files"] = [str(rules)]
    (tmp_path / "silence.test.yml").write_text(yaml.safe_dump(document, allow_unicode=True))
    assert "SUCCESS" in said_by("promtool", "test", "rules", tmp_path / "silence.test.yml")
