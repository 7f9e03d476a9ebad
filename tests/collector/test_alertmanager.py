"""A real Alertmanager with the generated configuration: receives, groups by cause, mutes, resolves."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from dashboards.generate import GENERATED
from tests.collector.fakes import IMAGE, Clock, Running, collector_running, config_in, wait_for
from tests.programs import Program, alertmanager

GONE = {"switch", "room", "pc"}


class Receiver:
    """A webhook that keeps what Alertmanager tells it."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        self.url = ""

    def groups(self, status: str, **labels: str) -> list[dict[str, Any]]:
        """The notifications of this status whose group has these labels."""
        return [
            told
            for told in self.told
            if told["status"] == status and labels.items() <= told["groupLabels"].items()
        ]


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    """Listens on loopback."""
    found = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            found.told.append(json.loads(self.rfile.read(length)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_port}/"
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


def generated(receiver: Receiver) -> str:
    """The generated configuration; only who is told and how long is waited are the test's."""
    document = yaml.safe_load((GENERATED / "alertmanager" / "alertmanager.yml").read_text())
    for one in document["receivers"]:
        if one.pop("email_configs", None):
            one["webhook_configs"] = [{"url": receiver.url}]
    document["route"] |= {"group_wait": "100ms", "group_interval": "100ms"}
    return yaml.safe_dump(document)


@pytest.fixture(scope="module")
def manager(tmp_path_factory: pytest.TempPathFactory, receiver: Receiver) -> Iterator[Program]:
    """An Alertmanager for the tests that do not restart it."""
    with alertmanager(tmp_path_factory.mktemp("alertmanager"), generated(receiver)) as running:
        yield running


@contextmanager
def reporting(folder: Path, manager: str, clock: Clock) -> Iterator[Running]:
    """A collector that reports to this Alertmanager."""
    config = config_in(folder, f"channels: {{alertmanager: {{url: '{manager}'}}}}")
    with collector_running(config, clock) as running:
        yield running


def alerts(manager: Program, *filters: str) -> list[dict[str, Any]]:
    """The alerts that it holds."""
    query = [("filter", text) for text in filters]
    found: list[dict[str, Any]] = httpx.get(f"{manager.url}/api/v2/alerts", params=query).json()
    return found


def test_an_incident_from_its_start_to_its_end(
    tmp_path: Path, manager: Program, receiver: Receiver
) -> None:
    """One fault with three silent devices is one group and one message; its end is told too."""
    clock = Clock(time.time() - 1800.0)
    with reporting(tmp_path, manager.url, clock) as running:
        running.measure(4)
        running.measure(6, gone=GONE)
        wait_for(lambda: bool(receiver.groups("firing", cause="device:switch")))
        (group,) = [
            group
            for group in manager.get("/api/v2/alerts/groups").json()
            if group["labels"] == {"cause": "device:switch"}
        ]
        (alert,) = group["alerts"]
        assert alert["labels"]["alertname"] == "LtmonReachability"
        assert alert["labels"]["severity"] == "critical"
        assert (alert["labels"]["site"], alert["labels"]["device"]) == ("bac-binh", "switch")
        assert alert["annotations"]["summary"] == f"{IMAGE} không trả lời"
        assert alert["annotations"]["summary_en"] == f"{IMAGE} does not answer"
        assert alert["annotations"]["advice"]
        assert alert["annotations"]["affected"] == "room, pc"
        assert alert["annotations"]["link"].endswith(alert["labels"]["incident"])
        assert alert["status"]["state"] == "active"
        running.measure(6)
        wait_for(lambda: bool(receiver.groups("resolved", cause="device:switch")))
        assert alerts(manager, "cause=device:switch") == []
        counts = running.collector.notifier.counts
        assert counts["alertmanager", "sent"] == 2
    (firing,) = receiver.groups("firing", cause="device:switch")
    (over,) = receiver.groups("resolved", cause="device:switch")
    assert len(firing["alerts"]) == len(over["alerts"]) == 1


def told_again(running: Running, manager: Program) -> None:
    """Returns when the open incident is there, and has been prolonged by a repeat."""
    counts = running.collector.notifier.counts

    def ends() -> str:
        held = alerts(manager, "cause=device:switch")
        return str(held[0]["endsAt"]) if held else ""

    wait_for(lambda: bool(ends()))
    before, repeated = ends(), counts["alertmanager", "repeated"]
    running.clock.now += 80.0
    running.collector.notifier.call()
    wait_for(lambda: counts["alertmanager", "repeated"] > repeated and ends() > before)


def test_what_is_open_is_told_to_an_alertmanager_that_forgot(
    tmp_path: Path, receiver: Receiver
) -> None:
    """Neither its restart nor ours loses an incident: at the start and regularly it is told again."""
    clock = Clock(time.time() - 1800.0)
    with alertmanager(tmp_path / "first", generated(receiver)) as manager:
        port = int(manager.url.rpartition(":")[2])
        with reporting(tmp_path, manager.url, clock) as running:
            running.measure(4)
            running.measure(6, gone=GONE)
            told_again(running, manager)
    with (
        alertmanager(tmp_path / "second", generated(receiver), port=port) as manager,
        reporting(tmp_path, manager.url, clock) as running,
    ):
        told_again(running, manager)


def test_what_is_explained_is_muted(manager: Program) -> None:
    """Alerts that Prometheus judges are inhibited by what explains them, and by the collector's."""
    site = {"site": "hoa-son", "source": "prometheus", "severity": "critical"}
    down = {**site, "alertname": "LtmonReachability"}
    post = [
        {**down, "class": "fiber_onu", "device": "onu", "cause": "device:onu"},
        {**down, "class": "router", "device": "router", "cause": "device:router"},
        {**down, "class": "printer", "device": "printer", "cause": "device:printer"},
        {**down, "alertname": "LtmonLoss", "class": "ups", "device": "ups", "cause": "device:ups"},
        {**down, "site": "tien-lu", "class": "ups", "device": "other", "cause": "device:other"},
        {"alertname": "LtmonStoreBehind", "source": "prometheus", "cause": "store:x"},
        {"alertname": "LtmonCpu", "severity": "critical", "device": "x", "cause": "device:x"},
        {"alertname": "LtmonCpu", "severity": "warning", "device": "x", "cause": "device:x"},
        {"alertname": "LtmonCpu", "severity": "warning", "device": "y", "cause": "device:y"},
        {"alertname": "LtmonFan", "source": "collector", "device": "z", "cause": "device:z"},
        {"alertname": "LtmonFan", "source": "prometheus", "device": "z", "cause": "device:z"},
    ]
    now = datetime.now(UTC)
    span = {"startsAt": now.isoformat(), "endsAt": (now + timedelta(hours=1)).isoformat()}
    answer = httpx.post(
        f"{manager.url}/api/v2/alerts", json=[{"labels": labels, **span} for labels in post]
    )
    assert answer.status_code == 200, answer.text

    def states() -> dict[str, str]:
        return {
            f"{a['labels']['cause']} {a['labels'].get('severity', a['labels'].get('source'))}": a[
                "status"
            ]["state"]
            for a in alerts(manager, "incident=")
        }

    # A state is worked out when its group is told for the first time.
    wait_for(lambda: "unprocessed" not in states().values() and len(states()) == len(post))
    muted = {name for name, state in states().items() if state == "suppressed"}
    assert muted == {
        "device:router critical",
        "device:printer critical",
        "device:ups critical",
        "device:x warning",
        "device:z prometheus",
    }
