"""Interfaces: IF-MIB (RFC 2863) and the part of EtherLike-MIB (RFC 3635) that tells a bad cable.

An interface is known by its name, not by its index, which moves at reboots: ifName, else ifDescr, with
the index behind it where two rows share one. Name and counters of a row are read in one request, so
that a row that moves meanwhile never lends its name to another's counters.
"""

from __future__ import annotations

from agent.snmp.memory import Memory
from agent.snmp.names import unique_names
from agent.snmp.oid import arcs
from agent.snmp.poll import Cells, Poll
from agent.snmp.session import Value
from agent.snmp.values import counter, mac, number, text, whole
from telemetry import catalogue
from telemetry.catalogue import Metric
from telemetry.sample import Reading

IF = "1.3.6.1.2.1.2.2.1"
IFX = "1.3.6.1.2.1.31.1.1.1"
DOT3 = "1.3.6.1.2.1.10.7.2.1"
DESCR, TYPE, SPEED, MAC = f"{IF}.2", f"{IF}.3", f"{IF}.5", f"{IF}.6"
ADMIN, OPER, LAST_CHANGE = f"{IF}.7", f"{IF}.8", f"{IF}.9"
NAME, HIGH_SPEED, ALIAS, DISCONTINUITY = f"{IFX}.1", f"{IFX}.15", f"{IFX}.18", f"{IFX}.19"
DUPLEX = f"{DOT3}.19"

SMALLEST_FRAME_BITS = 512
Counters = tuple[tuple[Metric, tuple[str, ...]], ...]
"""Metrics, each with the columns that add up to it."""

_WIDE: Counters = (
    (catalogue.INTERFACE_RECEIVE_BYTES, (f"{IFX}.6",)),
    (catalogue.INTERFACE_TRANSMIT_BYTES, (f"{IFX}.10",)),
    (catalogue.INTERFACE_RECEIVE_PACKETS, (f"{IFX}.7", f"{IFX}.8", f"{IFX}.9")),
    (catalogue.INTERFACE_TRANSMIT_PACKETS, (f"{IFX}.11", f"{IFX}.12", f"{IFX}.13")),
)
_NARROW: Counters = (
    (catalogue.INTERFACE_RECEIVE_BYTES, (f"{IF}.10",)),
    (catalogue.INTERFACE_TRANSMIT_BYTES, (f"{IF}.16",)),
    (catalogue.INTERFACE_RECEIVE_PACKETS, (f"{IF}.11", f"{IF}.12")),
    (catalogue.INTERFACE_TRANSMIT_PACKETS, (f"{IF}.17", f"{IF}.18")),
)
_ALWAYS: Counters = (
    (catalogue.INTERFACE_RECEIVE_ERRORS, (f"{IF}.14",)),
    (catalogue.INTERFACE_TRANSMIT_ERRORS, (f"{IF}.20",)),
    (catalogue.INTERFACE_RECEIVE_DISCARDS, (f"{IF}.13",)),
    (catalogue.INTERFACE_TRANSMIT_DISCARDS, (f"{IF}.19",)),
    (catalogue.INTERFACE_FCS_ERRORS, (f"{DOT3}.3",)),
)
_STATE = (NAME, ADMIN, OPER, LAST_CHANGE, HIGH_SPEED, DISCONTINUITY)
_INFO = (TYPE, SPEED, MAC, ALIAS, DUPLEX)


def _columns(counters: Counters) -> tuple[str, ...]:
    return tuple(column for _, columns in counters for column in columns)


def _counted(counters: Counters, bits: int) -> tuple[tuple[str, tuple[str, ...], int, int], ...]:
    """The metric, its columns, their width, and how many bits of a line one of its units takes at least."""
    return tuple(
        (m.name, columns, bits, 8 if m.unit == "bytes" else SMALLEST_FRAME_BITS)
        for m, columns in counters
    )


