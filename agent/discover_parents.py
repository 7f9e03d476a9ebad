"""Who stands before whom: parents out of what the devices know about their neighbours. Pure.

Where LLDP speaks, it is believed. A host that it does not mention hangs on the switch port on which
its MAC is seen with the fewest others: all switches on the way see it, but only the last one sees it
(nearly) alone. Of two neighbours the one nearer to the gateway is the parent.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address

from agent.discover_neighbours import Heard, Neighbours
from inventory.device_class import DeviceClass

GATEWAYS = (DeviceClass.FIREWALL, DeviceClass.ROUTER, DeviceClass.LTE_CPE)
CARRIERS = (
    *GATEWAYS,
    DeviceClass.LAN_SWITCH,
    DeviceClass.FIBER_OLT,
    DeviceClass.FIBER_ONU,
    DeviceClass.MEDIA_CONVERTER,
    DeviceClass.WIFI_AP,
    DeviceClass.CELL_STATION,
)
"""Classes through which others are reached."""
UNHEARD = Neighbours()


@dataclass(frozen=True, slots=True)
class Node:
    """A device of the graph, by its numeric address. name: sysName, or empty. also: its further
    addresses.
    """

    address: str
    name: str = ""
    class_: DeviceClass = DeviceClass.OTHER
    neighbours: Neighbours = UNHEARD
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Parent:
    """The address of a proposed parent, and one clause saying why."""

    address: str
    why: str


@dataclass(slots=True)
class _Graph:
    """Neighbours both ways, each pair with the reason that was found first."""

    why: dict[str, dict[str, str]] = field(default_factory=dict)

    def join(self, one: str, other: str, why: str) -> None:
        if one != other:
            self.why.setdefault(one, {}).setdefault(other, why)
            self.why.setdefault(other, {}).setdefault(one, why)


def propose_parents(
    nodes: Sequence[Node], routes: Collection[str] = ()
) -> dict[str, tuple[Parent, ...]]:
    """The parents of each node by its address; a node without any is left out.

    routes: addresses of this machine's own gateways. No circle can come out: a parent is always one
    step nearer to the gateway of its part of the network.
    """
    by_address = {node.address: node for node in nodes}
    graph = _joined(nodes)
    distance: dict[str, int] = {}
    for root in _roots(nodes, graph, routes):
        if root not in distance:
            _measure(root, graph, distance)
    found: dict[str, tuple[Parent, ...]] = {}
    for address, others in graph.why.items():
        nearer = [one for one in others if distance[one] < distance[address]]
        carriers = [one for one in nearer if by_address[one].class_ in CARRIERS] or nearer
        if carriers:
            found[address] = tuple(Parent(one, others[one]) for one in sorted(carriers, key=_order))
    return found


def same_devices(nodes: Sequence[Node]) -> dict[str, str]:
    """The addresses that are further ones of a device, each with the device's first address.

    A router answers at every one of its addresses: same name and same MAC addresses are the same box.
    """
    first: dict[tuple[str, frozenset[str]], str] = {}
    found: dict[str, str] = {}
    for node in nodes:
        macs = node.neighbours.macs
        if macs:
            keeper = first.setdefault((node.name, macs), node.address)
            if keeper != node.address:
                found[node.address] = keeper
    return found


def _joined(nodes: Sequence[Node]) -> _Graph:
    graph, owners = _Graph(), _Owners(nodes)
    for node in nodes:
        for heard in node.neighbours.heard:
            other = owners.of(heard)
            if other is not None:
                graph.join(node.address, other, "LLDP names them neighbours")
    for node in nodes:
        if node.address not in graph.why:
            _attach(node, owners, nodes, graph)
    return graph


class _Owners:
    """Whose a chassis, a name, an address or a MAC is, where only one device says so."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self._addresses = {a: node.address for node in nodes for a in (node.address, *node.also)}
        self._chassis = _unique((n.neighbours.chassis, n.address) for n in nodes)
        self._names = _unique((n.name.lower(), n.address) for n in nodes)
        pairs = {(mac, node.address) for node in nodes for mac in node.neighbours.macs}
        for node in nodes:
            arp = node.neighbours.arp or {}
            pairs |= {
                (mac, self._addresses[ip]) for ip, mac in arp.items() if ip in self._addresses
            }
        self._macs = _unique(pairs)
        self.macs_of: dict[str, set[str]] = {}
        for mac, address in self._macs.items():
            self.macs_of.setdefault(address, set()).add(mac)

    def of(self, heard: Heard) -> str | None:
        """Which device it is that was heard."""
        said = next(
            (self._addresses[one] for one in heard.addresses if one in self._addresses), None
        )
        chassis = self._chassis.get(heard.chassis) or self._macs.get(heard.chassis)
        return said or chassis or self._names.get(heard.name.lower())


def _unique(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    twice: set[str] = set()
    for key, value in pairs:
        if key and found.setdefault(key, value) != value:
            twice.add(key)
    return {key: value for key, value in found.items() if key not in twice}


def _attach(node: Node, owners: _Owners, nodes: Sequence[Node], graph: _Graph) -> None:
    """Joins the node with the switch that sees it most alone; with none when two see it alike."""
    places: dict[str, tuple[int, int]] = {}
    for switch in nodes:
        seen = switch.neighbours.seen or {}
        crowd = Counter(seen.values())
        ports = {seen[mac] for mac in owners.macs_of.get(node.address, ()) if mac in seen}
        if ports and switch.address != node.address:
            places[switch.address] = min((crowd[port], port) for port in ports)
    if not places:
        return
    fewest = min(crowd for crowd, _ in places.values())
    nearest = [address for address, (crowd, _) in places.items() if crowd == fewest]
    if len(nearest) == 1:
        port = places[nearest[0]][1]
        graph.join(node.address, nearest[0], f"its MAC is seen on bridge port {port}")


def _roots(nodes: Sequence[Node], graph: _Graph, routes: Collection[str]) -> list[str]:
    """From where distances are counted, best first: this machine's gateway, a gateway by its class,
    then whoever has most neighbours. Each part of the network is measured from its best one.
    """

    def rank(node: Node) -> tuple[bool, int, int, tuple[int, int]]:
        class_ = GATEWAYS.index(node.class_) if node.class_ in GATEWAYS else len(GATEWAYS)
        ours = any(one in routes for one in (node.address, *node.also))
        return (not ours, class_, -len(graph.why.get(node.address, {})), _order(node.address))

    return [node.address for node in sorted(nodes, key=rank)]


def _measure(root: str, graph: _Graph, distance: dict[str, int]) -> None:
    distance[root] = 0
    queue = deque([root])
    while queue:
        here = queue.popleft()
        for other in graph.why.get(here, ()):
            if other not in distance:
                distance[other] = distance[here] + 1
                queue.append(other)


def _order(address: str) -> tuple[int, int]:
    parsed = ip_address(address)
    return parsed.version, int(parsed)
