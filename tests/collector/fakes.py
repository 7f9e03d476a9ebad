"""A small district with hostile names, incidents made by hand, and a collector in a thread of its
own.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx

from collector.app import Collector, running_collector
from collector.config import CollectorConfig
from collector.events import Event, EventKind, Notification
from collector.incident import Incident, IncidentState
from collector.rule import Finding, Severity
from collector.words import Sentence
from inventory.document import read_document
from inventory.inventory import Inventory
from inventory.load import load_inventory
from telemetry import catalogue as c
from telemetry.remotewrite import compress, encode
from telemetry.sample import Reading, batch_of

START = 1_795_400_000.0  # 2026-11-23 09:13:20 in Lập Thạch
AGENT_TOKEN = "agent-token-0123456789"
OPERATOR_TOKEN = "operator-token-0123456789"

SCRIPT = "<script>alert(1)</script>"
IMAGE = '"><img src=x onerror=alert(2)>'
TEMPLATE = "{{7*7}} ${7*7} {name} %(x)s"

DISTRICT = f"""
district: {{id: lap-thach, name: Huyện Lập Thạch, timezone: Asia/Ho_Chi_Minh, language: vi}}
sites:
  - {{id: centre, name: UBND huyện, kind: district}}
  - {{id: bac-binh, name: '{SCRIPT}', kind: commune, parent: centre, people: 40}}
devices:
  - {{id: core, site: centre, class: router, address: 10.0.0.1}}
  - {{id: switch, site: bac-binh, class: lan_switch, address: 10.0.1.2, parents: [core], name: '{IMAGE}'}}
  - {{id: room, site: bac-binh, class: vc_endpoint, address: 10.0.1.3, parents: [switch], name: '{TEMPLATE}'}}
  - id: pc
    site: bac-binh
    class: workstation
    address: 10.0.1.4
    parents: [switch]
    snmp: {{credentials: campus}}
services:
  - {{id: portal, name: Cổng dịch vụ, url: 'http://10.0.0.9/', from: [centre]}}
credentials:
  - {{id: campus, version: 2c, community: sesame-canary}}
maintenance:
  - id: w47
    what: [device:core]
    from: 2030-01-01T12:00+07:00
    until: 2030-01-01T14:00+07:00
    why: thay ắc quy
people:
  - id: lead
    name: Chị Hoa
    role: lead
    reach: [{{channel: email, to: hoa@lapthach.example}}, {{channel: webhook, to: hoa}}]
  - id: helper
    name: Anh Nam
    role: helper
    reach: [{{channel: email, to: nam@lapthach.example}}]
"""


class Clock:
    """A clock that the test sets."""

    def __init__(self, now: float = START) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def write_district(folder: Path, text: str = DISTRICT) -> Path:
    """The small district as an inventory folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "district.yaml").write_text(text, encoding="utf-8")
    return folder


def small_district(folder: Path) -> Inventory:
    return load_inventory(write_district(folder))


def incident(name: str = "20261123-0213-aaaa", **changes: Any) -> Incident:
    """An open incident: the switch of Bắc Bình is dead since START."""
    finding = Finding(
        rule="reachability",
        subject="device:switch",
        site="bac-binh",
        instance="",
        severity=Severity.CRITICAL,
        since=START,
        reason=Sentence("It left {count} checks in a row without an answer.", {"count": "3"}),
    )
    values: dict[str, Any] = {
        "id": name,
        "cause": "device:switch",
        "site": "bac-binh",
        "state": IncidentState.OPEN,
        "severity": Severity.CRITICAL,
        "rule": "reachability",
        "since": START,
        "opened_at": START + 60,
        "updated_at": START + 60,
        "resolved_at": None,
        "headline": Sentence("{name} does not answer", {"name": IMAGE}),
        "reason": finding.reason,
        "advice": Sentence("Clean out the dust and replace the fan."),
        "findings": (finding,),
        "affected": ("room", "pc"),
        "late": False,
        "acknowledged_by": "",
        "note": "",
        "revision": 1,
    }
    return Incident(**{**values, **changes})


def resolved(opened: Incident, at: float) -> Incident:
    """The same incident, over at `at`."""
    return replace(
        opened,
        state=IncidentState.RESOLVED,
        resolved_at=at,
        updated_at=at,
        revision=opened.revision + 1,
    )


def events_of(seq: int, about: str, *incidents: Incident, held: str = "") -> list[Event]:
    """What the engine says when an incident opens, or is resolved, with the message about it."""
    kind = EventKind.INCIDENT_RESOLVED if about == "resolved" else EventKind.INCIDENT_OPENED
    said = [
        Event(seq, place, one.updated_at, kind, incident=one) for place, one in enumerate(incidents)
    ]
    last = incidents[-1]
    notification = Notification(
        f"{last.id}/{about}/{last.revision}", about, last.severity, incidents, held
    )
    at = last.updated_at
    return [
        *said,
        Event(seq, len(said), at, EventKind.NOTIFICATION, notification=notification),
    ]


