"""Twins: the same measurement of the same kind of device, behind the same kind of line, elsewhere.

Compared once an hour of the journal's time. What all of them show together – a hot day, a slow
evening – moves their median with it, and is nobody's fault.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from statistics import median

from collector.fact import LEARNT_HOURS, Fact, Twins
from collector.history import HOUR
from collector.state import AgentState, TargetState
from inventory.inventory import Inventory
from inventory.link import LinkKind
from telemetry.catalogue import BATTERY_TEMPERATURE, DEVICE_TEMPERATURE

MIN_TWINS = 3
"""Fewer others than this cannot even excuse: all of them warm is no weather."""

_OVER_THE_WAY = ("icmp_", "snmp_")
"""What is measured through the network: the line and the side from which one looks matter."""

_WEATHER = frozenset({DEVICE_TEMPERATURE.name, BATTERY_TEMPERATURE.name})

LATEST_HOURS = 2
"""The level is the mean of the newest closed hour, if that is not older than this."""

USUAL_WEIGHT = 1 / 72
LATE_WEIGHT = 1 / 720
"""How quickly a lasting difference from the twins becomes the usual one: within three days, or a
month when it is large.
"""


Circle = list[tuple[str, Fact, float]]
"""Facts that are compared with each other: whose each is, and its level."""


class TwinCircles:
    """Finds the twins of each fact and notes in it where it stands among them."""

    def __init__(
        self, inventory: Inventory, agents: Mapping[str, AgentState], metrics: Iterable[str]
    ) -> None:
        self._inventory = inventory
        self._agents = agents
        self._metrics = frozenset(metrics)
        self._lines: dict[str, str] = {}

    def compare(self, targets: Iterable[TargetState], now: float) -> None:
        """Compares all twins as of `now`."""
        circles: dict[tuple[str, ...], Circle] = {}
        for target in targets:
            for fact in target.facts.values():
                level = _level(fact, now) if fact.metric in self._metrics else None
                if level is not None:
                    member = (target.id, fact, level)
                    circles.setdefault(self._circle(target, fact), []).append(member)
        alone: Circle = []
        weather: Circle = []
        for (metric, *_), circle in circles.items():
            if metric in _WEATHER:
                weather.extend(circle)
            if _is_large(circle):
                _compare(circle, circle, now)
            elif metric in _WEATHER:
                alone.extend(circle)
        if alone and _is_large(weather):
            _compare(alone, weather, now, alike=False)

    def _circle(self, target: TargetState, fact: Fact) -> tuple[str, ...]:
        """What twins have in common."""
        if not fact.metric.startswith(_OVER_THE_WAY):
            return (fact.metric, target.class_)
        agent = self._agents.get(fact.agent)
        from_inside = agent is not None and agent.site == target.site
        return (fact.metric, target.class_, self._line(target.id), "in" if from_inside else "out")

    def _line(self, target: str) -> str:
        """The kind of the first line towards the centre that is not within the office."""
        if target not in self._lines:
            topology = self._inventory.topology
            way = (target, *topology.ancestors(target))
            links = (
                topology.link_between(parent, device)
                for device in way
                for parent in topology.parents(device)
            )
            kinds = (link.kind for link in links if link and link.kind is not LinkKind.LAN)
            self._lines[target] = next((kind.value for kind in kinds), "")
        return self._lines[target]


def _level(fact: Fact, now: float) -> float | None:
    history = fact.history
    if history is None or not history.hours:
        return None
    if (history.hours[-1][0] + 1 + LATEST_HOURS) * HOUR < now:
        return None
    return history.hours[-1][1]


def _is_large(circle: Circle) -> bool:
    return len({target for target, _, _ in circle}) > MIN_TWINS


def _compare(these: Circle, circle: Circle, now: float, alike: bool = True) -> None:
    """Notes in `these` where each stands among all of the circle."""
    middle = median(level for _, _, level in circle)
    spread = median(abs(level - middle) for _, _, level in circle)
    for _, fact, level in these:
        usual, learnt = _usual(fact.twins, level - middle, spread)
        fact.twins = Twins(now, level, middle, spread, len(circle) - 1, usual, learnt, alike)


def _usual(before: Twins | None, away: float, spread: float) -> tuple[float, int]:
    """How far the fact stands from its twins as a rule, and over how many hours that was learnt.
    What is new and large is learnt slowly, or a fault would be usual within a day.
    """
    if before is None:
        return away, 1
    new = away - before.usual
    weight = max(USUAL_WEIGHT, 1.0 / (before.learnt + 1))
    if before.learnt >= LEARNT_HOURS and abs(new) > 2.0 * spread:
        weight = LATE_WEIGHT
    return before.usual + new * weight, before.learnt + 1
