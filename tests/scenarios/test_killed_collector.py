"""The collector is killed at any moment: no sample is lost or doubled, no incident forgotten."""

from __future__ import annotations

import asyncio
import random
import time
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.company import OPERATOR, OPERATOR_TOKEN, Company, until
from tests.scenarios.records import Journaled, buffered

pytestmark = pytest.mark.anyio

KILLS = 4
SWITCH, ROOM = "device:bac-binh-switch", "device:quang-son-room"


async def lose_the_switch(company: Company) -> None:
    """A dead switch with four devices behind it is one incident, and somebody takes it on."""
    began = time.monotonic()
    await company.offices["bac-binh"].lose_switch()
    first = await until(company.incidents, "the dead switch was not flagged")
    assert time.monotonic() - began < 2 * 1.0 + 15, "two check intervals and 15 s"
    assert list(first) == [SWITCH]
    behind = {box.name for box in company.offices["bac-binh"].behind_the_switch}

    async def all_laid_to_it() -> bool:
        return set((await company.incidents())[SWITCH]["affected"]) == behind

    await until(all_laid_to_it, "the four behind it are not laid to the switch")
    await until(lambda: company.mail.mails and company.hook.calls, "nobody was told")
    answer = await company.client.post(
        f"/api/v1/incidents/{first[SWITCH]['id']}/acknowledge",
        json={"note": "đang đến xem"},
        headers={"Authorization": f"Bearer {OPERATOR_TOKEN}"},
    )
    assert answer.status_code == 200, answer.text


async def lose_a_room(company: Company) -> None:
    """A dead room elsewhere; the mail about it cannot be delivered yet."""
    company.mail.refusing = True
    await company.offices["quang-son"].boxes["room"].close()
    await until(lambda: company.mail.refused, "no mail about the room was tried")
    await until(lambda: len(company.hook.calls) == 2, "not told by webhook")
    assert set(await company.incidents()) == {SWITCH, ROOM}


def lasting(incidents: dict[str, dict[str, Any]]) -> list[tuple[Any, ...]]:
    """What of incidents must be the same after a restart."""
    keys = ("id", "cause", "state", "since", "opened_at", "affected", "acknowledged_by", "note")
    return [tuple(incident[key] for key in keys) for incident in incidents.values()]


async def kill_and_start(company: Company, dice: random.Random, also_at_start: bool) -> None:
    """kill -9 at a moment that the dice say, once more perhaps while it is getting up."""
    await asyncio.sleep(dice.uniform(0, 0.7))
    await company.collector.kill()
    if also_at_start:
        await company.collector.start()
        await asyncio.sleep(dice.uniform(0.5, 1.5))
        await company.collector.kill()
    await company.start()


async def test_killed_at_any_moment(tmp_path: Path) -> None:
    """After each kill -9 the incidents stand as they stood, nobody is told anything twice, and in the
    end every answer that a device ever gave is one sample in the journal.
    """
    dice = random.Random(2026)
    async with Company(tmp_path, "bac-binh", "quang-son") as company:
        await company.start_all()
        await lose_the_switch(company)
        await lose_a_room(company)
        before = lasting(await company.incidents())
        assert [row[2] for row in before] == ["acknowledged", "open"]
        assert before[0][6:] == (OPERATOR, "đang đến xem")
        for kill in range(KILLS):
            await kill_and_start(company, dice, also_at_start=kill % 2 == 1)
            assert lasting(await company.incidents()) == before
            company.mail.refusing = False
        await until(lambda: len(company.mail.mails) == 2, "the mail that waited did not arrive")

        await company.offices["quang-son"].boxes["room"].open()
        await until(lambda: len(company.mail.mails) > 2, "its end was not told by mail")
        await until(lambda: len(company.hook.calls) > 2, "its end was not told by webhook")
        assert [call["about"] for call in company.hook.calls] == ["opened", "opened", "resolved"]
        assert len(company.mail.mails) == 3, company.mail.subjects
        for site in company.offices:
            await company.workers[site].stop()
        await company.collector.stop()
        check_journal(company)


def check_journal(company: Company) -> None:
    """Nothing twice, everything in order, and as many answers as the devices themselves counted."""
    journal = Journaled(company.collector.state_dir)
    assert not journal.doubled
    assert not journal.out_of_order
    missing = 0
    for site, office in company.offices.items():
        held = buffered(company.workers[site].state_dir, company.folder / f"copy-{site}")
        assert not held, "a clean stop sends what waits"
        for box in office.boxes.values():
            if not box.was_closed:
                answers = [v for v in journal.of("check_up", device=box.name).values() if v]
                assert len(answers) > 10
                missing += box.answered - len(answers)
    # A check that is under way when its agent is asked to stop gives no sample.
    assert 0 <= missing <= len(company.offices)
