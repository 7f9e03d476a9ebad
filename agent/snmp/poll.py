"""One poll of one device: asks, keeps count, and goes on after what need not end it.

The readers of groups call it and get what there is; a device that stops answering in the middle
leaves them with empty hands instead of an exception, so what was read before is kept.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

from agent.probe import Reason
from agent.snmp.budget import MOST_OBJECTS
from agent.snmp.oid import index_of
from agent.snmp.session import USUAL_LIMITS, Oid, Session, SnmpFailure, Value, WalkLimits

T = TypeVar("T")
Cells = dict[Oid, Value]
"""One row of a table: the columns that hold a value, by the column's OID."""

MAX_MALFORMED = 3
"""So many broken answers end a poll; fewer cost only the group in which they came."""


class Poll:
    """What is asked of one device in one check. Its methods raise nothing for what a network does.

    failure: the first thing that went wrong, None when all was well. working: a line for each question.
    failures: how many things did. ended: nothing is asked any more. oids_per_request, repetitions: what
    the device's family bears, repetitions None for what a walk's limits say.

    missing: where given, cells that do not exist are noted there and not asked for again. SNMPv1 needs
    it: there one missing object spoils the whole answer, and the request must be halved.
    """

    def __init__(
        self, session: Session, clock: Callable[[], float], missing: set[Oid] | None = None
    ) -> None:
        self.failure: SnmpFailure | None = None
        self.working: list[str] = []
        self.ended = False
        self.failures = 0
        self.oids_per_request = MOST_OBJECTS
        self.repetitions: int | None = None
        self._session = session
        self._clock = clock
        self._missing = missing
        self._malformed = 0

    async def scalars(self, what: str, oids: Sequence[Oid]) -> Cells:
        """The objects among `oids` that exist."""
        started = self._clock()
        found = await self._asked(what, partial(self._session.get, oids)) or {}
        cells = {oid: value for oid, value in found.items() if value is not None}
        self._note(what, f"{len(cells)} of {len(oids)} objects", started)
        return cells

    async def cells(self, what: str, oids: Sequence[Oid]) -> Cells:
        """The objects among `oids` that exist, asked for in as many requests as it takes."""
        started = self._clock()
        cells: Cells = {}
        for start in range(0, len(oids), self.oids_per_request):
            some = self._wanted(list(oids[start : start + self.oids_per_request]))
            answer = await self._asked(what, partial(self._session.get, some)) if some else {}
            if answer is None and self.ended:
                break
            cells.update((oid, v) for oid, v in (answer or {}).items() if v is not None)
            self._learn_missing(answer or {})
        self._note(what, f"{len(cells)} of {len(oids)} objects", started)
        return cells

    async def column(
        self, what: str, column: Oid, limits: WalkLimits = USUAL_LIMITS
    ) -> dict[str, Value]:
        """The cells of one column by row index; what came before a broken rule is in it."""
        started = self._clock()
        if self.repetitions is not None:
            limits = replace(limits, repetitions=self.repetitions)
        walk = await self._asked(what, partial(self._session.walk, column, limits))
        if walk is None:
            return {}
        if walk.broken is not None:
            self._fail(what, SnmpFailure(Reason.MISBEHAVING, walk.broken))
        self._note(what, f"{len(walk.rows)} rows", started)
        return {index_of(oid, column): value for oid, value in walk.rows}

    async def rows(
        self, what: str, columns: Sequence[Oid], indexes: Sequence[str]
    ) -> dict[str, Cells]:
        """The cells of `columns` for the rows `indexes`, several rows a request where they are short.

        A row is read in one request where it fits, so that its cells belong together. Rows that were
        not asked for any more, because the device stopped answering, are left out.
        """
        started = self._clock()
        found: dict[str, Cells] = {}
        at_once = max(1, self.oids_per_request // max(1, len(columns)))
        for start in range(0, len(indexes), at_once):
            some = {
                index: [(column, f"{column}.{index}") for column in columns]
                for index in indexes[start : start + at_once]
            }
            oids = self._wanted([oid for row in some.values() for _, oid in row])
            answer = await self._asked(what, partial(self._session.get, oids))
            if answer is None:
                if self.ended:
                    break
                continue
            for index, row in some.items():
                found[index] = {c: v for c, oid in row if (v := answer.get(oid)) is not None}
            self._learn_missing(answer)
        self._note(what, f"{len(found)} rows of {len(columns)} columns", started)
        return found

    def _learn_missing(self, answer: Mapping[Oid, Value | None]) -> None:
        if self._missing is not None:
            self._missing.update(oid for oid, value in answer.items() if value is None)

    def _wanted(self, oids: list[Oid]) -> list[Oid]:
        return [oid for oid in oids if oid not in self._missing] if self._missing else oids

    async def _asked(self, what: str, ask: Callable[[], Awaitable[T]]) -> T | None:
        if self.ended:
            return None
        try:
            return await ask()
        except SnmpFailure as failure:
            self._fail(what, failure)
            return None

    def _fail(self, what: str, failure: SnmpFailure) -> None:
        self.working.append(f"{what}: {failure}")
        self.failures += 1
        if self.failure is None:
            self.failure = failure
        if failure.reason is Reason.MALFORMED:
            self._malformed += 1
        harmless = (Reason.MALFORMED, Reason.MISBEHAVING)
        self.ended = failure.reason not in harmless or self._malformed >= MAX_MALFORMED

    def _note(self, what: str, came: str, started: float) -> None:
        if not self.ended:
            self.working.append(f"{what}: {came} in {(self._clock() - started) * 1000:.1f} ms")
