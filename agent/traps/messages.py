"""Notifications as octets (RFC 1157, 3412, 3414, 3416): what stands in them, and what is answered."""

from __future__ import annotations

from dataclasses import dataclass

from agent.traps.ber import (
    INTEGER,
    OCTETS,
    OID,
    SEQUENCE,
    Broken,
    Part,
    content,
    element,
    number,
    oid,
    part,
    whole,
)
from agent.traps.names import SNMP_TRAPS

RESPONSE, TRAP_V1, INFORM, TRAP, REPORT = 0xA2, 0xA4, 0xA6, 0xA7, 0xA8
SIGNED, ENCRYPTED, REPORTABLE = 1, 2, 4
USM = 3
V1, V2C, V3 = 0, 1, 3
_ADDRESS, _COUNTER, _TICKS = 0x40, 0x41, 0x43
_ENTERPRISE_SPECIFIC = 6
_TRAP_OID = bytes.fromhex("2b060106030101040100")  # snmpTrapOID.0, 1.3.6.1.6.3.1.1.4.1.0
_ROWS_SEEN = 8
"""It must be the second row (RFC 3416, 4.2.6); some devices leave the first out or add some."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One notification: its identifier in the form of SNMPv2; for an inform, the response in place of it."""

    trap: str
    response: bytes | None = None


@dataclass(frozen=True, slots=True)
class Plain:
    """The outside of a message of SNMPv1 or v2c. pdu_at: where its inside begins."""

    version: int
    community: bytes
    pdu_at: int


@dataclass(frozen=True, slots=True)
class Secured:
    """The outside of a message of SNMPv3 with the User-based Security Model.

    signature: where it stands; scoped: the inside, plain or as ciphered octets.
    """

    id: int
    flags: int
    engine: bytes
    boots: int
    time: int
    user: bytes
    signature: Part
    salt: bytes
    scoped: Part


def read_outside(octets: bytes) -> Plain | Secured:
    """The outside of a message. Raises Broken."""
    outer = part(octets, 0, len(octets), SEQUENCE)
    if outer.end != len(octets):
        raise Broken
    version = part(octets, outer.begin, outer.end, INTEGER)
    kind = number(octets, version)
    if kind in (V1, V2C):
        community = part(octets, version.end, outer.end, OCTETS)
        return Plain(kind, content(octets, community), community.end)
    if kind != V3:
        raise Broken
    return _secured(octets, version.end, outer.end)


def _secured(octets: bytes, at: int, end: int) -> Secured:
    header = part(octets, at, end, SEQUENCE)
    id_, _, flags, model = _parts(octets, header, INTEGER, INTEGER, OCTETS, INTEGER)
    if flags.end - flags.begin != 1 or number(octets, model) != USM:
        raise Broken
    wrapped = part(octets, header.end, end, OCTETS)
    security = part(octets, wrapped.begin, wrapped.end, SEQUENCE)
    engine, boots, time, user, signature, salt = _parts(
        octets, security, OCTETS, INTEGER, INTEGER, OCTETS, OCTETS, OCTETS
    )
    bits = octets[flags.begin]
    return Secured(
        number(octets, id_),
        bits,
        content(octets, engine),
        number(octets, boots),
        number(octets, time),
        content(octets, user),
        signature,
        content(octets, salt),
        part(octets, wrapped.end, end, OCTETS if bits & ENCRYPTED else SEQUENCE),
    )


def _parts(octets: bytes, within: Part, *tags: int) -> list[Part]:
    found, at = [], within.begin
    for tag in tags:
        found.append(part(octets, at, within.end, tag))
        at = found[-1].end
    return found


def read_plain_inside(octets: bytes, outside: Plain) -> Notice:
    """The notification in a message of SNMPv1 or v2c. Raises Broken."""
    if outside.version == V1:
        return Notice(_trap_of_v1(octets, part(octets, outside.pdu_at, len(octets), TRAP_V1)))
    pdu = part(octets, outside.pdu_at, len(octets), TRAP, INFORM)
    trap = _trap_of_v2(octets, pdu)
    return Notice(trap, _responded(octets, pdu) if pdu.tag == INFORM else None)


def read_scoped(scoped: bytes) -> Notice:
    """The notification in an opened message of SNMPv3; the cipher's padding may follow. Raises Broken."""
    outer = part(scoped, 0, len(scoped), SEQUENCE)
    _, name = _parts(scoped, outer, OCTETS, OCTETS)
    pdu = part(scoped, name.end, outer.end, TRAP, INFORM)
    trap = _trap_of_v2(scoped, pdu)
    return Notice(trap, _responded(scoped[: outer.end], pdu) if pdu.tag == INFORM else None)


def _responded(octets: bytes, pdu: Part) -> bytes:
    """The response to an inform says all that the inform said (RFC 3416, 4.2.7): only the tag changes."""
    return octets[: pdu.at] + bytes((RESPONSE,)) + octets[pdu.at + 1 :]


def _trap_of_v1(octets: bytes, pdu: Part) -> str:
    """The identifier that a trap of SNMPv1 has in v2 (RFC 3584, 3.1)."""
    enterprise, _, generic, specific, _ = _parts(
        octets, pdu, OID, _ADDRESS, INTEGER, INTEGER, _TICKS
    )
    kind = number(octets, generic)
    if kind == _ENTERPRISE_SPECIFIC:
        return f"{oid(octets, enterprise)}.0.{number(octets, specific) & 0xFFFFFFFF}"
    if not 0 <= kind < _ENTERPRISE_SPECIFIC:
        raise Broken
    return f"{SNMP_TRAPS}.{kind + 1}"


def _trap_of_v2(octets: bytes, pdu: Part) -> str:
    *_, index = _parts(octets, pdu, INTEGER, INTEGER, INTEGER)
    rows = part(octets, index.end, pdu.end, SEQUENCE)
    at = rows.begin
    for _ in range(_ROWS_SEEN):
        row = part(octets, at, rows.end, SEQUENCE)
        name = part(octets, row.begin, row.end, OID)
        if content(octets, name) == _TRAP_OID:
            return oid(octets, part(octets, name.end, row.end, OID))
        at = row.end
    raise Broken


def report(engine: bytes, counter: bytes) -> bytes:
    """The inside of a report: a counter of the User-based Security Model, by its content octets."""
    row = element(SEQUENCE, element(OID, counter), element(_COUNTER, b"\x01"))
    pdu = element(REPORT, whole(0), whole(0), whole(0), element(SEQUENCE, row))
    return element(SEQUENCE, element(OCTETS, engine), element(OCTETS), pdu)


def secured_message(
    outside: tuple[int, int, bytes, int, int, bytes], signature: bytes, salt: bytes, inside: bytes
) -> tuple[bytes, int]:
    """A message of SNMPv3 and where its signature stands.

    outside: message id, flags, engine, boots, time, user. inside: the scoped part, an element by itself.
    """
    id_, flags, engine, boots, time, user = outside
    header = element(
        SEQUENCE, whole(id_), whole(65_507), element(OCTETS, bytes((flags,))), whole(USM)
    )
    salted = element(OCTETS, salt)
    security = element(
        OCTETS,
        element(
            SEQUENCE,
            element(OCTETS, engine),
            whole(boots),
            whole(time),
            element(OCTETS, user),
            element(OCTETS, signature),
            salted,
        ),
    )
    message = element(SEQUENCE, whole(V3), header, security, inside)
    return message, len(message) - len(inside) - len(salted) - len(signature)
