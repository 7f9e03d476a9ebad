"""The way from whoever looks to what is looked at: the devices and lines in between."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from collector.surroundings import Surroundings
from inventory.device_class import DeviceClass
from inventory.inventory import Inventory
from inventory.link import Link, LinkKind


@dataclass(frozen=True, slots=True)
class Way:
    """What lies between an office's agent and a target.

    devices: all of them but the target, the nearest to the centre first. links: the lines between
    them. own_lines: those by which the agent's office reaches the rest, from inside to outside.
    """

    devices: tuple[str, ...]
    links: tuple[Link, ...]
    own_lines: tuple[Link, ...]


class Ways:
    """Finds the way from each office to each target, once."""

    def __init__(self, inventory: Inventory, surroundings: Surroundings) -> None:
        self._inventory = inventory
        self._topology = inventory.topology
        self._surroundings = surroundings
        self._ways: dict[tuple[str, str], Way] = {}

    def between(self, office: str, target: str) -> Way:
        """The way from an office to a device or service."""
        key = (office, target)
        if key not in self._ways:
            self._ways[key] = self._find(office, target)
        return self._ways[key]

    def is_over_radio(self, office: str, target: str) -> bool:
        """Whether an office sees a device or service over a mobile network."""
        if self._site(target) == office:
            return False
        way = self.between(office, target)
        modem = any(self._class(name) is DeviceClass.LTE_CPE for name in (target, *way.devices))
        return modem or any(link.kind is LinkKind.CELLULAR for link in way.links)

    def _find(self, office: str, target: str) -> Way:
        theirs = (target, *self._topology.ancestors(target))
        device = self._inventory.device(target)
        if device is not None and device.site == office:
            inside = tuple(name for name in theirs if self._site(name) == office)
            links = tuple(k for k in self._links_above(inside) if self._is_inside(k, office))
            return Way(self._central_first(inside[1:]), links, ())
        doors = self._surroundings.doors_of(office)
        ours = tuple(
            dict.fromkeys(
                name for door in doors for name in (door, *self._topology.ancestors(door))
            )
        )
        shared = set(theirs) & set(ours)
        up = tuple(name for name in ours if name not in shared)
        down = tuple(name for name in theirs if name not in shared)
        joint = next((name for name in theirs if name in shared and name != target), None)
        between = (*up, *down[1:], *((joint,) if joint is not None else ()))
        own = self._links_above(up)
        lines = tuple(link for link in own if link.kind is not LinkKind.LAN)
        return Way(
            self._central_first(name for name in between if name != target),
            (*own, *self._links_above(down)),
            lines,
        )

    def _links_above(self, devices: tuple[str, ...]) -> tuple[Link, ...]:
        """The lines from these devices to what they are reached through."""
        found = (
            self._topology.link_between(parent, device)
            for device in devices
            for parent in self._topology.parents(device)
        )
        return tuple(link for link in found if link is not None)

    def _is_inside(self, link: Link, office: str) -> bool:
        return all(self._site(end) == office for end in link.end_devices)

    def _site(self, name: str) -> str:
        device = self._inventory.device(name)
        return device.site if device is not None else ""

    def _class(self, name: str) -> DeviceClass | None:
        device = self._inventory.device(name)
        return device.class_ if device is not None else None

    def _central_first(self, devices: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted(devices, key=lambda name: (self._topology.depth(name), name)))
