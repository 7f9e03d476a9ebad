"""Which cells a profile's metrics are read from, on one device."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from agent.snmp.session import Oid
from inventory.profile_metric import ProfileMetric


@dataclass(frozen=True, slots=True)
class Item:
    """One reading to be: the cell that holds it, and the others of its row by the column that names them."""

    metric: ProfileMetric
    labels: Mapping[str, str]
    cell: Oid
    beside: Mapping[Oid, Oid]


@dataclass(slots=True)
class Plan:
    """What a profile's metrics cost from now on. due: when a poll class is asked again."""

    items: tuple[Item, ...] = ()
    due: dict[str, float] = field(default_factory=dict)
