"""kill -9 at any moment: what was acknowledged is in the journal, and everything exactly once."""

from __future__ import annotations

import asyncio
import random
import sys
import time
from collections import Counter
from pathlib import Path

import httpx
import pytest

from collector.journals import open_journal
from telemetry.sample import Sample
from tests.collector.pushing import HEADERS, body_of, kept, series
from tests.programs import free_port

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[2]
AGENTS = ("bac-binh", "tu-du", "xuan-hoa")
KILLS = 5
SERIES = 10


class Pusher:
    """An agent that sends sample after sample, each until it is acknowledged, as the real one does.

    Now and then it sends a push again that was acknowledged, and one whose time lies before others.
    """

    def __init__(self, agent: str, url: str, start_ms: int) -> None:
        self.agent = agent
        self.url = url
        self.start_ms = start_ms
        self.acknowledged: list[Sample] = []
        self.attempts = 0
        self.progress = asyncio.Event()
        self.random = random.Random(agent)

    def samples(self, number: int) -> list[Sample]:
        """The number-th push; every fifth is late."""
        at_ms = self.start_ms + 1000 * (number - 7 if number % 5 == 4 else number * 3)
        return [
            Sample(series(site=self.agent, agent=self.agent, device=f"d{n}"), at_ms, float(number))
            for n in range(SERIES)
        ]

    async def run(self, finished: asyncio.Event) -> None:
        number = 0
        async with httpx.AsyncClient(timeout=5) as client:
            while not finished.is_set():
                await self._until_acknowledged(client, self.samples(number))
                self.acknowledged += self.samples(number)
                if number and self.random.random() < 0.2:
                    await self._until_acknowledged(
                        client, self.samples(self.random.randrange(number))
                    )
                number += 1
                self.progress.set()

    async def _until_acknowledged(self, client: httpx.AsyncClient, samples: list[Sample]) -> None:
        headers = {**HEADERS, "Authorization": f"Bearer {self.agent}"}
        while True:
            self.attempts += 1
            try:
                response = await client.post(self.url, content=body_of(*samples), headers=headers)
            except httpx.TransportError:
                await asyncio.sleep(0.01)  # nobody is there just now
                continue
            assert response.status_code in (204, 503), response.text
            if response.status_code == 204:
                return


async def test_killed_at_any_moment(tmp_path: Path) -> None:
    """Three agents push and push again while the collector is killed five times."""
    journal_url = f"sqlite:///{tmp_path}/journal.db"
    port = free_port()
    start_ms = int(time.time() * 1000) - 86_400_000
    url = f"http://127.0.0.1:{port}/api/v1/write"
    pushers = [Pusher(agent, url, start_ms) for agent in AGENTS]
    finished = asyncio.Event()
    tasks = [asyncio.create_task(pusher.run(finished)) for pusher in pushers]
    chance = random.Random(2026)
    command = (sys.executable, "-m", "tests.collector.ingest_process", journal_url, str(port))
    for kill in range(KILLS + 1):
        process = await asyncio.create_subprocess_exec(*command, *AGENTS, cwd=ROOT)
        for pusher in pushers:
            pusher.progress.clear()
        await asyncio.wait_for(asyncio.gather(*(p.progress.wait() for p in pushers)), 30)
        if kill == KILLS:
            finished.set()
            await asyncio.wait_for(asyncio.gather(*tasks), 30)
        else:
            await asyncio.sleep(chance.uniform(0, 0.2))  # any moment
        process.kill()
        await process.wait()

    journal = open_journal(journal_url)
    found = Counter(kept(journal))
    journal.close()
    pushed = {sample for pusher in pushers for sample in pusher.acknowledged}
    assert set(found) == pushed
    assert set(found.values()) == {1}
    assert len(pushed) >= KILLS * len(AGENTS) * SERIES
    # the kills did hit pushes that were under way
    assert sum(pusher.attempts for pusher in pushers) > len(pushed) / SERIES
