"""The district at a glance: sites, rooms, services and the one-line verdict, ready to be shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from collector.phrases import Phrases
from collector.rule import Severity
from collector.state import ILL_FIRST, HealthState
from collector.view import Health, View
from collector.words import N_, Sentence
from inventory.device import Device
from inventory.service import Service
from inventory.site import Site

_ILL = (HealthState.DOWN, HealthState.UNREACHABLE, HealthState.DEGRADED)


@dataclass(frozen=True, slots=True)
class Target:
    """A device or service as it is."""

    thing: Device | Service
    health: Health

    @property
    def id(self) -> str:
        """Its id."""
        return self.thing.id

    @property
    def state(self) -> HealthState:
        """How it is."""
        return self.health.state

    @property
    def reason(self) -> Sentence | None:
        """Why it is not well; nothing once it is not measured any more: that was then."""
        return self.health.reason if self.state in _ILL else None


@dataclass(frozen=True, slots=True)
class SiteStanding:
    """A site, its state, and how many of its devices are in which state (only states that occur)."""

    site: Site
    state: HealthState
    counts: tuple[tuple[HealthState, int], ...]


@dataclass(frozen=True, slots=True)
class Branch:
    """A device and, below it, those of the same site that are reached through it."""

    target: Target
    children: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The first line of the page. mood: good, bad, warning or unknown."""

    mood: str
    text: str


def target_of(view: View, target_id: str) -> Target | None:
    """A device or service by id, None when the inventory has none."""
    thing = view.inventory.device(target_id) or view.inventory.service(target_id)
    return Target(thing, view.health_of(target_id)) if thing is not None else None


def devices_of(view: View, site_id: str | None = None) -> list[Target]:
    """The devices of one site, or of all, in the order of the inventory."""
    return [
        Target(device, view.health_of(device.id))
        for device in view.inventory.devices
        if site_id is None or device.site == site_id
    ]


def services_of(view: View) -> list[Target]:
    """The services, ill ones first."""
    found = [Target(s, view.health_of(s.id)) for s in view.inventory.services]
    return sorted(found, key=lambda target: ILL_FIRST.index(target.state))


def rooms_of(view: View) -> list[Target]:
    """The video-conference rooms, in the order of the inventory."""
    return [Target(room, view.health_of(room.id)) for room in view.inventory.rooms]


def count_states(targets: Sequence[Target]) -> tuple[tuple[HealthState, int], ...]:
    """How many are in which state, ill ones first, without the states that do not occur."""
    counts = Counter(target.state for target in targets)
    return tuple((state, counts[state]) for state in ILL_FIRST if counts[state])


def sites_of(view: View) -> list[SiteStanding]:
    """The sites that have devices, ill ones first, otherwise in the order of the inventory."""
    by_site: dict[str, list[Target]] = {}
    for target in devices_of(view):
        by_site.setdefault(target.health.site, []).append(target)
    found = [
        SiteStanding(site, view.site_state(site.id), count_states(by_site[site.id]))
        for site in view.inventory.sites
        if site.id in by_site
    ]
    return sorted(found, key=lambda standing: ILL_FIRST.index(standing.state))


def tree_of(view: View, site_id: str) -> tuple[Branch, ...]:
    """Who stands behind whom at a site; each device once, below the first of its parents."""
    targets = {target.id: target for target in devices_of(view, site_id)}
    children: dict[str, list[str]] = {}
    tops: list[str] = []
    for device_id in targets:
        parents = [p for p in view.inventory.topology.parents(device_id) if p in targets]
        (children.setdefault(parents[0], []) if parents else tops).append(device_id)

    def branch(device_id: str) -> Branch:
        return Branch(targets[device_id], tuple(map(branch, children.get(device_id, ()))))

    return tuple(map(branch, tops))


def verdict(view: View, phrases: Phrases) -> Verdict:
    """What somebody who reads one line must know."""
    incidents = view.open_incidents()
    if incidents:
        serious = any(incident.severity is Severity.CRITICAL for incident in incidents)
        return Verdict("bad" if serious else "warning", _open_words(phrases, len(incidents)))
    targets = devices_of(view) + services_of(view)
    unmeasured = sum(target.state is HealthState.NOT_MEASURED for target in targets)
    if unmeasured == len(targets):
        return Verdict("unknown", phrases.text(N_("Nothing has been measured yet")))
    if unmeasured:
        words = N_("No incident, but {count} devices or services are not being measured")
        return Verdict("unknown", phrases.text(words, count=unmeasured))
    return Verdict("good", phrases.text(N_("Everything is fine")))


def _open_words(phrases: Phrases, count: int) -> str:
    if count == 1:
        return phrases.text(N_("1 incident is open"))
    return phrases.text(N_("{count} incidents are open"), count=count)
