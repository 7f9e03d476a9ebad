"""Prometheus' own configuration: whom it scrapes, what it takes, where its alerts go."""

from __future__ import annotations

from typing import Any

from dashboards.rule import write_yaml
from telemetry.catalogue import CATALOGUE, Scope

LATE_WINDOW = "8d"
"""An agent keeps what it measured for 7 days while its line is cut; a day more for the way here."""

HTTP_SD_PATH = "/api/v1/agents/http_sd"
"""Where the collector lists the agents whose `/metrics` can be reached."""

RULE_FILES = ("recording.rules.yml", "watch.rules.yml")
JUDGING = "alerting.rules.yml"
"""What the collector judges better where it forwards; alone, Prometheus needs it."""

_COMMENT = "Written by: python -m dashboards generate. Changes here are lost; put them into a copy."
_PUSHED = f"""{_COMMENT}
The collector writes all samples and its verdicts into this Prometheus (`forward:` in its config):
start it with --web.enable-remote-write-receiver. What is scraped besides is how the programs
themselves do; what arrives by the other way anyway is dropped. The collector judges: to have
Prometheus judge as well, add {JUDGING} to rule_files."""
_PULLED = f"""{_COMMENT}
For a network in which Prometheus reaches the agents (`listen:` in agent.yaml). Agents are found by
HTTP from the collector, or by files agents/*.json of the same form. What an office measures while
its line is cut is missing here; only forwarding brings that."""


def pushed(collector: str, alertmanager: str) -> str:
    """For a Prometheus to which the collector forwards everything, named by host and port."""
    measured = [m.name for m in CATALOGUE.values() if m.scope is not Scope.COLLECTOR]
    families = "|".join(dict.fromkeys(name.partition("_")[0] for name in measured))
    verdicts = "|".join(
        m.name
        for m in CATALOGUE.values()
        if m.scope is Scope.COLLECTOR and not m.name.startswith("ltmon_")
    )
    document = {
        **_common(alertmanager, *RULE_FILES),
        "storage": {"tsdb": {"out_of_order_time_window": LATE_WINDOW}},
        "scrape_configs": [
            _own("prometheus", "localhost:9090"),
            _own("alertmanager", alertmanager),
            {**_own("ltmon-collector", collector), **_without(verdicts)},
            {**_agents(collector), **_without(f"({families})_.+")},
        ],
    }
    return write_yaml(document, _PUSHED)


def pulled(collector: str, alertmanager: str) -> str:
    """For a Prometheus that nobody writes to: it asks every agent that it can reach."""
    agents = _agents(collector)
    agents["file_sd_configs"] = [{"files": ["agents/*.json"], "refresh_interval": "1m"}]
    document = {
        **_common(alertmanager, *RULE_FILES, JUDGING),
        "scrape_configs": [
            _own("prometheus", "localhost:9090"),
            _own("alertmanager", alertmanager),
            _own("ltmon-collector", collector),
            agents,
        ],
    }
    return write_yaml(document, _PULLED)


def _common(alertmanager: str, *rule_files: str) -> dict[str, Any]:
    targets = [{"targets": [alertmanager]}]
    return {
        "global": {"scrape_interval": "30s", "evaluation_interval": "30s"},
        "rule_files": list(rule_files),
        "alerting": {"alertmanagers": [{"static_configs": targets}]},
    }


def _own(job: str, target: str) -> dict[str, Any]:
    return {"job_name": job, "static_configs": [{"targets": [target]}]}


def _agents(collector: str) -> dict[str, Any]:
    """Each agent under its own name; `site` and `agent` are on its samples already."""
    found = {"url": f"http://{collector}{HTTP_SD_PATH}", "refresh_interval": "1m"}
    named = {"source_labels": ["__meta_ltmon_agent"], "regex": "(.+)", "target_label": "instance"}
    return {"job_name": "ltmon-agents", "http_sd_configs": [found], "relabel_configs": [named]}


def _without(names: str) -> dict[str, Any]:
    rule = {"source_labels": ["__name__"], "regex": names, "action": "drop"}
    return {"metric_relabel_configs": [rule]}
