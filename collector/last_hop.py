"""Who answered last on the way to a device that fell silent, as the agent that lost it has traced it."""

from __future__ import annotations

from dataclasses import dataclass

from collector.fact import Fact
from collector.state import TargetState
from inventory.inventory import Inventory
from telemetry.catalogue import PATH_TRACE_HOPS, PATH_TRACE_LAST_HOP_INFO


@dataclass(frozen=True, slots=True)
class LastHop:
    """name: of the device in the inventory, or its address; empty when nobody answered on the way."""

    name: str


def last_hop(inventory: Inventory, target: TargetState, since: float) -> LastHop | None:
    """What the newest trace since `since` found, None when there was none."""
    trace = _newest(target, PATH_TRACE_HOPS.name, since)
    if trace is None:
        return None
    if trace.value < 1.0:
        return LastHop("")
    info = _newest(target, PATH_TRACE_LAST_HOP_INFO.name, trace.at)
    return LastHop(_name_of(inventory, info.instance)) if info is not None else None


def _newest(target: TargetState, metric: str, since: float) -> Fact | None:
    found = [f for f in target.facts.values() if f.metric == metric and f.at >= since]
    return max(found, key=lambda fact: fact.at, default=None)


def _name_of(inventory: Inventory, address: str) -> str:
    device = next((d for d in inventory.devices if d.address == address), None)
    return (device.name or device.id) if device is not None else address
