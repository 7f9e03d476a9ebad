"""What a profile adds to a poll: once in a while a survey of the rows that exist, then only their cells.

A survey walks the columns that the profile names, keeps the rows that give a believable value, and names
them. A poll then asks for these cells alone, many to a request: of a table with a thousand entities where
four have optics, four are asked for. Rows that begin to exist are found by the next survey.
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Callable, Mapping, Sequence

from agent.snmp import entity
from agent.snmp.decode import decode, is_one_of
from agent.snmp.memory import Memory
from agent.snmp.names import unique_names
from agent.snmp.plan import Item, Plan
from agent.snmp.poll import Cells, Poll
from agent.snmp.sensors import interfaces_of, name_of
from agent.snmp.session import Oid, Value, WalkLimits
from agent.snmp.values import text, whole
from inventory.profile import Profile
from inventory.profile_metric import Condition, ProfileMetric
from telemetry.sample import Reading

EVERY_SECONDS: Mapping[str, float] = {"fast": 0.0, "medium": 290.0, "slow": 3590.0}
"""How long a metric of a poll class is left alone; a little less than the round figure, for the jitter."""
_LIMITS = WalkLimits(rows=4000, seconds=15.0)


async def read_profile(poll: Poll, memory: Memory, profile: Profile, now: float) -> list[Reading]:
    """The readings that the profile adds; surveys first where none was done."""
    if memory.plan is None:
        failures = poll.failures
        plan = Plan(tuple(await _Survey(poll, memory).items(profile)))
        if poll.failures != failures and not plan.items:
            return []
        memory.plan = plan
    plan = memory.plan
    wanted = [item for item in plan.items if now >= plan.due.get(item.metric.poll, 0.0)]
    for name in {item.metric.poll for item in wanted}:
        plan.due[name] = now + EVERY_SECONDS[name]
    oids = dict.fromkeys(oid for item in wanted for oid in (item.cell, *item.beside.values()))
    return readings_of(wanted, await poll.cells("profile", tuple(oids)) if oids else {})


def readings_of(items: Sequence[Item], cells: Cells) -> list[Reading]:
    """The readings in the cells; several rows of a metric without labels become one."""
    found: dict[tuple[int, tuple[tuple[str, str], ...]], list[float]] = {}
    metrics: dict[int, ProfileMetric] = {}
    for item in items:
        row = {column: cells[oid] for column, oid in item.beside.items() if oid in cells}
        value = decode(item.metric, cells.get(item.cell), row)
        if value is not None:
            metrics[id(item.metric)] = item.metric
            key = (id(item.metric), tuple(sorted(item.labels.items())))
            found.setdefault(key, []).append(value)
    return [
        metrics[which].kind.reading(TAKE[metrics[which].take](values), **dict(labels))
        for (which, labels), values in found.items()
    ]


TAKE: Mapping[str, Callable[[Sequence[float]], float]] = {
    "first": lambda values: values[0],
    "max": max,
    "min": min,
    "sum": sum,
    "mean": statistics.fmean,
}


class _Survey:
    """One look at which rows exist. Columns that several metrics name are walked once."""

    def __init__(self, poll: Poll, memory: Memory) -> None:
        self._poll = poll
        self._memory = memory
        self._walked: dict[Oid, dict[str, Value]] = {}

    async def items(self, profile: Profile) -> list[Item]:
        singles = await self._scalars([m for m in profile.metrics if m.scalar is not None])
        found: list[Item] = []
        for metric in profile.metrics:
            if metric.scalar is not None:
                found += self._single(metric, singles)
            else:
                found += await self._rows(metric)
        return found

    async def _scalars(self, metrics: Sequence[ProfileMetric]) -> Cells:
        oids = dict.fromkeys(o for metric in metrics for o in (*metric.places, *metric.beside()))
        return await self._poll.cells("profile's scalars", tuple(oids)) if oids else {}

    def _single(self, metric: ProfileMetric, cells: Cells) -> list[Item]:
        beside = {oid: oid for oid in metric.beside()}
        labels = {name: source.partition(" ")[2] for name, source in metric.labels.items()}
        answering = [oid for oid in metric.places if oid in cells]
        good = [oid for oid in answering if decode(metric, cells[oid], cells) is not None]
        # An object that answers nonsense now may answer sense later; one that is absent stays so.
        return [Item(metric, labels, oid, beside) for oid in (good or answering)[:1]]

    async def _rows(self, metric: ProfileMetric) -> list[Item]:
        for column in metric.places:
            cells = await self._column(column)
            if cells:
                return await self._named(metric, column, cells)
        return []

    async def _named(
        self, metric: ProfileMetric, column: Oid, cells: dict[str, Value]
    ) -> list[Item]:
        """An item for each row that holds what the metric wants, with its labels."""
        wanted = [
            index
            for index, value in cells.items()
            if not is_one_of(value, metric.invalid)
            and all(holds(condition, index, {}) for condition in metric.when if condition.arc)
        ]
        others = (condition.column for condition in metric.when if condition.column)
        columns = dict.fromkeys((*metric.beside(), *others))
        for source in metric.labels.values():
            word, _, argument = source.partition(" ")
            if word == "column":
                columns[argument] = None
            elif word in ("entity", "entity-interface"):
                columns |= dict.fromkeys((entity.NAME, entity.DESCR, entity.PARENT))
        rows: Mapping[str, Cells] = {index: {} for index in wanted}
        if columns and wanted:
            rows = await self._poll.rows(f"rows of {metric.metric}", tuple(columns), wanted)
        kept = {
            index: row
            for index, row in rows.items()
            if all(holds(condition, index, row) for condition in metric.when)
            and decode(metric, cells[index], row) is not None
        }
        labels = self._labels(metric, kept)
        return [
            Item(
                metric,
                labels[index],
                f"{column}.{index}",
                {other: f"{other}.{index}" for other in metric.beside()},
            )
            for index in kept
            if index in labels
        ]

    def _labels(
        self, metric: ProfileMetric, rows: Mapping[str, Cells]
    ) -> dict[str, dict[str, str]]:
        """The labels of each row; rows that belong to no known interface are left out."""
        made: dict[str, dict[str, str]] = {index: {} for index in rows}
        for name, source in metric.labels.items():
            word, _, argument = source.partition(" ")
            values = self._source(word, argument, rows)
            if word not in ("interface", "entity-interface"):
                values = unique_names(values) if word != "text" else values
            for index in rows:
                if values.get(index):
                    made[index][name] = values[index]
        return {index: own for index, own in made.items() if len(own) == len(metric.labels)}

    def _source(self, word: str, argument: str, rows: Mapping[str, Cells]) -> dict[str, str]:
        if word == "text":
            return dict.fromkeys(rows, argument)
        if word == "column":
            return {index: text(row.get(argument)) for index, row in rows.items()}
        if word == "entity":
            return {index: name_of(row) or index for index, row in rows.items()}
        if word == "entity-interface":
            return interfaces_of(rows, self._memory)
        arcs = {index: _arc(index, argument) for index in rows}
        if word == "index":
            return arcs
        # A device without an interface table has ports all the same: their index names them.
        known = self._memory.interfaces or {arc: arc for arc in arcs.values()}
        return {i: name for i, arc in arcs.items() if (name := known.get(arc))}

    async def _column(self, column: Oid) -> dict[str, Value]:
        if column not in self._walked:
            self._walked[column] = await self._poll.column(f"column {column}", column, _LIMITS)
        return self._walked[column]


def holds(condition: Condition, index: str, row: Cells) -> bool:
    """Whether a row fulfils a condition."""
    value = row.get(condition.column) if condition.column else _arc(index, str(condition.arc))
    if value is None:
        return not (condition.in_ or condition.matches)
    if condition.in_ and not is_one_of(value, condition.in_):
        return False
    if condition.matches and not re.search(condition.matches, text(value), re.IGNORECASE):
        return False
    return not is_one_of(value, condition.not_in)


def _arc(index: str, argument: str) -> str:
    """The whole index, or one of its arcs counted from 1."""
    if not argument:
        return index
    arcs = index.split(".")
    place = whole(argument) or 1
    return arcs[place - 1] if place <= len(arcs) else ""
