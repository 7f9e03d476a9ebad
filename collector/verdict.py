"""What the collector says of the district as values of the catalogue: for `/metrics` and for stores."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from collector.rule import Severity
from collector.state import ILL_FIRST, HealthState
from collector.view import Health, View
from collector.web.readiness import READY_VALUE, readiness_of
from inventory.device import Device
from inventory.service import Service
from telemetry import catalogue as c

VERDICT_METRICS = (
    c.DEVICE_HEALTH,
    c.FINDING_ACTIVE,
    c.INCIDENT_OPEN,
    c.SITE_HEALTH,
    c.AGENT_WATERMARK,
    c.CONFERENCE_ROOM_READY,
)
"""The metrics that are derived from what the engine knows."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One derived value. labels: in the order of the metric's; since: the event time from which it
    holds, 0 where nothing but now is known.
    """

    metric: c.Metric
    labels: tuple[str, ...]
    value: float
    since: float = 0.0


def verdicts_of(view: View) -> Iterator[Verdict]:
    """Every derived value as the engine sees it now, one metric after the other."""
    things: list[Device | Service] = [*view.inventory.devices, *view.inventory.services]
    healths = {thing.id: view.health_of(thing.id) for thing in things}
    yield from _devices(things, healths)
    yield from _findings(view)
    yield from _incidents(view)
    yield from _sites(view, healths)
    for agent in view.agents():
        yield Verdict(c.AGENT_WATERMARK, (agent.agent,), agent.watermark)
    for room in readiness_of(view):
        labels = (room.room.health.site, room.room.id)
        yield Verdict(c.CONFERENCE_ROOM_READY, labels, READY_VALUE[room.verdict])


def _devices(things: list[Device | Service], healths: Mapping[str, Health]) -> Iterator[Verdict]:
    for thing in things:
        health = healths[thing.id]
        for state in HealthState:
            labels = (health.site, thing.id, str(thing.class_), state.value)
            yield Verdict(c.DEVICE_HEALTH, labels, float(health.state is state), health.since)


def _findings(view: View) -> Iterator[Verdict]:
    """One per device and rule, however many of its ports are concerned."""
    active = {(f.site, f.target, f.rule, f.severity.value) for f in view.findings()}
    for labels in sorted(active):
        yield Verdict(c.FINDING_ACTIVE, labels, 1.0)


def _incidents(view: View) -> Iterator[Verdict]:
    counts = Counter(incident.severity for incident in view.open_incidents())
    for severity in Severity:
        yield Verdict(c.INCIDENT_OPEN, (severity.value,), float(counts[severity]))


def _sites(view: View, healths: Mapping[str, Health]) -> Iterator[Verdict]:
    """The worst state at each site that has devices: of the others there is nothing to say."""
    states: dict[str, set[HealthState]] = {}
    for device in view.inventory.devices:
        states.setdefault(device.site, set()).add(healths[device.id].state)
    for site in view.inventory.sites:
        if site.id in states:
            worst = min(states[site.id], key=ILL_FIRST.index)
            for state in HealthState:
                yield Verdict(c.SITE_HEALTH, (site.id, state.value), float(worst is state))
