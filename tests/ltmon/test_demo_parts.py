"""The demo's parts: who watches whom, the hurried inventory, the report, the course, the screen."""

from __future__ import annotations

import asyncio
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from inventory.inventory import Inventory
from inventory.load import example_folder, load_inventory
from ltmon.demo.children import ChildDied, Children
from ltmon.demo.course import PATIENCE_SECONDS, Course, site_of_cause
from ltmon.demo.fallback import on_loopback
from ltmon.demo.machine import find_snmpd
from ltmon.demo.plan import COMMUNES, HOME, MACHINE, AgentPlan, agent_plans
from ltmon.demo.report import SENTENCES, Report
from ltmon.demo.screen import Screen
from ltmon.demo.settings import Files, add_machine, hurried_document
from ltmon.demo.show import DemoOptions, run_demo
from ltmon.demo.watch import News, View, Watch
from simulator.faults import DeviceDead, LineCut
from simulator.roster import simulated_district
from simulator.scenario import Act, Step, Timetable
from simulator.smtp_sink import Mail
from telemetry.errors import ConfigError

NOW = 1_700_000_000.0


@pytest.fixture(scope="module")
def example() -> Inventory:
    return load_inventory(example_folder())


def test_everybody_is_watched(example: Inventory) -> None:
    """Each site belongs to exactly one agent; the district also watches the communes' way in."""
    home, *communes = agent_plans(example)
    assert [plan.agent for plan in communes] == list(COMMUNES)
    sites = [site for plan in (home, *communes) for site in plan.sites]
    assert sorted(sites) == sorted(site.id for site in example.sites)
    assert "bac-binh-onu" in home.watch
    assert "bac-binh-pc" not in home.watch
    assert len({plan.token for plan in (home, *communes)}) == 4
    alone = agent_plans(example, alone=True)
    assert len(alone) == 1
    assert set(alone[0].sites) == set(sites)


def test_the_hurried_inventory(example: Inventory, tmp_path: Path) -> None:
    """It is valid, in the demo's rhythm, silent soon after, and has this machine in it."""
    document = hurried_document(example)
    add_machine(document, "http://127.0.0.1:1", find_snmpd())
    inventory = Files(tmp_path).write_inventory(document)
    checks = inventory.checks_of("bac-binh-switch")
    assert {kind: check.interval for kind, check in checks.items()} == {"icmp": 5, "snmp": 10}
    assert inventory.checks_of("one-stop")["http"].interval == 10
    assert inventory.checks_of("hop-ly-room")["xapi"].interval == 15
    for name, device in (("agent_silent", "bac-binh-switch"), ("icmp_loss_ratio", "bac-binh-room")):
        limit = inventory.limit_of(name, device)
        assert limit is not None
        assert limit.for_seconds <= 30
    assert "host" in inventory.checks_of("this-machine-v2c")
    assert inventory.service("collector-page") is not None


def test_the_inventory_on_loopback(example: Inventory) -> None:
    """Every address lies on loopback, and nothing is asked by ICMP."""
    document = hurried_document(example)
    on_loopback(document)
    inventory = Inventory.from_json(json.dumps(document))
    assert all((device.address or "").startswith("127.") for device in inventory.devices)
    assert not any("icmp" in inventory.checks_of(device.id) for device in inventory.devices)
    places = [service.url or service.tcp or "" for service in inventory.services]
    assert len(places) == len(set(places))


def test_configs(example: Inventory, tmp_path: Path) -> None:
    """Collector and agent accept what is written for them, and nobody else can read it."""
    from agent.config import read_config
    from collector.config import load_config

    files = Files(tmp_path)
    plan = AgentPlan("bac-binh", ("bac-binh",))
    files.write_collector([plan], 7, "http://127.0.0.1:8080", 2525)
    files.write_agent(plan, "http://10.10.0.250:8080")
    collector, agent = load_config(files.collector), read_config(files.agent("bac-binh"))
    assert collector.listen[0].fd == 7
    assert collector.agents[0].token.reveal() == plan.token
    assert agent.collector is not None
    assert agent.collector.token.reveal() == plan.token
    assert files.collector.stat().st_mode & 0o077 == 0


def incident(**changes: Any) -> dict[str, Any]:
    """What the API says of an incident."""
    document: dict[str, Any] = {
        "id": "i1",
        "cause": "device:bac-binh-switch",
        "site": "bac-binh",
        "state": "open",
        "severity": "critical",
        "rule": "reachability",
        "headline": "Bộ chuyển mạch không trả lời",
        "reason": "2 lần",
        "affected": [],
        "late": False,
        "revision": 1,
    }
    return {**document, **changes}


def report(
    clock: Callable[[], float], *, json_lines: bool = True, language: str = "vi"
) -> tuple[Report, io.StringIO]:
    out = io.StringIO()
    return Report(language=language, json_lines=json_lines, out=out, clock=clock), out


