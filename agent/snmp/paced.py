"""A session that keeps to a device's budget, and learns from the way its walks go."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from agent.probe import Reason
from agent.snmp.budget import FEW_OBJECTS, Budget
from agent.snmp.session import (
    USUAL_LIMITS,
    Oid,
    Session,
    SnmpFailure,
    Value,
    Walk,
    WalkLimits,
)

COMPARED_ROWS = 12
"""So many rows are read twice, once in a device's life, to see whether its GETBULK leaves rows out."""


def turns(budget: Budget, clock: Callable[[], float]) -> Callable[[], Awaitable[None]]:
    """What an engine awaits before each datagram."""

    async def turn() -> None:
        wait = budget.wait(clock())
        if wait > 0:
            await asyncio.sleep(wait)

    return turn


class Paced:
    """See `Session`. Walks ask for as many rows at once as the device was found to bear.

    bulk: whether the version has GETBULK.
    """

    def __init__(self, session: Session, budget: Budget, bulk: bool = True) -> None:
        self._session = session
        self._learned = budget.repetitions
        self._objects = budget.objects
        self._bulk = bulk
        self._heard = False

    @property
    def requests(self) -> int:
        """See `Session`."""
        return self._session.requests

    @property
    def splits(self) -> int:
        """See `Session`."""
        return self._session.splits

    async def get(self, oids: Sequence[Oid]) -> dict[Oid, Value | None]:
        """See `Session.get`.

        Devices that cannot answer many objects at once say so, say nonsense or say nothing; one that has
        answered in this session and is silent now is asked once more, for few.
        """
        before = self._session.splits
        try:
            found = await self._session.get(oids)
        except SnmpFailure as failure:
            many = len(oids) > FEW_OBJECTS
            if failure.reason is not Reason.TIMEOUT or not many or not self._heard:
                raise
            found = {}
            for start in range(0, len(oids), FEW_OBJECTS):
                found |= await self._session.get(oids[start : start + FEW_OBJECTS])
            self._objects.too_many(len(oids))
        self._heard = True
        if self._session.splits > before and any(value is not None for value in found.values()):
            self._objects.too_many(len(oids))
        return found

    async def walk(self, prefix: Oid, limits: WalkLimits = USUAL_LIMITS) -> Walk:
        """See `Session.walk`.

        A device that has answered in this session and is silent to a GETBULK is asked once more, by
        GETNEXT, before it is taken for gone.
        """
        most = min(limits.repetitions, self._learned.value) if self._bulk else 0
        try:
            found = await self._session.walk(prefix, replace(limits, repetitions=most))
        except SnmpFailure as failure:
            if failure.reason is not Reason.TIMEOUT or not most or not self._heard:
                raise
            found = await self._session.walk(prefix, replace(limits, repetitions=0))
            self._learned.failed()
            return found
        self._heard = True
        less = found.repetitions < most
        if self._bulk and found.rows and (less or most == self._learned.value):
            self._learned.worked(found.repetitions)
        if most and found.repetitions and not self._learned.tried and len(found.rows) > 1:
            return await self._compared(prefix, limits, found)
        return found

    async def _compared(self, prefix: Oid, limits: WalkLimits, found: Walk) -> Walk:
        """The walk, or the same by GETNEXT when that brings rows which are not in it."""
        few = replace(limits, repetitions=0, rows=min(len(found.rows), COMPARED_ROWS))
        singly = await self._session.walk(prefix, few)
        self._learned.tried = True
        if {oid for oid, _ in singly.rows} <= {oid for oid, _ in found.rows}:
            return found
        self._learned.skips_rows()
        return await self._session.walk(prefix, replace(limits, repetitions=0))

    def close(self) -> None:
        """See `Session.close`."""
        self._session.close()
