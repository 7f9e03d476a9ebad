"""Who is reached through whom: the graph of devices and their parents, and the lines between them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping

from inventory.device import Device
from inventory.link import Link


def find_ring(edges: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """A cycle among `edges` (id to the ids it depends on) with its first id repeated at the end, or ().

    Walks without recursion: a chain may be as long as the inventory.
    """
    done: set[str] = set()
    for start in edges:
        path: list[str] = []
        on_path: set[str] = set()
        stack: list[tuple[str, bool]] = [(start, False)]
        while stack:
            node, leaving = stack.pop()
            if leaving:
                path.pop()
                on_path.discard(node)
                done.add(node)
            elif node in on_path:
                return (*path[path.index(node) :], node)
            elif node not in done:
                path.append(node)
                on_path.add(node)
                stack.append((node, True))
                stack.extend((parent, False) for parent in edges.get(node, ()))
    return ()


class Topology:
    """The devices of an inventory as an acyclic graph. Parents that are not among the devices (an agent's
    part of the inventory ends somewhere) are left out. Order is always that of the inventory, never of a set.

    Raises ValueError when the parents form a ring; the loader refuses such files with a sentence.
    """

    def __init__(self, devices: Iterable[Device], links: Iterable[Link]) -> None:
        self._devices = {device.id: device for device in devices}
        self._parents = {
            id_: tuple(dict.fromkeys(p for p in device.parents if p in self._devices))
            for id_, device in self._devices.items()
        }
        children: dict[str, list[str]] = {id_: [] for id_ in self._devices}
        for id_, parents in self._parents.items():
            for parent in parents:
                children[parent].append(id_)
        self._children = {id_: tuple(below) for id_, below in children.items()}
        self._depths: dict[str, int] = {}
        self.order = self._sorted()
        """Every device id, parents before their children."""
        self._links: dict[frozenset[str], Link] = {}
        for link in links:
            self._links.setdefault(frozenset(link.end_devices), link)

    def parents(self, device_id: str) -> tuple[str, ...]:
        """The devices through which it is reached directly; () for an unknown id, as everywhere here."""
        return self._parents.get(device_id, ())

    def children(self, device_id: str) -> tuple[str, ...]:
        """The devices that are reached through it directly."""
        return self._children.get(device_id, ())

    def ancestors(self, device_id: str) -> tuple[str, ...]:
        """Everything on the way to it, nearest first, each once."""
        return self._reach(device_id, self.parents)

    def descendants(self, device_id: str) -> tuple[str, ...]:
        """Everything that some way leads to through it, nearest first, each once."""
        return self._reach(device_id, self.children)

    def depth(self, device_id: str) -> int:
        """The longest way up, in steps; 0 at the top."""
        return self._depths.get(device_id, 0)

    def cut_off_by(self, device_ids: Collection[str]) -> tuple[str, ...]:
        """What cannot be reached any more while `device_ids` are gone: devices all of whose parents are gone
        or cut off; without `device_ids` themselves, parents first.
        """
        gone = set(device_ids)
        lost = []
        for id_ in self.order:
            parents = self._parents[id_]
            if id_ not in gone and parents and all(parent in gone for parent in parents):
                gone.add(id_)
                lost.append(id_)
        return tuple(lost)

    def link_between(self, one: str, other: str) -> Link | None:
        """The line between two devices, in either direction; the first of several."""
        return self._links.get(frozenset((one, other)))

    def edges_of(self, site_id: str) -> tuple[str, ...]:
        """The site's devices through which the site is reached: with a parent outside it, or none at all."""
        return tuple(
            id_
            for id_, device in self._devices.items()
            if device.site == site_id
            and (
                not self._parents[id_]
                or any(self._devices[p].site != site_id for p in self._parents[id_])
            )
        )

    def _reach(self, start: str, step: Callable[[str], tuple[str, ...]]) -> tuple[str, ...]:
        found: dict[str, None] = {}
        queue = deque(step(start))
        while queue:
            id_ = queue.popleft()
            if id_ not in found:
                found[id_] = None
                queue.extend(step(id_))
        return tuple(found)

    def _sorted(self) -> tuple[str, ...]:
        """Kahn's algorithm in inventory order; notes the depths on the way."""
        waiting = {id_: len(parents) for id_, parents in self._parents.items()}
        queue = deque(id_ for id_, count in waiting.items() if count == 0)
        order: list[str] = []
        while queue:
            id_ = queue.popleft()
            order.append(id_)
            above = (self._depths[parent] + 1 for parent in self._parents[id_])
            self._depths[id_] = max(above, default=0)
            for child in self._children[id_]:
                waiting[child] -= 1
                if waiting[child] == 0:
                    queue.append(child)
        if len(order) < len(self._devices):
            raise ValueError("the parents form a ring: " + " → ".join(find_ring(self._parents)))
        return tuple(order)
