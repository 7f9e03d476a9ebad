"""Basic encoding rules (X.690) as far as SNMP uses them (RFC 3417 section 8)."""

from __future__ import annotations

from collections.abc import Iterator

Oid = tuple[int, ...]

INTEGER, OCTET_STRING, NULL, OBJECT_IDENTIFIER, SEQUENCE = 0x02, 0x04, 0x05, 0x06, 0x30
IP_ADDRESS, COUNTER32, GAUGE32, TIMETICKS, OPAQUE, COUNTER64 = 0x40, 0x41, 0x42, 0x43, 0x44, 0x46
NO_SUCH_OBJECT, NO_SUCH_INSTANCE, END_OF_MIB_VIEW = b"\x80\x00", b"\x81\x00", b"\x82\x00"

_UNSIGNED_BITS = {COUNTER32: 32, GAUGE32: 32, TIMETICKS: 32, COUNTER64: 64}


class BerError(ValueError):
    """The bytes are not what SNMP may send."""


def encode(tag: int, content: bytes) -> bytes:
    """Tag, length and content."""
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def encode_integer(value: int, tag: int = INTEGER) -> bytes:
    """An INTEGER, or with another tag an unsigned type, which wraps as that type does."""
    if tag in _UNSIGNED_BITS:
        value %= 1 << _UNSIGNED_BITS[tag]
    size = (value.bit_length() if value >= 0 else (~value).bit_length()) // 8 + 1
    return encode(tag, value.to_bytes(size, "big", signed=True))


def encode_text(text: str | bytes) -> bytes:
    """An OCTET STRING; text goes out as UTF-8."""
    return encode(OCTET_STRING, text.encode() if isinstance(text, str) else text)


def encode_oid(oid: Oid) -> bytes:
    """An OBJECT IDENTIFIER; an oid of fewer than two arcs is sent as 0.0 (RFC 2578 zeroDotZero)."""
    if len(oid) < 2:
        oid = (0, 0)
    content = bytearray()
    for arc in (oid[0] * 40 + oid[1], *oid[2:]):
        content += _base128(arc)
    return encode(OBJECT_IDENTIFIER, bytes(content))


def _base128(arc: int) -> bytes:
    if arc < 0x80:
        return bytes((arc,))
    groups = [arc & 0x7F]
    while arc := arc >> 7:
        groups.append(0x80 | (arc & 0x7F))
    return bytes(reversed(groups))


def read(data: bytes, offset: int = 0, end: int | None = None) -> tuple[int, int, int]:
    """Tag, start and end of the content of the element at `offset`. Raises BerError."""
    limit = len(data) if end is None else end
    if offset + 2 > limit:
        raise BerError("an element is cut short")
    tag, size, start = data[offset], data[offset + 1], offset + 2
    if size & 0x80:
        octets = size & 0x7F
        if not 1 <= octets <= 4 or start + octets > limit:
            raise BerError("a length is not one that SNMP may send")
        size = int.from_bytes(data[start : start + octets], "big")
        start += octets
    if start + size > limit:
        raise BerError("an element is longer than what holds it")
    return tag, start, start + size


def expect(data: bytes, tag: int, offset: int, end: int | None = None) -> tuple[int, int]:
    """Start and end of the content at `offset`, which must have this tag. Raises BerError."""
    found, start, stop = read(data, offset, end)
    if found != tag:
        raise BerError(f"expected tag {tag:#04x}, found {found:#04x}")
    return start, stop


def elements(data: bytes, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Tag, start and end of each element between `start` and `end`."""
    while start < end:
        tag, content, stop = read(data, start, end)
        yield tag, content, stop
        start = stop


def decode_integer(content: bytes) -> int:
    """A signed INTEGER. Raises BerError when it is empty or longer than 64 bits and a sign."""
    if not 1 <= len(content) <= 9:
        raise BerError("an integer has an impossible size")
    return int.from_bytes(content, "big", signed=True)


def decode_oid(content: bytes) -> Oid:
    """An object identifier, at most 128 arcs of 32 bits (RFC 2578 section 3.5). Raises BerError."""
    arcs: list[int] = []
    value = 0
    for octet in content:
        value = value << 7 | octet & 0x7F
        if value > 0xFFFFFFFF + 80:
            raise BerError("an arc of an object identifier is too large")
        if not octet & 0x80:
            arcs.append(value)
            value = 0
    if not arcs or content[-1] & 0x80 or len(arcs) > 127:
        raise BerError("an object identifier is malformed")
    first = min(arcs[0] // 40, 2)
    return (first, arcs[0] - 40 * first, *arcs[1:])
