"""A real Prometheus with the generated configuration beside a whole collector."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import yaml

from dashboards.generate import GENERATED
from tests.collector.fakes import Clock, collector_running, config_in, wait_for
from tests.programs import free_port, prometheus


def test_agents_are_found_by_http(tmp_path: Path) -> None:
    """The collector names the agents, Prometheus scrapes each under its own name."""
    config = config_in(tmp_path, "")
    with collector_running(config, Clock(time.time() - 600.0)) as running:
        answer = running.http.get("/api/v1/agents/http_sd")
        assert (answer.status_code, answer.json()) == (200, [])
        assert answer.headers["content-type"] == "application/json"
    port = free_port()
    config = config_in(tmp_path, f"scrape: {{bac-binh: '127.0.0.1:{port}'}}")
    with collector_running(config, Clock(time.time() - 600.0)) as running:
        answer = running.http.get("/api/v1/agents/http_sd")
        assert answer.json() == [
            {"targets": [f"127.0.0.1:{port}"], "labels": {"__meta_ltmon_agent": "bac-binh"}}
        ]
        running.measure(2)
        with prometheus(tmp_path, generated(running.url), port=0) as store:

            def targets() -> list[dict[str, Any]]:
                found: list[dict[str, Any]] = store.get("/api/v1/targets").json()["data"][
                    "activeTargets"
                ]
                return found

            wait_for(lambda: any(t["labels"]["job"] == "ltmon-agents" for t in targets()))
            (agent,) = [t for t in targets() if t["labels"]["job"] == "ltmon-agents"]
            assert agent["labels"]["instance"] == "bac-binh"
            assert agent["scrapeUrl"] == f"http://127.0.0.1:{port}/metrics"

            def value(query: str) -> list[Any]:
                found: list[Any] = store.get("/api/v1/query", query=query).json()["data"]["result"]
                return found

            wait_for(lambda: bool(value('up{job="ltmon-collector"} == 1')))
            assert value('ltmon_watchdog_timestamp_seconds{job="ltmon-collector"}')
            assert value("device_health") == []  # that arrives by forwarding, once


def generated(collector: str) -> str:
    """The generated configuration, pointed at this collector; quick, and without rules."""
    text = (GENERATED / "prometheus" / "prometheus.yml").read_text()
    document = yaml.safe_load(text.replace("127.0.0.1:8080", collector.removeprefix("http://")))
    document["global"] = {"scrape_interval": "1s"}
    del document["rule_files"]
    for job in document["scrape_configs"]:
        for discovery in job.get("http_sd_configs", ()):
            discovery["refresh_interval"] = "1s"
    return yaml.safe_dump(document)
