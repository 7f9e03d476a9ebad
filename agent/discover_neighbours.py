"""What a device knows about its neighbours: LLDP, its bridge's table of MAC addresses, its ARP table.

LLDP-MIB (IEEE 802.1AB-2005), BRIDGE-MIB (RFC 4188), Q-BRIDGE-MIB (RFC 4363), IP-MIB (RFC 4293),
IF-MIB (RFC 2863). Most devices have only some of it; what is missing is an empty answer.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from agent.snmp.poll import Cells, Poll
from agent.snmp.session import Value, WalkLimits
from agent.snmp.values import mac, text, whole

LLDP = "1.0.8802.1.1.2.1"
LOCAL_CHASSIS = f"{LLDP}.3.2.0"
REMOTE_CHASSIS, REMOTE_NAME = f"{LLDP}.4.1.1.5", f"{LLDP}.4.1.1.9"
REMOTE_ADDRESS = f"{LLDP}.4.2.1.3"  # lldpRemManAddrIfSubtype: the address is in the index
BRIDGE_ADDRESS = "1.3.6.1.2.1.17.1.1.0"
FORWARDING, FORWARDING_BY_VLAN = "1.3.6.1.2.1.17.4.3.1.2", "1.3.6.1.2.1.17.7.1.2.2.1.2"
INTERFACE_MAC, ARP = "1.3.6.1.2.1.2.2.1.6", "1.3.6.1.2.1.4.22.1.2"

_LIMITS = WalkLimits(rows=5_000, octets=1 << 20, seconds=8.0)


@dataclass(frozen=True, slots=True)
class Heard:
    """A neighbour of which LLDP told, on local port `port`: whatever it said of itself."""

    port: str
    chassis: str = ""
    name: str = ""
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Neighbours:
    """macs: the device's own. chassis: its own LLDP chassis, MAC or clean text. heard: by LLDP.
    seen: bridge port by the MAC that was seen there. arp: MAC by IPv4 address.
    """

    chassis: str = ""
    macs: frozenset[str] = frozenset()
    heard: tuple[Heard, ...] = ()
    seen: Mapping[str, int] | None = None
    arp: Mapping[str, str] | None = None


async def read_neighbours(poll: Poll) -> Neighbours:
    """The neighbours of the device, as far as it answers; never raises for what it does not have."""
    own = await poll.scalars("own chassis", (LOCAL_CHASSIS, BRIDGE_ADDRESS))
    macs = await poll.column("ifPhysAddress", INTERFACE_MAC, _LIMITS)
    chassis = await poll.column("lldpRemChassisId", REMOTE_CHASSIS, _LIMITS)
    names: dict[str, Value] = {}
    addresses: dict[str, Value] = {}
    if chassis:
        names = await poll.column("lldpRemSysName", REMOTE_NAME, _LIMITS)
        addresses = await poll.column("lldpRemManAddr", REMOTE_ADDRESS, _LIMITS)
    seen = await poll.column("dot1dTpFdbPort", FORWARDING, _LIMITS)
    if not seen:
        seen = await poll.column("dot1qTpFdbPort", FORWARDING_BY_VLAN, _LIMITS)
    arp = await poll.column("ipNetToMediaPhysAddress", ARP, _LIMITS)
    return Neighbours(
        chassis_of(own.get(LOCAL_CHASSIS)),
        own_macs(own, macs.values()),
        decode_heard(chassis, names, addresses),
        decode_seen(seen),
        decode_arp(arp),
    )


def chassis_of(value: Value | None) -> str:
    """A chassis id to compare by: a MAC address where it is six octets, else its clean text."""
    return mac(value) if isinstance(value, bytes) and len(value) == 6 else text(value)


def own_macs(own: Cells, values: Iterable[Value]) -> frozenset[str]:
    """The device's MAC addresses; those of groups and of nobody are left out."""
    found = {mac(own.get(BRIDGE_ADDRESS)), *(mac(value) for value in values)}
    return frozenset(one for one in found if one and _single(one))


def decode_heard(
    chassis: Mapping[str, Value], names: Mapping[str, Value], addresses: Mapping[str, Value]
) -> tuple[Heard, ...]:
    """The rows of lldpRemTable, whose index is time mark, local port, number."""
    said: dict[str, list[str]] = {}
    for index in addresses:
        row, address = _managed(index)
        if address:
            said.setdefault(row, []).append(address)
    return tuple(
        Heard(
            index.split(".")[1],
            chassis_of(value),
            text(names.get(index)),
            tuple(said.get(index, ())),
        )
        for index, value in chassis.items()
        if index.count(".") == 2
    )


def decode_seen(cells: Mapping[str, Value]) -> dict[str, int]:
    """Port by MAC address; the last six arcs of the index are the MAC. Port 0: the port is unknown."""
    found: dict[str, int] = {}
    for index, value in cells.items():
        port, address = whole(value), _octets(index.split(".")[-6:], 6)
        if port and port > 0 and address:
            found[address.hex(":")] = port
    return found


def decode_arp(cells: Mapping[str, Value]) -> dict[str, str]:
    """MAC by IPv4 address; the last four arcs of the index are the address."""
    found: dict[str, str] = {}
    for index, value in cells.items():
        address, owner = _octets(index.split(".")[-4:], 4), mac(value)
        if address and owner and _single(owner):
            found[str(ipaddress.ip_address(address))] = owner
    return found


def _managed(index: str) -> tuple[str, str]:
    """The row and the address in an index of lldpRemManAddrTable; empty when it is no IP address."""
    arcs = index.split(".")
    octets = _octets(arcs[5:], 4 if arcs[3:4] == ["1"] else 16)
    return ".".join(arcs[:3]), str(ipaddress.ip_address(octets)) if octets else ""


def _octets(arcs: list[str], size: int) -> bytes:
    """The arcs as octets; none when they are not `size` of them."""
    if len(arcs) != size or not all(arc.isdigit() and int(arc) < 256 for arc in arcs):
        return b""
    return bytes(int(arc) for arc in arcs)


def _single(address: str) -> bool:
    """Whether a MAC belongs to one device: not to a group, not to the first-hop routers' shared ones."""
    return not int(address[:2], 16) & 1 and not address.startswith("00:00:5e:00:01")