def no_site(_: str) -> str:
    return ""


def test_report_for_machines() -> None:
    """Each event is a line; an incident knows its fault and the seconds since; the summary counts."""
    now = [NOW]
    told, out = report(lambda: now[0])
    fault = DeviceDead("bac-binh-switch")
    told.step(Step(3, True, fault))
    now[0] += 8
    told.news(News("incident_opened", incident()), no_site)
    now[0] += 10
    told.step(Step(20, False, fault))
    now[0] += 4
    told.news(News("incident_resolved", incident(state="resolved")), no_site)
    told.mail(Mail("a@b", ("c@d",), "Nghiêm trọng", "…"))
    told.summary()
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [line["event"] for line in lines] == [
        "fault_applied",
        "incident_opened",
        "fault_mended",
        "incident_resolved",
        "mail",
        "summary",
    ]
    assert (lines[1]["fault"], lines[1]["seconds"]) == ("device:bac-binh-switch", 8)
    assert lines[3]["seconds"] == 4
    summary = lines[-1]
    assert (summary["opened"], summary["resolved"], summary["mails"]) == (1, 1, 1)
    assert summary["first_incident_seconds"] == 8
    assert summary["flagged"] == [{"cause": "device:bac-binh-switch", "seconds": 8}]


def test_an_incident_elsewhere_at_the_site() -> None:
    """An incident with another cause at the same site is counted to the fault there, else to none."""
    told, out = report(lambda: NOW)
    told.step(Step(3, True, LineCut("bac-binh-fiber")))
    sites = {"link:bac-binh-fiber": "bac-binh"}
    told.news(News("incident_opened", incident()), lambda cause: sites.get(cause, ""))
    told.news(News("incident_opened", incident(site="hoa-son", cause="device:x")), no_site)
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [line.get("fault") for line in lines[1:]] == ["link:bac-binh-fiber", None]


@pytest.mark.parametrize(("language", "word"), [("vi", "SỰ CỐ"), ("en", "INCIDENT")])
def test_report_for_people(language: str, word: str) -> None:
    """A line is a moment and a sentence in the language that was asked for."""
    told, out = report(lambda: NOW, json_lines=False, language=language)
    told.news(News("incident_opened", incident()), no_site)
    assert word in out.getvalue()
    assert "device:bac-binh-switch" in out.getvalue()


def test_sentences_in_both_languages() -> None:
    """Every event has a sentence in each language, with the same places."""
    for vietnamese, english in SENTENCES.values():
        assert vietnamese != english
        assert set(_places(vietnamese)) == set(_places(english)) or "words" in english


def _places(template: str) -> list[str]:
    import string

    return [name for _, name, _, _ in string.Formatter().parse(template) if name]


def green() -> View:
    return View(True, [{"id": "a", "name": "A", "state": "up", "devices": {"up": 3}}], [])


def test_the_course_waits_for_green(example: Inventory) -> None:
    """Nothing breaks before all is well, and then everything at its second."""
    now = [NOW]
    told, out = report(lambda: now[0])
    district = simulated_district(example, NOW)
    fault = DeviceDead("bac-binh-pc")
    course = Course(district, Timetable([Act(3, None, fault)]), lambda: now[0])
    course.advance(View(), told)
    assert out.getvalue() == ""
    now[0] += 10
    course.advance(green(), told)
    now[0] += 2
    course.advance(green(), told)
    assert district.works("bac-binh-pc")
    now[0] += 1
    course.advance(View(), told)
    assert not district.works("bac-binh-pc")
    events = [json.loads(line)["event"] for line in out.getvalue().splitlines()]
    assert events == ["green", "fault_applied"]


def test_the_course_begins_anyway(example: Inventory) -> None:
    """A machine that is never green does not hold the show up for ever."""
    now = [NOW]
    told, out = report(lambda: now[0])
    course = Course(simulated_district(example, NOW), Timetable([]), lambda: now[0])
    now[0] += PATIENCE_SECONDS
    ill = View(True, [{"id": "a", "name": "A", "state": "down", "devices": {"down": 1}}], [])
    course.advance(ill, told)
    line = json.loads(out.getvalue())
    assert (line["event"], line["states"]) == ("not_green", {"down": 1})


def test_sites_of_causes(example: Inventory) -> None:
    """A line's site is that of its far end."""
    assert site_of_cause(example, "device:olt-1") == HOME
    assert site_of_cause(example, "link:bac-binh-fiber") == "bac-binh"
    assert site_of_cause(example, "agent:bac-binh") == "bac-binh"
    assert site_of_cause(example, "link:nothing") == ""


