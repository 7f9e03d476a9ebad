"""The API: what it says, who may change what, and one problem document for whatever goes wrong."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from starlette.routing import Route

from collector.web.agents import AgentApi
from collector.web.openapi import openapi_document
from collector.web.silences import SilenceApi
from inventory.inventory import Inventory
from telemetry import catalogue as c
from tests.collector.fakes import (
    AGENT_TOKEN,
    IMAGE,
    OPERATOR_TOKEN,
    START,
    Clock,
    Running,
    collector_running,
    config_in,
)

OPERATOR = {"Authorization": f"Bearer {OPERATOR_TOKEN}"}
AGENT = {"Authorization": f"Bearer {AGENT_TOKEN}"}


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A district whose switch at the commune is dead, with the room and the PC behind it."""
    config = config_in(tmp_path_factory.mktemp("collector"))
    with collector_running(config, Clock()) as running:
        running.measure(6)
        running.measure(6, gone={"switch", "room", "pc"})
        yield running


def get(district: Running, path: str) -> Any:
    answer = district.http.get(f"/api/v1/{path}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    return answer.json()


def problem(answer: httpx.Response, status: int) -> str:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert set(document) == {"type", "title", "status", "detail"}
    assert document["status"] == status
    return str(document["detail"])


def test_sites(district: Running) -> None:
    """Ill ones first, each with how many of its devices are in which state."""
    sites = get(district, "sites")
    assert [(site["id"], site["state"], site["devices"]) for site in sites] == [
        ("bac-binh", "down", {"down": 1, "unreachable": 2}),
        ("centre", "up", {"up": 1}),
    ]


def test_devices(district: Running) -> None:
    """All devices and services; one site's; those in one state."""
    assert [d["id"] for d in get(district, "devices")] == ["core", "switch", "room", "pc", "portal"]
    assert [d["id"] for d in get(district, "devices?site=centre")] == ["core"]
    assert [d["id"] for d in get(district, "devices?state=unreachable")] == ["room", "pc"]


def test_device(district: Running) -> None:
    """State, cause, reason in the language asked for, newest values, changes of state."""
    device = get(district, "devices/switch?lang=en")
    assert (device["state"], device["cause"], device["class"]) == (
        "down",
        "device:switch",
        "lan_switch",
    )
    assert device["reason"].startswith("It left ")
    assert [change["state"] for change in device["changes"]] == ["up", "down"]
    latest = {(r["metric"], tuple(r["labels"].values())): r["value"] for r in device["latest"]}
    assert latest["interface_up", (IMAGE,)] == 1.0
    room = get(district, "devices/room")
    assert (room["state"], room["cause"], room["parents"]) == (
        "unreachable",
        "device:switch",
        ["switch"],
    )


def test_findings_and_incidents(district: Running) -> None:
    """One fault, one incident, with the words of the language asked for."""
    findings = get(district, "findings")
    assert [(f["rule"], f["device"]) for f in findings] == [("reachability", "switch")]
    (incident,) = get(district, "incidents")
    assert incident["cause"] == "device:switch"
    assert sorted(incident["affected"]) == ["pc", "room"]
    assert incident["headline"] == f"{IMAGE} không trả lời"
    whole = get(district, f"incidents/{incident['id']}?lang=en")
    assert whole["headline"] == f"{IMAGE} does not answer"
    assert whole["history"][0]["event"] == "incident_opened"
    assert whole["findings"][0]["rule"] == "reachability"
    assert get(district, "incidents?state=resolved") == []
    assert len(get(district, "incidents?state=all")) == 1
    problem(district.http.get("/api/v1/incidents?state=odd"), 400)


def test_readiness_agents_maintenance(district: Running) -> None:
    """Whether each room can join now, who measures, and what is planned."""
    (room,) = get(district, "readiness")
    assert (room["room"], room["verdict"]) == ("room", "no_go")
    assert [t["id"] for t in room["trouble"]] == ["room", "switch"]
    (agent,) = get(district, "agents")
    assert (agent["agent"], agent["silent"], agent["version"]) == ("centre", False, "0.1")
    (window,) = get(district, "maintenance")
    assert (window["id"], window["active"], window["what"]) == ("w47", False, ["device:core"])


@pytest.mark.parametrize(
    "path", ["devices/nope", "incidents/nope", "nope", "sites/x/y", "devices/%00", "agents/me"]
)
def test_what_is_not_there(district: Running, path: str) -> None:
    """A problem document for programs."""
    assert problem(district.http.get(f"/api/v1/{path}"), 404)


def test_wrong_method(district: Running) -> None:
    """Also when the address is right and the method is not."""
    problem(district.http.put("/api/v1/sites"), 405)
    problem(district.http.get("/api/v1/write"), 405)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        AGENT,
        {"Authorization": "Basic eDp5"},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer x"},
    ],
)
@pytest.mark.parametrize("path", ["incidents/x/acknowledge", "silences"])
def test_changing_needs_an_operator(district: Running, path: str, headers: dict[str, str]) -> None:
    """No token, an agent's token, or a wrong one: nothing happens."""
    answer = district.http.post(f"/api/v1/{path}", json={"note": "x"}, headers=headers)
    assert "operator" in problem(answer, 401)
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'"x"', b'{"note": 5}', b"[" * 60_000, b"\xff\xfe"]
)
def test_bodies_that_are_none(district: Running, body: bytes) -> None:
    """One sentence for each."""
    (incident,) = get(district, "incidents")
    path = f"/api/v1/incidents/{incident['id']}/acknowledge"
    assert problem(district.http.post(path, content=body, headers=OPERATOR), 400)


