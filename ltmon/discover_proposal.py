"""From what a discovery found to proposals that fit the inventory which is already there."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from agent.discover_parents import Node, propose_parents, same_devices
from agent.discover_yaml import UNPLACED, Proposal, ids_for, proposals_for

if TYPE_CHECKING:
    from agent.discover import Discovery, Host
    from inventory.inventory import Inventory

_ROUTES = Path("/proc/net/route")


def proposals(
    discovery: Discovery, inventory: Inventory | None, site: str | None
) -> list[Proposal]:
    """The proposals by address. A device of the inventory may be a parent, but is not proposed."""
    known = _known(inventory)
    every = sorted(discovery.hosts.values(), key=lambda host: _order(host.address))
    nodes = [Node(h.address, h.name, h.class_, h.neighbours) for h in every]
    doubles = same_devices(nodes)
    hosts = [host for host in every if host.address not in doubles]
    merged = [_node(host, doubles) for host in hosts]
    parents = propose_parents([*merged, *known.values()], own_routes())
    ids = ids_for(hosts, {UNPLACED} | (ids_of(inventory) if inventory is not None else set()))
    ids |= {address: node.name for address, node in known.items()}
    sites = {host.address: site or _site_near(host.address, inventory) for host in hosts}
    return proposals_for(hosts, ids, sites, parents, doubles)


def own_routes() -> tuple[str, ...]:
    """This machine's own IPv4 gateways; none where the system does not tell (not Linux)."""
    try:
        lines = _ROUTES.read_text(encoding="ascii").splitlines()[1:]
    except OSError:
        return ()
    fields = (line.split() for line in lines)
    return tuple(
        str(ip_address(bytes.fromhex(row[2])[::-1]))
        for row in fields
        if len(row) > 3 and int(row[3], 16) & 2
    )


def _node(host: Host, doubles: dict[str, str]) -> Node:
    also = tuple(other for other, first in doubles.items() if first == host.address)
    return Node(host.address, host.name, host.class_, host.neighbours, also)


def _known(inventory: Inventory | None) -> dict[str, Node]:
    """The devices of the inventory with a numeric address, named by their id."""
    found: dict[str, Node] = {}
    for device in inventory.devices if inventory is not None else ():
        if device.address is not None and _numeric(device.address):
            found[device.address] = Node(device.address, device.id, device.class_)
    return found


def ids_of(inventory: Inventory) -> set[str]:
    """Every id of the inventory: they are unique over all kinds."""
    lists = (getattr(inventory, name) for name in type(inventory).model_fields)
    things: list[object] = []
    for value in lists:
        things += value if isinstance(value, Sequence) else [value]
    return {str(one.id) for one in things if hasattr(one, "id")}


def _site_near(address: str, inventory: Inventory | None) -> str:
    """The site whose devices have the nearest addresses, in the same /24 (or /64); else nobody knows."""
    ours = ip_address(address)
    shift = 8 if ours.version == 4 else 64
    for device in inventory.devices if inventory is not None else ():
        if device.address is not None and _numeric(device.address):
            other = ip_address(device.address)
            if other.version == ours.version and int(other) >> shift == int(ours) >> shift:
                return device.site
    return UNPLACED


def _numeric(address: str) -> bool:
    try:
        ip_address(address)
    except ValueError:
        return False
    return True


def _order(address: str) -> tuple[int, int]:
    parsed = ip_address(address)
    return parsed.version, int(parsed)