def test_the_screen() -> None:
    """Ill sites, open incidents and what happened are on it; names cannot smuggle in markup."""
    told, _ = report(lambda: NOW)
    told.tell("fault_applied", cause="device:x", words="[red]x bị treo")
    sites = [
        *green().sites,
        {"id": "b", "name": "[bold]Xã B", "state": "down", "devices": {"up": 1, "down": 2}},
    ]
    console = Console(file=io.StringIO(), width=140, color_system=None)
    screen = Screen(console, told, "http://127.0.0.1:8080", "vi")
    with screen:
        screen.show(View(True, sites, [incident()]))
    text = console.file.getvalue()  # type: ignore[attr-defined]
    console.print(screen.picture(View(True, sites, [incident()])))
    text = console.file.getvalue()  # type: ignore[attr-defined]
    for part in ("[bold]Xã B", "1/2", "2 hỏng", "device:bac-binh-switch", "[red]x bị treo", "8080"):
        assert part in text


async def _serve(answers: dict[str, Any]) -> asyncio.Server:
    """A collector's API as far as the watch asks it."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        path = head.split()[1].partition("?")[0].removeprefix("/api/v1/")
        body = json.dumps(answers.get(path)).encode()
        status = "200 OK" if path in answers else "503 Service Unavailable"
        writer.write(
            f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
            + body
        )
        await writer.drain()
        writer.close()

    return await asyncio.start_server(answer, "127.0.0.1", 0)


@pytest.mark.anyio
async def test_the_watch_tells_what_is_new() -> None:
    """Opened, updated and resolved are told once each; a collector that is away is no news."""
    answers: dict[str, Any] = {"sites": green().sites, "incidents": [incident()]}
    server = await _serve(answers)
    watch = Watch(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", "vi")
    async with server:
        assert [news.what for news in await watch.look()] == ["incident_opened"]
        assert watch.view.all_green
        assert await watch.look() == []
        answers["incidents"] = [incident(revision=2)]
        assert [news.what for news in await watch.look()] == ["incident_updated"]
        sites = answers.pop("sites")
        assert await watch.look() == []
        assert not watch.view.answered
        answers |= {"sites": sites, "incidents": [], "incidents/i1": incident(state="resolved")}
        assert [news.what for news in await watch.look()] == ["incident_resolved"]
        assert await watch.look() == []
    await watch.close()


def test_children_end_by_their_id(tmp_path: Path) -> None:
    """All are ended, the stubborn one too; one that ends by itself is reported with its last words."""
    children = Children(tmp_path)
    sleep = [sys.executable, "-c", "import time; time.sleep(60)"]
    children.start("one", sleep, env=os.environ)
    started: list[subprocess.Popen[bytes]] = []

    def by(command: list[str], **settings: Any) -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen(command, **settings))
        return started[-1]

    children.start("two", sleep, env=os.environ, by=by)
    children.check()
    children.kill("two")
    assert started[0].poll() == -9
    children.kill("two")
    children.stop()
    children.start("three", [sys.executable, "-c", "raise SystemExit('ouch')"], env=os.environ)
    children._running["three"].wait(20)
    with pytest.raises(ChildDied, match=r"three of the demo has ended with code 1(.|\n)*ouch"):
        children.check()
    children.stop()


def test_the_machine_has_its_own_snmpd(tmp_path: Path) -> None:
    """net-snmp's snmpd answers over v2c and v3 with secrets made for this run."""
    snmpd = find_snmpd()
    assert snmpd is not None, "net-snmp's snmpd is not installed: run scripts/test as root"
    children = Children(tmp_path)
    snmpd.start(children, tmp_path)
    secure = ("-v3", "-lauthPriv", "-ultmon", "-aSHA-256", "-A", snmpd.signing)
    try:
        for host, options in (
            ("127.0.0.1", ("-v2c", "-c", snmpd.community)),
            ("127.0.0.2", (*secure, "-xAES", "-X", snmpd.privacy)),
        ):
            # Retries cover its start.
            command = ["snmpget", *options, "-r20", "-t0.5", "-On", f"{host}:{snmpd.port}"]
            done = subprocess.run(
                [*command, ".1.3.6.1.2.1.1.6.0"],
                capture_output=True,
                text=True,
                timeout=30,
                check=False,
            )
            assert "lap-thach demo" in done.stdout, done.stderr
    finally:
        children.stop()


def test_wrong_use_is_one_sentence() -> None:
    """An unknown scenario and a taken port are told before anything starts."""
    with pytest.raises(ConfigError, match="no scenario x; expected one of tour"):
        run_demo(DemoOptions(scenario="x"))
    with pytest.raises(ConfigError, match="speaks vi and en, not de"):
        run_demo(DemoOptions(language="de"))
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=rf"cannot listen on 127\.0\.0\.1:{port}"):
            run_demo(DemoOptions(port=port))


def test_machine_site_is_not_in_the_example(example: Inventory) -> None:
    """The demo's own site does not clash with the district's."""
    assert example.site(MACHINE) is None
