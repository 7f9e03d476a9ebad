"""What happens when: faults and harmless things laid over the weeks so that each can be told apart."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from inventory.inventory import Inventory
from simulator.scenarios.agent_faults import AGENT_FAULTS
from simulator.scenarios.box_faults import BOX_FAULTS
from simulator.scenarios.chance import stream
from simulator.scenarios.fault import Fault, Weight
from simulator.scenarios.innocents import HARMLESS, Harmless, HotSpell, PlannedWork, SingleReboot
from simulator.scenarios.line_faults import LINE_FAULTS
from simulator.scenarios.outages import OUTAGES
from simulator.scenarios.rhythm import HOUR
from simulator.scenarios.room_faults import ROOM_FAULTS
from simulator.scenarios.seeds import START
from simulator.scenarios.service_faults import SERVICE_FAULTS

FAULTS: tuple[type[Fault], ...] = (
    *OUTAGES,
    *AGENT_FAULTS,
    *LINE_FAULTS,
    *BOX_FAULTS,
    *ROOM_FAULTS,
    *SERVICE_FAULTS,
)
"""The kinds of faults: the only list."""

FIRST_HOUR = 26.0
"""Nothing breaks before: whoever judges by the past has seen one day."""
LAST_HOURS = 3.0
"""Nothing ends later than this before the end."""
TRIES = 300
USUAL_DAYS = 14.0
_HEAVY_FIRST = (Weight.FRAGILE, Weight.SLOW, Weight.HARD, Weight.FAST)


class Timetable:
    """The faults and harmless things of one seed, for an inventory without maintenance windows."""

    def __init__(self, inventory: Inventory, seed: int, days: float) -> None:
        self._inventory = inventory
        self._days = days
        self._chance = stream(seed, "timetable")
        self._taken: list[tuple[float, float, frozenset[str], Weight]] = []
        self.harmless: list[Harmless] = []
        self.faults: list[Fault] = []
        self._plan_harmless([kind for kind in HARMLESS if kind.alone])
        for kind in sorted(FAULTS, key=lambda kind: _HEAVY_FIRST.index(kind.weight)):
            for _ in range(self._times(kind)):
                self._plan(kind)
        self._plan_harmless([kind for kind in HARMLESS if not kind.alone])

    @property
    def waves(self) -> list[tuple[float, float, float]]:
        """Hot spells: from, until, degrees."""
        return [
            (spell.onset, spell.onset + spell.lasts, spell.degrees)
            for spell in self.harmless
            if isinstance(spell, HotSpell)
        ]

    @property
    def windows(self) -> tuple[dict[str, Any], ...]:
        """The maintenance windows of the planned work, as the inventory writes them."""
        planned = [work for work in self.harmless if isinstance(work, PlannedWork)]
        return tuple(
            {
                "id": f"work-{number}",
                "what": [f"device:{work.where}"],
                "from": datetime.fromtimestamp(work.onset, UTC).isoformat(),
                "until": datetime.fromtimestamp(work.onset + work.lasts, UTC).isoformat(),
                "why": "thay nguồn",
            }
            for number, work in enumerate(planned, 1)
        )

    def _times(self, kind: type[Fault]) -> int:
        """How often a kind happens; in less than two weeks rather seldom."""
        share = kind.times * self._days / USUAL_DAYS
        return int(share) + (self._chance.random() < share - int(share))

    def _plan(self, kind: type[Fault]) -> None:
        """Finds a place and a time where it can be told apart. Where there is too little room (few
        devices, few days) it does not happen, as `faults` shows.
        """
        places = kind.places(self._inventory)
        chance = self._chance
        for _ in range(TRIES if places else 0):
            hours = min(
                chance.uniform(*kind.hours), self._days * 24 - FIRST_HOUR - LAST_HOURS - 1.0
            )
            latest = self._days * 24 - LAST_HOURS - hours
            if hours < kind.hours[0] * 0.5 or latest <= FIRST_HOUR:
                return
            onset = START + chance.uniform(FIRST_HOUR, latest) * HOUR
            fault = kind(chance.choice(places), onset, onset + hours * HOUR, _spawn(chance))
            hit = frozenset((fault.where, *fault.targets(self._inventory)))
            if self._free(onset, fault.end, hit, kind.weight):
                self._taken.append((onset, fault.end, hit, kind.weight))
                self.faults.append(fault)
                return

    def _free(self, onset: float, end: float, hit: frozenset[str], weight: Weight) -> bool:
        return not any(
            hit & other_hit and _disturb(weight, other)
            for start, stop, other_hit, other in self._taken
            if onset < stop + 3 * HOUR and start < end + 3 * HOUR
        )

    def _plan_harmless(self, kinds: Iterable[type[Harmless]]) -> None:
        for kind in kinds:
            count = max(1, round(kind.per_week * self._days / 7.0))
            places = list(kind.places(self._inventory))
            for where in self._spread(places, count):
                self._plan_one_harmless(kind, where)

    def _spread(self, places: Sequence[str], count: int) -> list[str]:
        if not places:
            return []
        if count <= len(places):
            return self._chance.sample(places, count)
        return self._chance.choices(places, k=count)

    def _plan_one_harmless(self, kind: type[Harmless], where: str) -> None:
        chance = self._chance
        for _ in range(TRIES):
            onset = START + chance.uniform(6.0, max(7.0, self._days * 24 - 4.0)) * HOUR
            if kind.at_night:
                onset = START + chance.uniform(22.0, 26.0) * HOUR
            thing = kind(where, onset, _spawn(chance))
            if isinstance(thing, SingleReboot):
                hit = frozenset(thing.hits(self._inventory))
                if not self._free(onset, onset + kind.lasts, hit, Weight.HARD):
                    continue
                self._taken.append((onset, onset + kind.lasts, hit, Weight.HARD))
            elif self._hurt(where, onset):
                continue
            self.harmless.append(thing)
            return

    def _hurt(self, where: str, onset: float) -> bool:
        """Whether a fault of hours hits the same place about then."""
        return any(
            where in hit and weight in (Weight.FAST, Weight.HARD)
            for start, stop, hit, weight in self._taken
            if start - 3 * HOUR < onset < stop + 3 * HOUR
        )


def _spawn(chance: random.Random) -> random.Random:
    return random.Random(chance.random())


def _disturb(one: Weight, other: Weight) -> bool:
    """Whether two faults on the same device would hide one another."""
    pair = {one, other}
    slow = {Weight.SLOW, Weight.FRAGILE}
    if pair <= slow:
        return True
    if pair & slow:
        return pair == {Weight.FRAGILE, Weight.HARD}
    return True
