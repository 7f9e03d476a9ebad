"""The newest measurements of a device, as rows for a page."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from collector.measures import MEASURES, YES_OR_NO, shown_order
from collector.phrases import Phrases
from collector.words import N_
from telemetry.catalogue import DEVICE_INFO
from telemetry.labels import Labels

Latest = Mapping[tuple[str, Labels], tuple[float, float]]
"""Newest (event time, value) by metric and instance labels, as the engine gives it."""

_INFO = DEVICE_INFO.name
FOLDED_ABOVE = 6
"""A measurement with more instances than this is folded: a switch has 48 ports."""


@dataclass(frozen=True, slots=True)
class Row:
    """One value. instance: the port, sensor, volume …, or empty. unproven: it never alarms."""

    instance: str
    value: str
    at: float
    unproven: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """One kind of measurement with its instances."""

    name: str
    rows: tuple[Row, ...]

    @property
    def unproven(self) -> bool:
        """Whether none of its values ever alarms."""
        return all(row.unproven for row in self.rows)

    @property
    def single(self) -> bool:
        """Whether there is one value for the whole device."""
        return len(self.rows) == 1 and not self.rows[0].instance

    @property
    def folded(self) -> bool:
        """Whether there are so many that the page shows them on request."""
        return len(self.rows) > FOLDED_ABOVE


def groups_of(
    phrases: Phrases, latest: Latest, unproven: Collection[tuple[str, Labels]] = frozenset()
) -> list[Group]:
    """What was measured, in the order of MEASURES. unproven: series that no real device has proven."""
    found: dict[str, list[Row]] = {}
    for (metric, labels), (at, value) in latest.items():
        if metric in MEASURES:
            instance = ", ".join(text for _, text in labels)
            doubted = (metric, labels) in unproven
            row = Row(instance, _words(phrases, metric, value), at, doubted)
            found.setdefault(metric, []).append(row)
    return [
        Group(phrases.text(MEASURES[metric]), tuple(sorted(found[metric], key=_by_instance)))
        for metric in sorted(found, key=shown_order)
    ]


def identity_of(latest: Latest) -> str:
    """What the device says it is: vendor, model and system, as it said last, or nothing."""
    infos = [(at, dict(labels)) for (name, labels), (at, _) in latest.items() if name == _INFO]
    _, said = max(infos, key=lambda info: info[0], default=(0.0, {}))
    return " · ".join(said[key] for key in ("vendor", "model", "os") if said.get(key))


def _words(phrases: Phrases, metric: str, value: float) -> str:
    if metric in YES_OR_NO:
        return phrases.text(N_("yes") if value else N_("no"))
    return phrases.measurement(metric, value)


def _by_instance(row: Row) -> tuple[int, str]:
    """Ports as people count them: 2 before 10."""
    digits = "".join(char for char in row.instance if char.isdigit())
    return (int(digits[-6:] or 0), row.instance)
