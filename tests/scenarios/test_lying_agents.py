"""Agents that lie, strangers and broken bodies: each gets its answer, the others are unharmed."""

from __future__ import annotations

import random
import time
from pathlib import Path

import cramjam
import httpx
import pytest

from telemetry.labels import make_labels
from telemetry.remotewrite import compress, encode
from telemetry.sample import Sample, Series, batch_of
from tests.scenarios.company import Company
from tests.scenarios.records import Journaled
from tests.scenarios.worker import until

pytestmark = pytest.mark.anyio

DAY_MS = 86_400_000


def sample(site: str, device: str, at_ms: int, agent: str = "bac-binh") -> Sample:
    labels = {"site": site, "device": device, "class": "router", "agent": agent, "check": "tcp"}
    return Sample(Series("check_up", make_labels(labels)), at_ms, 1.0)


def body(*samples: Sample) -> bytes:
    return compress(encode(batch_of(list(samples))))


def refused(answer: httpx.Response, status: int) -> str:
    """The one sentence of a refusal."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["detail"].endswith(".")
    return str(problem["detail"])


def broken_bodies() -> list[bytes]:
    """What is not remote-write: noise, half a body, a broken message, a bomb, someone else's."""
    noise = random.Random(7).randbytes(400)
    good = body(sample("bac-binh", "bac-binh-router", 1_700_000_000_000))
    bomb = bytes(cramjam.snappy.compress_raw(bytes(64 << 20)))
    return [noise, b"", good[:-3], compress(noise), bomb, b'{"metric": 1}', b"\xff" * 20]


async def test_lying_agents(tmp_path: Path) -> None:
    """403 for another's site, 401 for a stranger, 400 for nonsense; an honest agent's samples count."""
    async with Company(tmp_path, "bac-binh", "quang-son") as company:
        await company.start()
        now_ms = int(time.time() * 1000)
        honest = sample("quang-son", "quang-son-router", now_ms - 2000, "quang-son")
        assert (await company.push("quang-son", body(honest))).status_code == 204

        foreign = sample("quang-son", "quang-son-router", now_ms)
        moved = sample("bac-binh", "quang-son-router", now_ms)  # its true site is another
        for lie in (foreign, moved):
            assert "may not write" in refused(await company.push("bac-binh", body(lie)), 403)
        stranger = await company.push("bac-binh", body(foreign), token="guessed")
        assert "not known" in refused(stranger, 401)
        assert stranger.headers["www-authenticate"] == "Bearer"
        for broken in broken_bodies():
            refused(await company.push("bac-binh", broken), 400)
        for moment in (now_ms + DAY_MS, now_ms - 400 * DAY_MS):
            late = sample("bac-binh", "bac-binh-router", moment)
            assert "could be used" in refused(await company.push("bac-binh", body(late)), 400)

        # The good of a mixed batch counts, under the sender's true name; a repeat changes nothing.
        mine = sample("bac-binh", "bac-binh-router", now_ms - 1000, agent="quang-son")
        late = sample("bac-binh", "bac-binh-router", now_ms - 90_000)
        for pushed in (body(mine, foreign), body(mine, foreign), body(late), body(late)):
            assert (await company.push("bac-binh", pushed)).status_code == 204
        again = sample("quang-son", "quang-son-router", now_ms, "quang-son")
        assert (await company.push("quang-son", body(again))).status_code == 204
        await until(lambda: both_heard(company), "the honest agent was not heard")
        await check_counts(company)
        await company.collector.stop()

        journal = Journaled(company.collector.state_dir)
        true_name = sample("bac-binh", "bac-binh-router", now_ms - 1000)
        assert journal.points == [
            (s.series, s.timestamp_ms) for s in (honest, true_name, late, again)
        ]


async def both_heard(company: Company) -> bool:
    agents = {agent["agent"]: agent for agent in await company.get("agents")}
    return set(agents) == {"bac-binh", "quang-son"} and not any(
        agent["silent"] for agent in agents.values()
    )


async def check_counts(company: Company) -> None:
    """Every refusal is counted by its reason."""
    lines = (await company.metrics()).splitlines()
    counts = {
        line.split('"')[1]: float(line.split()[-1])
        for line in lines
        if line.startswith("ltmon_ingest_rejected_total{")
    }
    assert counts["unauthorized"] == 1
    assert counts["foreign_site"] == 2 + 2
    assert counts["malformed"] == len(broken_bodies())
    assert counts["duplicate"] == 2
    assert counts["future"] == counts["too_old"] == 1
    assert "ltmon_ingest_samples_total 4.0" in lines