_WIDE_COLUMNS = _STATE + _INFO + _columns(_WIDE + _ALWAYS)
_NARROW_COLUMNS = _STATE + _INFO + _columns(_NARROW + _ALWAYS)
_WIDE_COUNTED = _counted(_WIDE, 64) + _counted(_ALWAYS, 32)
_NARROW_COUNTED = _counted(_NARROW + _ALWAYS, 32)
_TYPES = {
    6: "ethernet", 62: "ethernet", 69: "ethernet", 117: "ethernet",
    23: "ppp", 24: "loopback", 53: "virtual", 71: "wifi", 131: "tunnel", 135: "vlan", 136: "vlan",
    161: "lag", 243: "cellular", 244: "cellular", 250: "gpon",
}  # fmt: skip
"""IANAifType, the kinds that a district meets."""

NOT_PRESENT = 6
_OPER: dict[int | None, float] = {1: 1.0, 2: 0.0, 3: 0.0, 5: 0.0, 6: 0.0, 7: 0.0}
"""ifOperStatus; 4 is unknown, and eight recorded devices send what is no status at all."""
_ADMIN: dict[int | None, float] = {1: 1.0, 2: 0.0}
_DUPLEX: dict[int | None, float] = {2: 0.0, 3: 1.0}
INFO, UP, ADMIN_UP = (
    catalogue.INTERFACE_INFO.name,
    catalogue.INTERFACE_UP.name,
    catalogue.INTERFACE_ADMIN_UP.name,
)
SPEED_NOW, FULL_DUPLEX, SINCE_CHANGE = (
    catalogue.INTERFACE_SPEED.name,
    catalogue.INTERFACE_FULL_DUPLEX.name,
    catalogue.INTERFACE_LAST_CHANGE.name,
)
SLOWEST_HELD_AGAINST = 10e9
"""Bits per second. A slower claim is not held against a counter: too many agents claim 10 Mbit/s for
everything."""
FASTEST_THINKABLE = 1e12


async def read_interfaces(poll: Poll, memory: Memory) -> list[Reading]:
    """The readings of every interface; empty where the device has no ifTable."""
    descr = await poll.column("ifDescr", DESCR)
    rows = await _rows(poll, memory, await _there(poll, memory, list(descr)))
    names = {index: _called(memory.port_key, row, descr[index]) for index, row in rows.items()}
    _leave_out(memory, rows, names)
    _name(memory, names, poll.ended)
    readings: list[Reading] = []
    ticks = memory.facts.ticks if memory.facts else None
    for index, row in rows.items():
        name = memory.interfaces[index]
        readings += decode_interface(name, row, ticks)
        readings += _count(memory, name, row, index in memory.narrow)
    return readings


async def _there(poll: Poll, memory: Memory, indexes: list[str]) -> list[str]:
    """The indexes without the empty slots known from before; whether these still are costs one cell each.
    Without what is no port, too.

    A stackable switch lists the ports of seven members that nobody has bought.
    """
    memory.others.intersection_update(indexes)
    indexes = [index for index in indexes if index not in memory.others]
    empty = [index for index in indexes if index in memory.empty_slots]
    states = await poll.rows("empty slots", (OPER,), empty) if empty else {}
    filled = {i for i, row in states.items() if whole(row.get(OPER)) not in (NOT_PRESENT, None)}
    memory.empty_slots = memory.empty_slots.intersection(indexes) - filled
    return [index for index in indexes if index not in memory.empty_slots]


def _leave_out(memory: Memory, rows: dict[str, Cells], names: dict[str, str]) -> None:
    """Drops the rows whose hardware is missing (notPresent, RFC 2863) and those that are no ports. A port
    that was there before stays: somebody pulled it out, and that is a fault to tell."""
    known = set(memory.interfaces.values())
    for index, row in list(rows.items()):
        if whole(row.get(TYPE)) in memory.no_ports:
            memory.others.add(index)
        elif whole(row.get(OPER)) == NOT_PRESENT and names[index] not in known:
            memory.empty_slots.add(index)
        else:
            continue
        del rows[index], names[index]


def _called(key: str, row: Cells, descr: Value) -> str:
    """What a port is called: by its family's own key where it holds a word, else ifName, else ifDescr."""
    own = {"descr": descr, "alias": row.get(ALIAS)}.get(key)
    return text(own) or text(row.get(NAME)) or text(descr)