def test_acknowledge(district: Running) -> None:
    """Under the operator's name; unknown incidents are not there."""
    (incident,) = get(district, "incidents")
    path = f"/api/v1/incidents/{incident['id']}/acknowledge"
    answer = district.http.post(path, json={"note": "Đang\n đến\x00"}, headers=OPERATOR)
    assert answer.status_code == 200
    assert answer.json()["state"] == "acknowledged"
    assert (answer.json()["acknowledged_by"], answer.json()["note"]) == ("Chị Hoa", "Đang đến")
    unknown = district.http.post("/api/v1/incidents/nope/acknowledge", json={}, headers=OPERATOR)
    assert problem(unknown, 404)


def test_silences(district: Running) -> None:
    """What somebody does not want to hear of, from now or from a time, until a time."""
    now = district.clock.now
    body = {"what": "site:bac-binh", "until": now + 3600, "why": "đang sửa"}
    made = district.http.post("/api/v1/silences", json=body, headers=OPERATOR)
    assert made.status_code == 201
    later = {"what": "device:portal", "from": "2026-11-24T00:00:00+07:00", "until": now + 1e6}
    assert district.http.post("/api/v1/silences", json=later, headers=OPERATOR).status_code == 201
    known = {s["what"]: s for s in get(district, "silences")}
    assert known["site:bac-binh"]["id"] == made.json()["id"]
    assert known["site:bac-binh"]["who"] == "Chị Hoa"
    assert known["site:bac-binh"]["active"]
    assert not known["device:portal"]["active"]


@pytest.mark.parametrize(
    "change",
    [
        {"what": "site:nope"},
        {"what": "everything"},
        {"what": "device:switch; drop"},
        {"what": 5},
        {"until": START - 5},
        {"until": None},
        {"until": "tomorrow"},
        {"until": "2030-01-01T00:00:00"},
        {"until": True},
        {"until": 1e300},
        {"from": "x"},
        {"why": ["x"]},
    ],
)
def test_silences_that_make_no_sense(district: Running, change: dict[str, Any]) -> None:
    """One sentence for each, and no silence."""
    before = len(get(district, "silences"))
    body = {"what": "site:bac-binh", "until": START + 9e6, **change}
    assert problem(district.http.post("/api/v1/silences", json=body, headers=OPERATOR), 400)
    assert len(get(district, "silences")) == before


def test_the_description_is_complete(district: Running) -> None:
    """openapi.json names exactly the routes that exist."""
    from collector.web.api import Api

    described = {
        (path, method)
        for path, operations in openapi_document()["paths"].items()
        for method in operations
    }
    standing: Any = None
    routes: list[Route] = [
        *Api(standing).routes(),
        *SilenceApi(standing).routes(),
        *AgentApi(standing, standing, standing, standing, {}).routes(),
    ]
    existing = {
        (route.path, method.lower()) for route in routes for method in (route.methods or set())
    }
    existing = {pair for pair in existing if pair[1] != "head"} | {("/api/v1/write", "post")}
    assert described == existing
    assert get(district, "openapi.json")["openapi"] == "3.1.0"


def test_an_agents_own_inventory(district: Running) -> None:
    """Its part with the secrets it needs, and nothing when it has that already."""
    path = "/api/v1/agents/me/inventory"
    answer = district.http.get(path, headers=AGENT)
    assert answer.status_code == 200
    part = Inventory.from_json(answer.text)
    assert {device.id for device in part.devices} == {"core", "switch", "room", "pc"}
    assert [service.id for service in part.services] == ["portal"]
    assert part.people == ()
    assert "sesame-canary" in answer.text
    etag = answer.headers["etag"]
    for known in (etag, f'"other", {etag}'):
        again = district.http.get(path, headers={**AGENT, "If-None-Match": known})
        assert (again.status_code, again.content) == (304, b"")
    problem(district.http.get(path), 401)
    problem(district.http.get(path, headers=OPERATOR), 401)


