"""Records a device: walks it slowly, or notes what a poll of it gets, object by object with its type.

The engine is pysnmp's, because gufo_snmp does not tell the type of a value.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile

from agent.probe import Reason
from agent.snmp.memory import Memory
from agent.snmp.oid import arcs, under
from agent.snmp.poll import Poll
from agent.snmp.polling import Polling
from agent.snmp.pysnmp import PysnmpSession
from agent.snmp.recording import Entry
from agent.snmp.session import USUAL_LIMITS, Oid, SnmpFailure, Value, Walk, WalkLimits

EVERYTHING = ("1.3.6.1",)
MOST_OBJECTS = 200_000
MOST_SKIPS = 100
"""So many times a device may break the order of its objects before it is left alone."""
_ROWS_AT_ONCE = (10, 3, 0)
_LAST_ARC = 4_294_967_295
_COLUMN_ARCS = 10  # of most columns in the standard tree


@dataclass(slots=True)
class Recorder:
    """One recording. complaints: what went wrong on the way, a sentence each.

    getnext: never ask for several objects at once. most: objects at most.
    """

    session: PysnmpSession
    getnext: bool = False
    most: int = MOST_OBJECTS
    complaints: list[str] = field(default_factory=list)
    _recorded: int = 0
    _ways: tuple[int, ...] = _ROWS_AT_ONCE

    def __post_init__(self) -> None:
        self.session.tags = {}
        if self.getnext:
            self._ways = (0,)

    async def walk(self, subtree: Oid, after: Oid = "") -> AsyncIterator[list[Entry]]:
        """The objects under a subtree in rising order, a few at a time, as they come; only those behind
        `after` where that is given. Raises SnmpFailure when the device falls silent.

        Where it breaks the order, the rest of that table is left out, with a complaint; where it begins
        again at its first object, as some agents do behind their last, that is the end.
        """
        here, first, skips = after or subtree, "", 0
        while self._recorded < self.most:
            rows = await self._after(here)
            good, broken = self._in_order(rows, subtree, here)
            if good:
                yield [self._entry(oid, value) for oid, value in good]
                self._recorded += len(good)
                first, here = first or good[0][0], good[-1][0]
            if broken and first and arcs(broken) > arcs(first) and skips < MOST_SKIPS:
                skips += 1
                here = self._beyond(here, broken)
            elif broken or len(good) < len(rows) or not rows:
                return
        self.complaints.append(f"more than {self.most} objects: ended by us at {here}")

    async def _after(self, oid: Oid) -> list[tuple[Oid, Value]]:
        """What follows `oid`, asked for ever more humbly where the device gives no answer; what served is
        kept to."""
        self._forget_tags()
        failure: SnmpFailure | None = None
        for place, rows in enumerate(self._ways):
            try:
                if found := await self.session.after(oid, rows):
                    self._ways = self._ways[place:]
                    return found
            except SnmpFailure as problem:
                failure = problem
                if problem.reason not in (Reason.TIMEOUT, Reason.MALFORMED):
                    raise
        if failure is not None:
            raise failure
        return []

    def _in_order(
        self, rows: Sequence[tuple[Oid, Value]], subtree: Oid, last: Oid
    ) -> tuple[list[tuple[Oid, Value]], Oid]:
        """The rows that are under the subtree and rise, and the first that does not rise, if any."""
        good: list[tuple[Oid, Value]] = []
        for oid, value in rows:
            if arcs(oid) <= arcs(last):
                return good, oid
            if not under(oid, subtree):
                return good, ""
            good.append((oid, value))
            last = oid
        return good, ""

    def _beyond(self, last: Oid, wrong: Oid) -> Oid:
        """Where to go on when `wrong` came after `last`: behind what both have in common, at least behind a
        column; when that was tried in vain, behind the next larger part of the tree."""
        kept = arcs(last)
        if kept[-1] == _LAST_ARC:
            place = kept[:-2]
        else:
            pairs = zip(kept, arcs(wrong), strict=False)
            common = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
            place = kept[: max(common, min(len(kept) - 1, _COLUMN_ARCS))]
        where = ".".join(map(str, place))
        self.complaints.append(f"{wrong} came after {last}: the rest under {where} is left out")
        return f"{where}.{_LAST_ARC}"

    def _entry(self, oid: Oid, value: Value) -> Entry:
        return Entry(oid, (self.session.tags or {}).get(oid, 0), value)

    def _forget_tags(self) -> None:
        if self.session.tags is not None:
            self.session.tags.clear()


@dataclass(frozen=True, slots=True)
class Cut:
    """How much of a device is kept. rows: at most so many of a column, None for all of them; ports: the same
    for the tables of ports, None for as many as of the others.
    """

    rows: int | None = None
    ports: int | None = None

    def most(self, column: Oid) -> int | None:
        """How many rows of this column are kept."""
        of_ports = self.ports is not None and any(under(column, table) for table in _PORT_TABLES)
        return self.ports if of_ports else self.rows


WHOLE = Cut()
_PORT_TABLES = ("1.3.6.1.2.1.2", "1.3.6.1.2.1.10.7", "1.3.6.1.2.1.31")


class Noted:
    """A session (see `Session`) that keeps every object that it gives, within a cut."""

    def __init__(self, session: PysnmpSession, cut: Cut = WHOLE) -> None:
        session.tags = {}
        self.found: dict[Oid, Value] = {}
        self._session = session
        self._cut = cut

    @property
    def requests(self) -> int:
        """See `Session`."""
        return self._session.requests

    @property
    def splits(self) -> int:
        """See `Session`."""
        return self._session.splits

    async def get(self, oids: Sequence[Oid]) -> dict[Oid, Value | None]:
        """See `Session.get`."""
        found = await self._session.get(oids)
        self.found.update((oid, value) for oid, value in found.items() if value is not None)
        return found

    async def walk(self, prefix: Oid, limits: WalkLimits = USUAL_LIMITS) -> Walk:
        """See `Session.walk`; a column that was cut short counts as whole."""
        most = self._cut.most(prefix)
        if most is not None:
            limits = replace(limits, rows=min(limits.rows, most))
        walk = await self._session.walk(prefix, limits)
        if most is not None and len(walk.rows) >= most:
            walk = replace(walk, broken=None)
        self.found.update(walk.rows)
        return walk

    def close(self) -> None:
        """See `Session.close`."""
        self._session.close()

    def entries(self) -> list[Entry]:
        """What was given so far, in rising order."""
        tags = self._session.tags or {}
        made = [Entry(oid, tags.get(oid, 0), value) for oid, value in self.found.items()]
        return sorted(made, key=lambda entry: entry.place)


async def what_a_poll_asks(
    session: PysnmpSession, clock: Callable[[], float], profile: str, cut: Cut = WHOLE
) -> tuple[list[Entry], Polling]:
    """The objects that one poll of the device gets, and the poll. profile: the inventory's word."""
    noted = Noted(session, cut)
    polling = Polling(Poll(noted, clock), Memory(), clock)
    await polling.run(profile)
    return noted.entries(), polling
