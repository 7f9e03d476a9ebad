"""What a walk must obey, whatever engine drives it.

A fake agent that alternates two OIDs keeps the bulk walk of gufo_snmp, pysnmp and puresnmp running
for ever, and 19 of 116 recorded devices send OIDs that do not increase. So the rules stand here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace

from agent.snmp.oid import Arcs, arcs, under
from agent.snmp.session import Oid, Value, Walk, WalkLimits

FEW_ROWS = 200
"""So many rows are worth reading again one by one, to see whether only GETBULK mixes them up."""


async def best_walk(
    limits: WalkLimits, bulk: bool, steps: Callable[[int], Awaitable[tuple[Walk, bool]]]
) -> Walk:
    """The walk that brought the most, over ever humbler ways of asking.

    steps: walks once with that many rows at once (0: GETNEXT) and says whether the end is certain: an
    answer with an error or with nothing in it may be the end, or a GETBULK that the device cannot do.
    bulk: whether the version has GETBULK at all.
    """
    best: Walk | None = None
    for rows in _attempts(limits, bulk):
        walk, ended = await steps(rows)
        walk = replace(walk, repetitions=rows)
        if walk.disordered and rows and len(walk.rows) < FEW_ROWS:
            slow, _ = await steps(0)
            # Some agents mix up the rows of GETBULK and answer GETNEXT well (Zyxel GS1920).
            return slow if slow.broken is None else walk
        if ended or walk.broken:
            return walk
        if best is None or len(walk.rows) > len(best.rows):
            best = walk
    return best or Walk(())


def _attempts(limits: WalkLimits, bulk: bool) -> tuple[int, ...]:
    """Rows to ask for at once, in the order of trying; 0 stands for GETNEXT."""
    if not bulk or not limits.repetitions:
        return (0,)
    few = max(1, limits.repetitions // 3)
    return (limits.repetitions, few, 0) if few < limits.repetitions else (limits.repetitions, 0)


class WalkGuard:
    """Takes the rows of a walk as they come and says when it is over.

    `clock` counts seconds; the time limit runs from the guard's making.
    """

    def __init__(self, prefix: Oid, limits: WalkLimits, clock: Callable[[], float]) -> None:
        self._prefix = prefix
        self._limits = limits
        self._clock = clock
        self._ends_at = clock() + limits.seconds
        self._last: Arcs = ()
        self._octets = 0
        self._rows: list[tuple[Oid, Value]] = []
        self._broken: str | None = None
        self._disordered = False

    def take(self, rows: Iterable[tuple[Oid, Value | None]]) -> bool:
        """Keeps the good rows; False when the walk is over, at its end or at a broken rule. A row without
        a value (None) must be in order, too, but is not kept.
        """
        for oid, value in rows:
            if not under(oid, self._prefix):
                return False
            self._broken = self._complaint(oid, value)
            if self._broken is not None:
                return False
            if value is not None:
                self._rows.append((oid, value))
        return True

    def walk(self) -> Walk:
        """What has been taken so far."""
        return Walk(tuple(self._rows), self._broken, self._disordered)

    def _complaint(self, oid: Oid, value: Value | None) -> str | None:
        here = arcs(oid)
        if here <= self._last:
            self._disordered = True
            return f"the OIDs under {self._prefix} do not increase: {oid[:80]} came late or twice"
        self._last = here
        self._octets += len(oid) + (len(value) if isinstance(value, bytes | str) else 8)
        if len(self._rows) >= self._limits.rows:
            return f"more than {self._limits.rows} rows under {self._prefix}"
        if self._octets > self._limits.octets:
            return f"more than {self._limits.octets} octets under {self._prefix}"
        if self._clock() > self._ends_at:
            return f"the walk of {self._prefix} took more than {self._limits.seconds:g} seconds"
        return None
