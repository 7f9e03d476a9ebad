"""The collector was away for more than an hour; the agents come back with all that they measured."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from agent.buffer import Buffer
from agent.keeper import draft_of
from collector.journal import Draft, EntryKind
from collector.journals import open_journal
from inventory.load import load_inventory
from telemetry.catalogue import AGENT_INFO, CHECK_UP
from telemetry.labels import make_labels
from telemetry.remotewrite import encode
from telemetry.sample import Sample, Series, batch_of
from tests.scenarios.boxes import Box, Office
from tests.scenarios.company import Company
from tests.scenarios.records import Journaled, points_of
from tests.scenarios.worker import until

pytestmark = pytest.mark.anyio

INTERVAL = 2.0
AWAY = 70 * 60.0
SWITCH_DIED, SWITCH_MENDED, ROOM_DIED = -50 * 60.0, -20 * 60.0, -10 * 60.0
FLAGGED_WITHIN = 2 * INTERVAL + 15.0

Dead = Mapping[str, tuple[float, float]]


def check_of(box: Box, at: float, up: bool) -> Sample:
    """What an agent says of one check of a box."""
    identity = {"site": box.site, "device": box.name, "class": box.class_, "agent": box.site}
    return CHECK_UP.reading(up, check="tcp").sample(identity, round(at * 1000))


def heartbeat_of(site: str, at: float) -> Sample:
    labels = make_labels({"agent": site, "site": site, "version": "1"})
    return Sample(Series(AGENT_INFO.name, labels), round(at * 1000), 1.0)


def measured(office: Office, start: float, end: float, dead: Dead) -> Iterator[list[Sample]]:
    """Result after result of an office's agent, in the order in which it measured."""
    at = start
    while at < end:
        for place, box in enumerate(office.boxes.values()):
            since, until_ = dead.get(box.name, (end, end))
            moment = at + place * 0.1
            yield [check_of(box, moment, up=not since <= moment < until_)]
        yield [heartbeat_of(office.site, at)]
        at += INTERVAL


def earlier_life(company: Company, start: float, end: float) -> None:
    """The journal of a collector that ran until it was cut off, everything being well."""
    company.collector.state_dir.mkdir(mode=0o700)
    journal = open_journal(f"sqlite:///{company.collector.state_dir / 'journal.db'}")
    inventory = load_inventory(company.folder / "inventory").to_json().encode()
    journal.append([Draft(EntryKind.INVENTORY, int(start * 1000), "inventory", inventory)])
    for site, office in company.offices.items():
        for samples in measured(office, start, end, {}):
            at_ms = samples[0].timestamp_ms
            payload = encode(batch_of(samples))
            journal.append([Draft(EntryKind.SAMPLES, at_ms, site, payload, at_ms, at_ms)])
    journal.close()


def backlog(folder: Path, results: list[list[Sample]], now: float) -> None:
    """An agent's buffer with all that nobody took."""
    folder.mkdir(mode=0o700)
    buffer = Buffer(folder / "buffer.sqlite3", max_bytes=256 << 20, max_age_ms=7 * 86_400_000)
    buffer.append([draft_of(samples) for samples in results], round(now * 1000))
    buffer.close()


def dead_at(now: float) -> Dead:
    """A switch with all behind it dies and is mended; later a room elsewhere dies for good."""
    spans = {"quang-son-room": (now + ROOM_DIED, now + 86_400.0)}
    names = ["switch", *(name for name, _ in Office.LEAVES)]
    spans |= {f"bac-binh-{n}": (now + SWITCH_DIED, now + SWITCH_MENDED) for n in names}
    return spans


async def test_away_for_an_hour(tmp_path: Path) -> None:
    """Everything arrives in order, incidents bear the time of measurement, one mail tells it all."""
    check = {"interval": f"{INTERVAL:g}s", "timeout": "1s"}
    async with Company(tmp_path, "bac-binh", "quang-son", check=check) as company:
        now = time.time()
        earlier_life(company, now - AWAY - 300.0, now - AWAY)
        held = set()
        for site, office in company.offices.items():
            results = list(measured(office, now - AWAY, now, dead_at(now)))
            held |= {point for samples in results for point in points_of(batch_of(samples))}
            backlog(company.agent(site).state_dir, results, now)
        await company.offices["quang-son"].boxes["room"].close()
        await company.collector.start()
        for site in company.offices:
            await company.workers[site].start()
        await until(lambda: company.mail.mails, "no summary came")
        check_incidents(await company.incidents("all"), now)
        assert company.mail.subjects == ["Summary: 2 incidents, 1 still open"]

        await company.offices["quang-son"].boxes["room"].open()
        await until(lambda: len(company.mail.mails) > 1, "the room's end was not told")
        await until(lambda: len(company.hook.calls) > 1, "the room's end was not told by webhook")
        assert len(company.mail.mails) == 2, company.mail.subjects
        assert [call["about"] for call in company.hook.calls] == ["summary", "resolved"]
        assert await company.incidents() == {}
        for site in company.offices:
            await company.workers[site].stop()
        await company.collector.stop()

        journal = Journaled(company.collector.state_dir)
        assert held <= set(journal.points)
        assert not journal.doubled
        assert not journal.out_of_order


def check_incidents(found: dict[str, dict[str, Any]], now: float) -> None:
    """One incident per fault, at the time when it was measured and not when that arrived."""
    assert set(found) == {"device:bac-binh-switch", "device:quang-son-room"}, json.dumps(found)
    switch, room = found["device:bac-binh-switch"], found["device:quang-son-room"]
    assert len(switch["affected"]) == len(Office.LEAVES)
    assert switch["state"] == "resolved"
    assert room["state"] == "open"
    for incident, died in ((switch, SWITCH_DIED), (room, ROOM_DIED)):
        assert 0 <= incident["since"] - (now + died) <= INTERVAL
        assert 0 <= incident["opened_at"] - (now + died) <= FLAGGED_WITHIN
        assert incident["late"] is True
    assert 0 <= switch["resolved_at"] - (now + SWITCH_MENDED) <= FLAGGED_WITHIN
