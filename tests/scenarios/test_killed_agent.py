"""An agent is killed at any moment: what it had on disk arrives, each sample once."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from tests.scenarios.company import Company, until
from tests.scenarios.records import Journaled, Point, buffered

pytestmark = pytest.mark.anyio

KILLS = 4
LOST_SECONDS = 3
"""An agent commits about once a second; that, one flush of the disk and a check under way."""


async def more_samples(company: Company) -> bool:
    """Whether the collector, just started, has accepted some."""
    return any(
        line.startswith("ltmon_ingest_samples_total") and float(line.split()[-1]) > 0
        for line in (await company.metrics()).splitlines()
    )


async def test_killed_at_any_moment(tmp_path: Path) -> None:
    """Nothing that was committed is lost or there twice, also while the collector is away."""
    dice = random.Random(2026)
    committed: dict[Point, float] = {}
    async with Company(tmp_path, "bac-binh") as company:
        agent = company.agent("bac-binh", push={"interval": "1s"})
        await company.start()
        await agent.start()
        await until(company.all_up, "not every device is up")
        for kill in range(KILLS):
            away = kill % 2 == 1
            if away:
                await company.collector.kill()
            asked = company.offices["bac-binh"].boxes["router"].answered
            router = company.offices["bac-binh"].boxes["router"]
            await until(lambda r=router, a=asked: r.answered >= a + 2, "the agent asks nobody")
            await asyncio.sleep(dice.random())  # the moment itself is what is random
            await agent.kill()
            committed |= buffered(agent.state_dir, tmp_path / f"copy-{kill}")
            await agent.start()
            if away:
                await company.start()
                await until(lambda: more_samples(company), "the agent did not come back")
        await agent.stop()
        await company.collector.stop()

        journal = Journaled(company.collector.state_dir)
        assert len(committed) > 20
        assert {point: journal.values.get(point) for point in committed} == committed
        assert not journal.doubled
        assert not journal.out_of_order
        for box in company.boxes:
            answers = journal.of("check_up", device=box.name)
            assert 0 <= box.answered - len(answers) <= KILLS * LOST_SECONDS
