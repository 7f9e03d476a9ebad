"""How many objects a device is asked for at once: many, until it says that this is too much."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from agent.probe import Reason
from agent.snmp.budget import FEW_OBJECTS, MOST_OBJECTS, Budget
from agent.snmp.paced import Paced
from agent.snmp.session import USUAL_LIMITS, Oid, SnmpFailure, Value, Walk, WalkLimits

pytestmark = pytest.mark.anyio
OIDS = [f"1.3.6.1.2.1.2.2.1.10.{n}" for n in range(1, 49)]


class Small:
    """A device that gives at most `most` objects at once; to more it is silent, or is asked in parts."""

    def __init__(self, most: int, silent: bool) -> None:
        self.most, self.silent = most, silent
        self.requests = self.splits = 0
        self.asked: list[int] = []

    async def get(self, oids: Sequence[Oid]) -> dict[Oid, Value | None]:
        self.asked.append(len(oids))
        if len(oids) > self.most and self.silent:
            raise SnmpFailure(Reason.TIMEOUT, "no answer in time")
        self.splits += len(oids) > self.most
        return dict.fromkeys(oids, 1)

    async def walk(self, prefix: Oid, limits: WalkLimits = USUAL_LIMITS) -> Walk:
        return Walk(())

    def close(self) -> None:
        self.asked.clear()


@pytest.mark.parametrize("silent", [True, False])
async def test_too_many_are_not_asked_for_again(silent: bool) -> None:
    budget, device = Budget(), Small(30, silent)
    session = Paced(device, budget)
    assert await session.get(OIDS[:1]) == {OIDS[0]: 1}
    assert budget.objects.value == MOST_OBJECTS
    assert set((await session.get(OIDS)).values()) == {1}
    assert budget.objects.value == FEW_OBJECTS


async def test_a_device_that_was_never_heard_is_asked_once() -> None:
    device = Small(30, silent=True)
    with pytest.raises(SnmpFailure):
        await Paced(device, Budget()).get(OIDS)
    assert device.asked == [len(OIDS)]


async def test_a_very_small_device() -> None:
    """It learns down to a handful, and no further."""
    budget = Budget()
    session = Paced(Small(1, silent=False), budget)
    for _ in range(9):
        await session.get(OIDS[: budget.objects.value])
    assert budget.objects.value == 5