def _name(memory: Memory, names: dict[str, str], partly: bool) -> None:
    """Names the rows. Where a poll broke off, a row keeps the longer name that it had: the twin that
    gave it its index may be among the rows that were not read."""
    unique = unique_names(names)
    if partly:
        before = memory.interfaces
        kept = {i: before[i] for i, name in names.items() if before.get(i, "").startswith(name)}
        memory.interfaces = {**before, **unique, **kept}
    else:
        memory.interfaces = unique


async def _rows(poll: Poll, memory: Memory, indexes: list[str]) -> dict[str, Cells]:
    """Each row's state, counters and what it is, 64-bit counters where the row has them, in the order of the
    indexes."""
    if not memory.wide:
        memory.narrow.update(indexes)
    wide = [index for index in indexes if index not in memory.narrow]
    rows = await poll.rows("interfaces", _WIDE_COLUMNS, wide)
    octets = _columns(_WIDE[:2])
    memory.narrow |= {i for i, row in rows.items() if not any(c in row for c in octets)}
    narrow = [index for index in indexes if index in memory.narrow]
    if narrow:
        rows |= await poll.rows("interfaces with 32-bit counters", _NARROW_COLUMNS, narrow)
    return {index: rows[index] for index in sorted(rows, key=arcs)}


def decode_interface(name: str, row: Cells, ticks: int | None) -> list[Reading]:
    """The readings of one row but its counters. `ticks`: sysUpTime, None when unknown."""
    port = {"interface": name}
    type_ = whole(row.get(TYPE))
    about = {
        **port,
        "alias": text(row.get(ALIAS)),
        "type": "" if type_ is None else _TYPES.get(type_, str(type_)),
        "mac": mac(row.get(MAC)),
    }
    readings = [Reading(INFO, 1.0, about)]
    for metric, value in (
        (UP, _OPER.get(whole(row.get(OPER)))),
        (ADMIN_UP, _ADMIN.get(whole(row.get(ADMIN)))),
        (SPEED_NOW, speed_bits(row)),
        (FULL_DUPLEX, _DUPLEX.get(whole(row.get(DUPLEX)))),
        (SINCE_CHANGE, _since_change(whole(row.get(LAST_CHANGE)), ticks)),
    ):
        if value is not None:
            readings.append(Reading(metric, value, port))
    return readings


def speed_bits(row: Cells) -> float | None:
    """Bits per second; None when unknown.

    ifHighSpeed is in Mbit/s, but eleven recorded devices send bit/s (a million and more), and four send
    garbage above 4e9. ifSpeed stops at 2^32 - 1.
    """
    high = number(row.get(HIGH_SPEED)) or 0.0
    low = number(row.get(SPEED)) or 0.0
    if 0 < high < 1e6:
        return high * 1e6
    if 1e6 <= high <= 4e9 and low in (high, 0.0):
        return high
    return low if 0 < low < (1 << 32) - 1 else None


def _since_change(change: int | None, ticks: int | None) -> float | None:
    """Seconds since ifLastChange; 0 means before the agent started, later than now means a wrap."""
    if change is None or ticks is None or not 0 < change <= ticks:
        return None
    return (ticks - change) / 100


def _count(memory: Memory, name: str, row: Cells, narrow: bool) -> list[Reading]:
    fastest = _fastest(speed_bits(row))
    anew = _discontinued(memory, name, whole(row.get(DISCONTINUITY)))
    port = {"interface": name}
    totals = memory.totals
    readings: list[Reading] = []
    for metric, columns, bits, unit in _NARROW_COUNTED if narrow else _WIDE_COUNTED:
        raws = [counter(row.get(column), bits) for column in columns]
        if raws[0] is None:
            continue
        total = totals.sum((metric, name), raws, bits, fastest / unit, anew)
        readings.append(Reading(metric, float(total), port))
    return readings


def _fastest(speed: float | None) -> float:
    return FASTEST_THINKABLE if speed is None else max(speed, SLOWEST_HELD_AGAINST)


def _discontinued(memory: Memory, name: str, at: int | None) -> bool:
    if at is None:
        return False
    before = memory.discontinuities.get(name, at)
    memory.discontinuities[name] = at
    return at != before
