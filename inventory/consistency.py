"""Whether the files hold together: every id once, every reference to something, no rings."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from inventory.check import DEFAULT_CHECKS
from inventory.device import Device, DeviceClass
from inventory.document import StrictModel
from inventory.expectation import Expectation, disorders
from inventory.link import Link
from inventory.maintenance import Maintenance
from inventory.marked import Document, Loc
from inventory.meeting import Meeting
from inventory.problem import Problem, did_you_mean, shown
from inventory.profile import shipped_profiles
from inventory.service import Service
from inventory.site import Site
from inventory.topology import find_ring


@dataclass(frozen=True)
class Item:
    """One entry of a list in a file, and where it stands."""

    section: str
    value: StrictModel
    document: Document
    loc: Loc

    @property
    def id(self) -> str:
        """Its id, or the empty string for an expectation, which has none."""
        return getattr(self.value, "id", "")

    @property
    def place(self) -> str:
        """`FILE, line N`, for sentences that name a second place."""
        return f"{self.document.path}, line {self.document.line(self.loc)}"

    def problem(self, message: str, *keys: str | int) -> Problem:
        """A problem at this entry, or at one of its keys."""
        return self.document.problem((*self.loc, *keys), message)


class _Assembly:
    """All items, found again by kind and id."""

    def __init__(self, items: Collection[Item]) -> None:
        self.items = items
        self.by_id: dict[str, Item] = {}
        for item in items:
            if item.id:
                self.by_id.setdefault(item.id, item)

    def ids(self, section: str) -> list[str]:
        return [item.id for item in self.items if item.section == section]

    def missing(self, item: Item, section: str, id_: str, *keys: str | int) -> Iterator[Problem]:
        """The problem that `id_` is none of `section`, if so; says what it is instead."""
        found = self.by_id.get(id_)
        if found is not None and found.section == section:
            return
        one = _ONE[section]
        if found is not None:
            hint = f", that is one of the {found.section} ({found.place})"
        else:
            hint = did_you_mean(id_, self.ids(section))
        yield item.problem(f"expected the id of a {one}, found {shown(id_)}{hint}", *keys)


_ONE = {
    "sites": "site",
    "devices": "device",
    "links": "link",
    "services": "service",
    "credentials": "set of credentials",
    "logins": "login",
}


def contradictions(items: Collection[Item]) -> list[Problem]:
    """Everything in which the items contradict one another, in the order of the rules."""
    whole = _Assembly(items)
    return [problem for rule in _RULES for problem in rule(whole)]


def _repeated_ids(whole: _Assembly) -> Iterator[Problem]:
    for item in whole.items:
        first = whole.by_id.get(item.id, item)
        if first is not item:
            message = (
                f"the id {shown(item.id)} is already taken by one of the {first.section} "
                f"({first.place}); expected an id that occurs once over all kinds"
            )
            yield item.problem(message, "id")


def _repeated_addresses(whole: _Assembly) -> Iterator[Problem]:
    owners: dict[str, Item] = {}
    for item in whole.items:
        if isinstance(item.value, Device) and item.value.address is not None:
            first = owners.setdefault(item.value.address, item)
            if first is not item:
                message = (
                    f"{item.id} has the address {item.value.address} of {first.id} "
                    f"({first.place}); expected an address of its own"
                )
                yield item.problem(message, "address")


def _sites(whole: _Assembly) -> Iterator[Problem]:
    for item in whole.items:
        if isinstance(item.value, Site) and item.value.parent is not None:
            yield from whole.missing(item, "sites", item.value.parent, "parent")


def _devices(whole: _Assembly) -> Iterator[Problem]:
    for item in whole.items:
        device = item.value
        if not isinstance(device, Device):
            continue
        yield from whole.missing(item, "sites", device.site, "site")
        for index, parent in enumerate(device.parents):
            yield from whole.missing(item, "devices", parent, "parents", index)
        if device.snmp is not None:
            yield from whole.missing(
                item, "credentials", device.snmp.credentials, "snmp", "credentials"
            )
        elif device.checks.named().get("snmp") is not None:
            yield item.problem(
                "expected snmp: {credentials: …} beside it, or the check cannot ask",
                "checks",
                "snmp",
            )
        yield from _profile(item, device)
        yield from _incomplete_checks(whole, item, device)


def _profile(item: Item, device: Device) -> Iterator[Problem]:
    if device.profile != "auto":
        known = ["auto", *(profile.id for profile in shipped_profiles())]
        if device.profile not in known:
            hint = did_you_mean(device.profile, known)
            message = f"expected auto or a profile, found {shown(device.profile)}{hint}"
            yield item.problem(message, "profile")


def _incomplete_checks(whole: _Assembly, item: Item, target: Device | Service) -> Iterator[Problem]:
    """Checks that lack an option which the target cannot fill in."""
    defaults = DEFAULT_CHECKS[target.class_] if isinstance(target, Device) else {}
    for kind, check in target.checks.over(defaults).items():
        lacking = check.aimed(target.aim).lacks()
        if lacking:
            message = f'the key "{lacking}" is missing: expected {kind}: {{{lacking}: …}}'
            yield item.problem(message, "checks", kind)
        elif check.asks_as():
            yield from whole.missing(item, "logins", check.asks_as(), "checks", kind, "login")


def _links(whole: _Assembly) -> Iterator[Problem]:
    for item in whole.items:
        if isinstance(item.value, Link):
            for index, device_id in enumerate(item.value.end_devices):
                yield from whole.missing(item, "devices", device_id, "ends", index)


def _services(whole: _Assembly) -> Iterator[Problem]:
    for item in whole.items:
        if isinstance(item.value, Service):
            for index, site_id in enumerate(item.value.from_):
                yield from whole.missing(item, "sites", site_id, "from", index)
            yield from _incomplete_checks(whole, item, item.value)


def _maintenance(whole: _Assembly) -> Iterator[Problem]:
    for item in whole.items:
        if isinstance(item.value, Maintenance):
            for index, what in enumerate(item.value.what):
                kind, _, id_ = what.partition(":")
                yield from whole.missing(item, f"{kind}s", id_, "what", index)


def _meetings(whole: _Assembly) -> Iterator[Problem]:
    rooms = [
        item.id
        for item in whole.items
        if isinstance(item.value, Device) and item.value.class_ is DeviceClass.VC_ENDPOINT
    ]
    for item in whole.items:
        if isinstance(item.value, Meeting):
            for index, room in enumerate(item.value.rooms):
                if room not in rooms:
                    hint = did_you_mean(room, rooms)
                    message = f"expected the id of a vc_endpoint, found {shown(room)}{hint}"
                    yield item.problem(message, "rooms", index)


def _expectations(whole: _Assembly) -> Iterator[Problem]:
    everything = [item.value for item in whole.items if isinstance(item.value, Expectation)]
    for item in whole.items:
        if not isinstance(item.value, Expectation):
            continue
        scope = item.value.for_
        if scope.site is not None:
            yield from whole.missing(item, "sites", scope.site, "for", "site")
        if scope.device is not None:
            section = "devices"
            found = whole.by_id.get(scope.device)
            if found is not None and found.section == "services":
                section = "services"
            yield from whole.missing(item, section, scope.device, "for", "device")
        for name, disorder in disorders(item.value, everything):
            yield item.problem(f"together with what it inherits: {disorder}", name)


def _rings(whole: _Assembly) -> Iterator[Problem]:
    """Rings among the parents of devices and of sites, each named once."""
    device_edges = {i.id: i.value.parents for i in whole.items if isinstance(i.value, Device)}
    site_edges = {
        i.id: (i.value.parent,) if i.value.parent else ()
        for i in whole.items
        if isinstance(i.value, Site)
    }
    for edges, key in ((device_edges, "parents"), (site_edges, "parent")):
        ring = find_ring(edges)
        if ring:
            message = f"the parents form a ring: {' → '.join(ring)}; expected a way to the top"
            yield whole.by_id[ring[0]].problem(message, key)


_RULES: tuple[Callable[[_Assembly], Iterator[Problem]], ...] = (
    _repeated_ids,
    _repeated_addresses,
    _sites,
    _devices,
    _links,
    _services,
    _maintenance,
    _meetings,
    _expectations,
    _rings,
)
