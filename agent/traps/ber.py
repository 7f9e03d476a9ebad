"""The little of BER (X.690) that is needed to look at a notification; pure functions on octets.

Not pyasn1: whoever can send a packet here decides what is in it, and a general decoder spends
milliseconds on it and recurses. This one walks forward, copies nothing and never recurses.
"""

from __future__ import annotations

from dataclasses import dataclass

INTEGER, OCTETS, OID, SEQUENCE = 0x02, 0x04, 0x06, 0x30
MAX_ARCS = 128
"""Arcs of an object identifier (RFC 2578, 3.5)."""


class Broken(Exception):  # noqa: N818 - named for what it is; never leaves this package
    """The octets are not what they should be."""


@dataclass(frozen=True, slots=True)
class Part:
    """One element: where its tag stands, and where its content begins and ends."""

    tag: int
    at: int
    begin: int
    end: int


def part(octets: bytes, at: int, end: int, *tags: int) -> Part:
    """The element at `at`, which must have one of these tags and be over by `end`. Raises Broken."""
    if at + 2 > end or octets[at] not in tags:
        raise Broken
    length, begin = octets[at + 1], at + 2
    if length & 0x80:
        count = length & 0x7F  # 0 is the indefinite form, which SNMP forbids (RFC 3417, 8)
        if not 1 <= count <= 4 or begin + count > end:
            raise Broken
        length = int.from_bytes(octets[begin : begin + count], "big")
        begin += count
    if begin + length > end:
        raise Broken
    return Part(octets[at], at, begin, begin + length)


def content(octets: bytes, found: Part) -> bytes:
    """The content of an element."""
    return octets[found.begin : found.end]


def number(octets: bytes, found: Part) -> int:
    """An INTEGER of at most 64 bits. Raises Broken."""
    if not 1 <= found.end - found.begin <= 9:
        raise Broken
    return int.from_bytes(content(octets, found), "big", signed=True)


def oid(octets: bytes, found: Part) -> str:
    """An OBJECT IDENTIFIER in figures. Raises Broken."""
    arcs: list[int] = []
    arc = 0
    for octet in content(octets, found):
        arc = arc << 7 | octet & 0x7F
        if arc > 0xFFFFFFFF or len(arcs) > MAX_ARCS:
            raise Broken
        if not octet & 0x80:
            arcs.append(arc)
            arc = 0
    if not arcs or octets[found.end - 1] & 0x80:
        raise Broken
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, (first, arcs[0] - 40 * first, *arcs[1:])))


def element(tag: int, *contents: bytes) -> bytes:
    """The octets of one element."""
    body = b"".join(contents)
    if len(body) < 0x80:
        return bytes((tag, len(body))) + body
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + body


def whole(value: int) -> bytes:
    """The octets of an INTEGER."""
    return element(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))