def config_in(folder: Path, extra: str = "") -> CollectorConfig:
    """A collector's config over the small district, on a free port."""
    write_district(folder / "inventory")
    file = folder / "collector.yaml"
    file.write_text(
        f"""
inventory: inventory
state_dir: state
listen: 127.0.0.1:0
tick: 0.05
public_url: https://giamsat.lapthach.example/
agents: [{{agent: centre, sites: [centre, bac-binh], token: {AGENT_TOKEN}}}]
operators: [{{name: Chị Hoa, token: {OPERATOR_TOKEN}}}]
{extra}
""",
        encoding="utf-8",
    )
    return read_document(file, CollectorConfig)


class Running:
    """A collector that serves on a real socket while the test talks to it."""

    def __init__(self, collector: Collector, loop: asyncio.AbstractEventLoop, clock: Clock) -> None:
        self.collector = collector
        self.loop = loop
        self.clock = clock
        self.url = f"http://127.0.0.1:{collector.ports[0]}"
        self.http = httpx.Client(base_url=self.url, timeout=20.0, follow_redirects=False)

    def measure(
        self,
        steps: int,
        gone: Collection[str] = (),
        more: Mapping[str, Sequence[Reading]] | None = None,
    ) -> None:
        """`steps` times half a minute passes and every device is measured; those `gone` are silent.

        more: what is read besides, by device.
        """
        for _ in range(steps):
            self.clock.now += 30.0
            self.push(gone, more or {})

    def push(self, gone: Collection[str], more: Mapping[str, Sequence[Reading]]) -> None:
        now_ms = int(self.clock.now * 1000)
        samples = []
        for device in self.collector.folder.current.devices:
            lost = device.id in gone
            identity = {
                "site": device.site,
                "device": device.id,
                "class": str(device.class_),
                "agent": "centre",
            }
            readings = [
                c.CHECK_UP.reading(0.0 if lost else 1.0, check="icmp"),
                c.ICMP_LOSS_RATIO.reading(1.0 if lost else 0.0),
            ]
            if not lost:
                readings.append(c.ICMP_RTT_MEDIAN.reading(0.004))
                readings.append(c.INTERFACE_UP.reading(1.0, interface=IMAGE))
                info = {"vendor": SCRIPT, "model": "M1", "os": "", "serial": "", "profile": "x"}
                readings += more.get(device.id) or [c.DEVICE_INFO.reading(1.0, **info)]
            samples += [reading.sample(identity, now_ms) for reading in readings]
        heartbeat = c.AGENT_INFO.reading(1.0, version="0.1")
        samples.append(heartbeat.sample({"site": "centre", "agent": "centre"}, now_ms))
        answer = self.http.post(
            "/api/v1/write",
            content=compress(encode(batch_of(samples))),
            headers={"Authorization": f"Bearer {AGENT_TOKEN}", "Content-Encoding": "snappy"},
        )
        assert answer.status_code == 204, answer.text
        self.settle()

    def settle(self) -> None:
        """Waits until everything in the journal has been judged."""
        journal, judging = self.collector.journal, self.collector.judging
        wait_for(lambda: judging.engine.seq >= journal.last_seq() and judging.caught_up.is_set())


def wait_for(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    """Returns as soon as the condition holds; fails when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "what was waited for did not happen"
        time.sleep(0.01)


@contextlib.contextmanager
def collector_running(config: CollectorConfig, clock: Clock) -> Iterator[Running]:
    """The collector of `config` in a thread with its own event loop, until the block ends."""
    ready, stop = threading.Event(), threading.Event()
    box: dict[str, Any] = {}

    async def main() -> None:
        async with running_collector(config, clock) as collector:
            box["running"] = Running(collector, asyncio.get_running_loop(), clock)
            ready.set()
            await asyncio.to_thread(stop.wait)

    def run() -> None:
        try:
            asyncio.run(main())
        except BaseException as error:  # noqa: BLE001 - told to the test's own thread below
            box["error"] = error
        finally:
            ready.set()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        ready.wait()
        if "error" in box:
            raise box["error"]
        running: Running = box["running"]
        wait_for(lambda: running.collector.journal.last_seq() > 0)  # the inventory comes first
        running.settle()
        with running.http:
            yield running
    finally:
        stop.set()
        thread.join(30)
    if "error" in box:
        raise box["error"]
