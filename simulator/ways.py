"""Which way a packet takes through the district that the inventory draws, and how long it takes."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from inventory.inventory import Inventory
from inventory.link import LinkKind

LINE_SECONDS: dict[LinkKind, tuple[float, float]] = {
    LinkKind.FIBER: (0.0015, 0.0002),
    LinkKind.BROADBAND: (0.006, 0.001),
    LinkKind.CELLULAR: (0.032, 0.005),
    LinkKind.LAN: (0.0002, 0.00005),
    LinkKind.LEASED: (0.003, 0.0003),
}
"""Round trip over a line of each kind, and its deviation."""

_CABLE_SECONDS = (0.0002, 0.00005)


@dataclass(frozen=True, slots=True)
class Way:
    """What a round trip adds on top of the host's own answer. Seconds; jitter is a deviation."""

    delay: float = 0.0
    jitter: float = 0.0

    def beyond(self, delay: float, jitter: float) -> Way:
        """This way, one line longer; deviations of independent lines add in quadrature."""
        return Way(self.delay + delay, (self.jitter**2 + jitter**2) ** 0.5)


class Roads:
    """The devices as nodes, the lines between children and parents as edges."""

    def __init__(self, inventory: Inventory) -> None:
        topology = inventory.topology
        self._inventory = inventory
        self._near: dict[str, list[tuple[str, str, tuple[float, float]]]] = {}
        for child in topology.order:
            for parent in topology.parents(child):
                self._join(child, parent)

    def _join(self, one: str, other: str) -> None:
        link = self._inventory.topology.link_between(one, other)
        line = link.id if link else ""
        cost = LINE_SECONDS[link.kind] if link else _CABLE_SECONDS
        self._near.setdefault(one, []).append((other, line, cost))
        self._near.setdefault(other, []).append((one, line, cost))

    def from_device(
        self, start: str, gone: Collection[str], cut: Collection[str]
    ) -> Mapping[str, Way]:
        """The way to every device that can be reached from `start`.

        gone: devices that do not work; cut: ids of links that carry nothing. Fewest lines win.
        """
        if start in gone:
            return {}
        ways = {start: Way()}
        queue = deque([start])
        while queue:
            here = queue.popleft()
            for there, line, (delay, jitter) in self._near.get(here, ()):
                if there not in ways and there not in gone and line not in cut:
                    ways[there] = ways[here].beyond(delay, jitter)
                    queue.append(there)
        return ways

    def path(self, start: str, end: str) -> tuple[tuple[str, str], ...]:
        """The devices on the shortest way as it is drawn, `start` first, each with the line by which it
        is reached (empty for a patch cable and for `start`). Empty when there is no way.
        """
        came: dict[str, tuple[str, str]] = {start: ("", "")}
        queue = deque([start])
        while queue and end not in came:
            here = queue.popleft()
            for there, line, _ in self._near.get(here, ()):
                if there not in came:
                    came[there] = (here, line)
                    queue.append(there)
        steps: list[tuple[str, str]] = []
        here = end if end in came else ""
        while here:
            before, line = came[here]
            steps.append((here, line))
            here = before
        return tuple(reversed(steps))

    def standpoint(self, site: str) -> str:
        """The device of a site to which its other machines are wired: its busiest switch, else its
        busiest device; where the site has none, the top of the district. Empty without devices.
        """
        topology = self._inventory.topology
        ours = [device for device in self._inventory.devices if device.site == site]
        if not ours:
            return topology.order[0] if topology.order else ""

        def suits(place: int) -> tuple[bool, int, int]:
            device = ours[place]
            return device.class_ == "lan_switch", len(topology.children(device.id)), -place

        return ours[max(range(len(ours)), key=suits)].id