def test_enrolment(district: Running) -> None:
    """A one-time token works once; the agent then sees its own sites, until it is shut out."""
    enrolment = district.collector.enrolment
    token = enrolment.create_token("bac-binh", ["bac-binh"], district.clock.now)
    made = district.http.post("/api/v1/enroll", json={"token": token})
    assert made.status_code == 200
    assert made.headers["cache-control"] == "no-store"
    document = made.json()
    assert (document["agent"], document["site"], document["sites"]) == (
        "bac-binh",
        "bac-binh",
        ["bac-binh"],
    )
    own = {"Authorization": f"Bearer {document['credential']}"}
    part = Inventory.from_json(district.http.get("/api/v1/agents/me/inventory", headers=own).text)
    assert {device.id for device in part.devices} == {"switch", "room", "pc"}
    assert problem(district.http.post("/api/v1/enroll", json={"token": token}), 403)
    assert problem(district.http.post("/api/v1/enroll", json={}), 400)
    enrolment.revoke("bac-binh", district.clock.now)
    assert problem(district.http.get("/api/v1/agents/me/inventory", headers=own), 403)


def test_secrets_stay_inside(district: Running) -> None:
    """No page, list, metric or description holds a credential."""
    for path in (
        "/",
        "/devices/pc",
        "/metrics",
        "/api/v1/devices",
        "/api/v1/devices/pc",
        "/api/v1/agents",
        "/api/v1/openapi.json",
    ):
        text = district.http.get(path).text
        for secret in ("sesame-canary", AGENT_TOKEN, OPERATOR_TOKEN):
            assert secret not in text, path
    stored = b"".join(
        entry.payload for entry in district.collector.journal.read() if entry.kind == "inventory"
    )
    assert stored
    assert b"sesame-canary" not in stored


def test_numbers_that_are_none(district: Running) -> None:
    """JSON has no infinity: what is no number is null."""
    identity = {"site": "centre", "device": "core", "class": "router", "agent": "centre"}
    from telemetry.remotewrite import compress, encode
    from telemetry.sample import batch_of

    sample = c.HOST_LOAD.reading(float("inf")).sample(identity, int(district.clock.now * 1000))
    district.http.post("/api/v1/write", content=compress(encode(batch_of([sample]))), headers=AGENT)
    district.settle()
    latest = {r["metric"]: r["value"] for r in get(district, "devices/core")["latest"]}
    assert latest.get("host_load_ratio") is None
    assert district.http.get("/devices/core").status_code == 200


def test_metrics(district: Running) -> None:
    """Every derived metric is there, one-hot where promised, and promtool has nothing to say."""
    answer = district.http.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    text = answer.text
    for metric in c.CATALOGUE.values():
        if metric.scope is c.Scope.COLLECTOR:
            assert f"# TYPE {metric.name} {metric.kind}" in text, metric.name
    states = re.findall(r'^device_health\{.*device="switch".*state="(\w+)"\} (\S+)$', text, re.M)
    assert sorted(state for state, value in states if value == "1.0") == ["down"]
    assert len(states) == 6
    assert 'device_health{class="service",device="portal",site="' in text
    assert 'finding_active{device="switch",rule="reachability",severity="critical"' in text
    assert 'incident_open{severity="critical"} 1.0' in text
    assert 'site_health{site="bac-binh",state="down"} 1.0' in text
    assert re.search(r'agent_watermark_timestamp_seconds\{agent="centre"\} 1\.795\d+e\+09', text)
    assert 'conference_room_ready{device="room",site="bac-binh"} 0.0' in text
    checked = subprocess.run(
        ["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


def test_probes_for_a_supervisor(district: Running) -> None:
    """Alive, and ready unless the engine stands still."""
    assert district.http.get("/-/healthy").text == "healthy\n"
    assert district.http.get("/-/ready").text == "ready\n"
    judging = district.collector.judging
    judging.turned_at, kept = judging.turned_at - 3600, judging.turned_at
    assert "stands still" in problem(district.http.get("/-/ready"), 503)
    judging.turned_at = kept


def test_a_fault_inside_is_a_problem_too(
    district: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The caller gets one sentence, the log the traceback."""
    monkeypatch.setattr(district.collector.judging.engine.view, "findings", lambda: [replace])
    answer = district.http.get("/api/v1/findings")
    assert "log" in problem(answer, 500)
    assert "Traceback" not in answer.text
    assert json.loads(answer.text)["title"] == "Internal Server Error"
