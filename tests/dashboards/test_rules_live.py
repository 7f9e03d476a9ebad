"""Every expression of every rule, asked of a real Prometheus that has loaded them, and of a real
VictoriaMetrics: none is empty.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from dashboards import rules_alerting, rules_recording, rules_watch
from dashboards.rule import Alerting, Recording, rule_file
from dashboards.rules_limits import JUDGED
from telemetry import catalogue as c
from telemetry.labels import make_labels
from telemetry.remotewrite import compress, encode
from telemetry.sample import Batch, Series, SeriesPoints
from tests.collector.stores import LATE
from tests.dashboards.rule_cases import STEP, WELL, cases
from tests.programs import START_SECONDS, prometheus, victoria_metrics

WEEK = 7 * 86400
ALERTING = (*rules_watch.groups(), *rules_alerting.groups())
GROUPS = (*rules_recording.groups(), *ALERTING)

Told = tuple[dict[str, str], list[float]]
"""Labels, the name among them, and the value at each step up to now."""


def verdicts(now: float) -> Iterator[Told]:
    """What the collector says of a district in trouble, and of itself."""
    steps = WELL + 30
    room = {"site": "dead", "device": "room"}
    for value, device in ((1.0, "a"), (0.5, "b"), (0.0, "c")):
        yield {"__name__": c.CONFERENCE_ROOM_READY.name, **room, "device": device}, [value] * steps
    for state, value in (("up", 0.0), ("degraded", 1.0), ("down", 0.0)):
        labels = {**room, "class": "vc_endpoint", "state": state}
        yield {"__name__": c.DEVICE_HEALTH.name, **labels}, [value] * steps
    for class_ in ("vc_endpoint", "printer"):
        for check, kind in (("icmp", class_), ("http", "service")):
            labels = {"site": "dead", "device": f"{class_}-{check}", "class": kind, "check": check}
            yield {"__name__": c.CHECK_UP.name, "agent": "a", **labels}, [0.0] * steps
    yield {"__name__": c.AGENT_WATERMARK.name, "agent": "a"}, [now - 500.0] * steps
    yield {"__name__": c.LTMON_WATCHDOG.name}, [now - 500.0] * steps
    yield {"__name__": c.LTMON_FORWARD_PENDING.name, "store": "s"}, [5000.0] * steps
    refused = {"store": "s", "reason": "refused"}
    yield {"__name__": c.LTMON_FORWARD_FAILURES.name, **refused}, [float(n) for n in range(steps)]
    failed = {"channel": "email", "outcome": "failed_busy"}
    yield {"__name__": c.LTMON_NOTIFICATIONS.name, **failed}, [float(n) for n in range(steps)]
    port = dict.fromkeys((*c.DEVICE_LABELS, "interface"), "x")
    for metric in (
        c.INTERFACE_RECEIVE_ERRORS,
        c.INTERFACE_TRANSMIT_ERRORS,
        c.INTERFACE_RECEIVE_PACKETS,
        c.INTERFACE_TRANSMIT_PACKETS,
    ):
        yield {"__name__": metric.name, **port}, [float(n) for n in range(steps)]
    for metric in (c.ICMP_RTT_MEDIAN, c.SNMP_RESPONSE, c.DEVICE_TEMPERATURE, c.BATTERY_RUNTIME):
        labels = dict.fromkeys((*c.DEVICE_LABELS, *metric.labels), "x")
        yield {"__name__": metric.name, **labels}, [1.0] * steps


def write(store: httpx.Client, told: list[Told], until: float) -> None:
    """Remote-write: each list of values ends at `until`."""
    points = []
    for labels, values in told:
        name = labels["__name__"]
        series = Series(name, make_labels({n: v for n, v in labels.items() if n != "__name__"}))
        first = until - STEP * (len(values) - 1)
        times = tuple(round((first + STEP * n) * 1000) for n in range(len(values)))
        points.append(SeriesPoints(series, times, tuple(values)))
    answer = store.post("/api/v1/write", content=compress(encode(Batch(tuple(points)))))
    assert answer.status_code == 204, answer.text


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, httpx.Client]]:
    """Both stores with everything in trouble; Prometheus has the generated rules, worked out every
    five seconds.
    """
    folder = tmp_path_factory.mktemp("rules")
    quick = [replace(group, interval_seconds=5) for group in GROUPS]
    (folder / "quick.rules.yml").write_text(rule_file(quick, "For a trial."))
    now = time.time()
    ill = [
        (labels, values[: sum(case.steps[:2])])
        for case in cases()
        for labels, values in case.series(now - STEP * sum(case.steps[:2]))
    ]
    light = [told for told in ill if told[0]["__name__"] == c.OPTICAL_RECEIVE_POWER.name]
    with (
        prometheus(folder, LATE + "rule_files: [quick.rules.yml]\n") as first,
        victoria_metrics(folder, ("-search.latencyOffset=1s",)) as second,
        httpx.Client(base_url=first.url, timeout=20) as one,
        httpx.Client(base_url=second.url, timeout=20) as other,
    ):
        for client in (one, other):
            write(client, light, now - WEEK - 3600)
            write(client, [*ill, *verdicts(now)], now)
        other.get("/internal/force_flush")
        yield {"prometheus": one, "victoria-metrics": other}


@pytest.fixture(params=["prometheus", "victoria-metrics"])
def either(request: pytest.FixtureRequest, stores: dict[str, httpx.Client]) -> httpx.Client:
    """One of the stores, then the other."""
    return stores[request.param]


def result(store: httpx.Client, expression: str) -> list[dict[str, Any]]:
    """The series that an expression gives now."""
    answer = store.get("/api/v1/query", params={"query": expression}).json()
    assert answer["status"] == "success", (expression, answer)
    found: list[dict[str, Any]] = answer["data"]["result"]
    return found


def test_every_recording_rule_gives_something(either: httpx.Client) -> None:
    """With the labels that its level names, and neither `agent` nor `job`."""
    for group in rules_recording.groups():
        for rule in group.rules:
            assert isinstance(rule, Recording)
            found = result(either, rule.expression)
            assert found, rule.name
            level = rule.name.partition(":")[0]
            for series in found:
                names = set(series["metric"])
                assert not names & {"agent", "job", "instance", "__name__"}, rule.name
                assert {"device": {"site", "device", "class"}, "site": {"site"}}.get(
                    level, set()
                ) <= names, rule.name


def test_every_alerting_rule_gives_something(either: httpx.Client) -> None:
    """In a district in which everything is broken."""
    by = {judged.rule: set(judged.by) for judged in JUDGED}
    for group in ALERTING:
        for rule in group.rules:
            assert isinstance(rule, Alerting)
            found = result(either, rule.expression)
            assert found, (rule.name, rule.expression)
            wanted = by.get(rule.labels.get("rule", ""))
            assert wanted is None or all(set(s["metric"]) == wanted for s in found), rule.name


def lacking(store: httpx.Client) -> list[str]:
    """Rules that are not worked out yet, alerts that are quiet, records that nobody has written."""
    groups = store.get("/api/v1/rules").json()["data"]["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    assert len(rules) == sum(len(group.rules) for group in GROUPS)
    assert not [rule for rule in rules if rule["health"] == "err"]
    unwell = [rule["name"] for rule in rules if rule["health"] != "ok"]
    quiet = [r["name"] for r in rules if r["type"] == "alerting" and r["state"] == "inactive"]
    recorded = {rule["name"] for rule in rules if rule["type"] == "recording"}
    return [*unwell, *quiet, *(name for name in sorted(recorded) if not result(store, name))]


def test_prometheus_works_them_out(stores: dict[str, httpx.Client]) -> None:
    """All rules as loaded: no error, every alert pending or firing, every record written."""
    deadline = time.monotonic() + START_SECONDS
    while (missing := lacking(stores["prometheus"])) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert missing == []


def test_light_is_held_against_the_week_before(either: httpx.Client) -> None:
    """The light of today less the light of a week ago, per port."""
    (rule,) = (r for r in rules_recording.LONG.rules if r.name.endswith(":delta7d"))
    found = result(either, rule.expression)
    assert {series["metric"]["device"] for series in found} >= {"optical-power-server"}
    for series in found:
        assert set(series["metric"]) == {"site", "device", "class", "interface"}
        assert abs(float(series["value"][1])) < 1.0  # the same course a week ago
