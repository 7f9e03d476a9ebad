"""What a walk must obey, whatever engine drives it.

A fake agent that alternates two OIDs keeps the bulk walk of gufo_snmp, pysnmp and puresnmp running
for ever, and 19 of 116 recorded devices send OIDs that do not increase. So the rules stand here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from agent.snmp.oid import Arcs, arcs, under
from agent.snmp.session import Oid, Value, Walk, WalkLimits


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

    def take(self, rows: Iterable[tuple[Oid, Value]]) -> bool:
        """Keeps the good rows; False when the walk is over, at its end or at a broken rule."""
        for oid, value in rows:
            if not under(oid, self._prefix):
                return False
            self._broken = self._complaint(oid, value)
            if self._broken is not None:
                return False
            self._rows.append((oid, value))
        return True

    def walk(self) -> Walk:
        """What has been taken so far."""
        return Walk(tuple(self._rows), self._broken)

    def _complaint(self, oid: Oid, value: Value) -> str | None:
        here = arcs(oid)
        if here <= self._last:
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
