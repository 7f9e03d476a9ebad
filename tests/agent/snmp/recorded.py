"""A small SNMP agent of the tests' own: serves recorded devices over a real socket, well or badly.

Its BER is written here by hand and knows nothing of the product's engines, so it can also say what
no good agent says. Versions 1 and 2c; GET, GETNEXT, GETBULK.
"""

from __future__ import annotations

import asyncio
import bz2
import contextlib
from bisect import bisect_right
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast

import snmpsim_data

Arcs = tuple[int, ...]
INTEGER, OCTETS, NULL, OID = 0x02, 0x04, 0x05, 0x06
IP_ADDRESS, COUNTER32, GAUGE32, TIMETICKS, OPAQUE, COUNTER64 = 0x40, 0x41, 0x42, 0x43, 0x44, 0x46
NO_SUCH_OBJECT, NO_SUCH_INSTANCE, END_OF_MIB_VIEW = 0x80, 0x81, 0x82
GET, GETNEXT, RESPONSE, GETBULK = 0xA0, 0xA1, 0xA2, 0xA5
TOO_BIG, NO_SUCH_NAME = 1, 2
NUMBERS = (INTEGER, COUNTER32, GAUGE32, TIMETICKS, COUNTER64)
RECORDINGS = Path(snmpsim_data.__path__[0]) / "data"


def arcs(oid: str) -> Arcs:
    return tuple(int(arc) for arc in oid.strip(".").split("."))


def tlv(tag: int, body: bytes) -> bytes:
    size = len(body)
    if size < 128:
        return bytes((tag, size)) + body
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets + body


def number(value: int, tag: int = INTEGER) -> bytes:
    return tlv(tag, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


@cache
def oid(name: Arcs) -> bytes:
    body = bytearray()
    for arc in (name[0] * 40 + name[1], *name[2:]):
        septets = [arc & 0x7F]
        while arc := arc >> 7:
            septets.append(arc & 0x7F | 0x80)
        body += bytes(reversed(septets))
    return tlv(OID, bytes(body))


def octets(text: str | bytes) -> bytes:
    return tlv(OCTETS, text.encode() if isinstance(text, str) else text)


def read(data: bytes, at: int = 0) -> tuple[int, bytes, int]:
    """Tag, body and where the next one begins."""
    tag, size, at = data[at], data[at + 1], at + 2
    if size & 0x80:
        count = size & 0x7F
        size, at = int.from_bytes(data[at : at + count], "big"), at + count
    return tag, data[at : at + size], at + size


def read_all(data: bytes) -> list[tuple[int, bytes]]:
    found, at = [], 0
    while at < len(data):
        tag, body, at = read(data, at)
        found.append((tag, body))
    return found


def read_oid(body: bytes) -> Arcs:
    found, arc = [], 0
    for octet in body:
        arc = arc << 7 | octet & 0x7F
        if not octet & 0x80:
            found.append(arc)
            arc = 0
    first = min(found[0] // 40, 2)
    return (first, found[0] - first * 40, *found[1:])


@dataclass(frozen=True, slots=True)
class Request:
    """A decoded request. For GETBULK `second` is non-repeaters, `third` max-repetitions."""

    version: int
    community: bytes
    kind: int
    id: int
    second: int
    third: int
    names: tuple[Arcs, ...]


def decode(data: bytes) -> Request:
    version, community, (kind, pdu) = read_all(read(data)[1])
    id_, second, third, bindings = read_all(pdu)
    names = tuple(read_oid(read_all(body)[0][1]) for _, body in read_all(bindings[1]))
    values = [int.from_bytes(part[1], "big", signed=True) for part in (version, id_, second, third)]
    return Request(values[0], community[1], kind, values[1], values[2], values[3], names)


def encode(
    request: Request, bindings: Iterable[tuple[Arcs, bytes]], status: int = 0, index: int = 0
) -> bytes:
    rows = b"".join(tlv(0x30, oid(name) + value) for name, value in bindings)
    pdu = number(request.id) + number(status) + number(index) + tlv(0x30, rows)
    header = number(request.version) + octets(request.community)
    return tlv(0x30, header + tlv(RESPONSE, pdu))


class Device:
    """A table of objects in ascending order that answers as an agent should."""

    def __init__(self, objects: dict[Arcs, bytes]) -> None:
        self.objects = objects
        self.names = sorted(objects)
        self.requests: list[Request] = []

    def answer(self, request: Request) -> bytes:
        if request.kind == GETBULK:
            return encode(request, self.bulk(request))
        if request.kind == GETNEXT:
            found = [self.after(name) for name in request.names]
        else:
            found = [
                (name, self.objects.get(name, tlv(NO_SUCH_INSTANCE, b""))) for name in request.names
            ]
        if request.version == 0:
            for index, (_, value) in enumerate(found, 1):
                if value[0] in (NO_SUCH_INSTANCE, END_OF_MIB_VIEW, COUNTER64):
                    nothing = [(name, tlv(NULL, b"")) for name in request.names]
                    return encode(request, nothing, NO_SUCH_NAME, index)
        return encode(request, found)

    def bulk(self, request: Request) -> list[tuple[Arcs, bytes]]:
        found, names = [], list(request.names)
        for _ in range(request.third):
            step = [self.after(name) for name in names]
            found += step
            names = [name for name, _ in step]
            if all(value[0] == END_OF_MIB_VIEW for _, value in step):
                break
        return found

    def after(self, name: Arcs) -> tuple[Arcs, bytes]:
        at = bisect_right(self.names, name)
        if at == len(self.names):
            return name, tlv(END_OF_MIB_VIEW, b"")
        return self.names[at], self.objects[self.names[at]]


def device(objects: dict[str, bytes]) -> Device:
    """A device with a few objects, by dotted OID."""
    return Device({arcs(name): value for name, value in objects.items()})


def recording(name: str) -> Device:
    """A device of snmpsim-data, such as `UPS/huawei-gse200m`."""
    return Device(dict(objects(_lines(name))))


def _lines(name: str) -> list[bytes]:
    path = RECORDINGS / f"{name}.snmprec.bz2"
    if path.exists():
        return bz2.decompress(path.read_bytes()).splitlines()
    return (RECORDINGS / f"{name}.snmprec").read_bytes().splitlines()


def objects(lines: Iterable[bytes]) -> Iterable[tuple[Arcs, bytes]]:
    """The objects in the lines of a recording."""
    for line in lines:
        name, separator, rest = line.partition(b"|")
        kind, _, value = rest.partition(b"|")
        if separator and not name.startswith(b"#") and kind.rstrip(b"x").isdigit():
            yield arcs(name.decode()), _value(int(kind.rstrip(b"x")), kind.endswith(b"x"), value)


def _value(tag: int, hexadecimal: bool, raw: bytes) -> bytes:
    if hexadecimal:
        with contextlib.suppress(ValueError):  # UPS/juniper-ac: plain text under the mark of hex
            raw = bytes.fromhex(raw.decode())
    if tag in NUMBERS:
        return number(int(raw or b"0"), tag)
    if tag == OID:
        name = arcs(raw.decode() or "0.0")
        return oid(name if len(name) > 1 else (0, 0))
    if tag == IP_ADDRESS and not hexadecimal:
        raw = bytes(int(part) for part in raw.split(b".")) if raw.count(b".") == 3 else raw[:4]
    return tlv(tag, raw)


Twist = Callable[[Request, bytes], Iterable[bytes]]
"""What is sent for a request, given the right answer: nothing, the answer, garbage, several."""


Address = tuple[str, int]


class _Protocol(asyncio.DatagramProtocol):
    def __init__(self, reply: Callable[[bytes, Address], Iterable[bytes]]) -> None:
        self._reply = reply
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, address: Address) -> None:
        assert self._transport is not None
        for answer in self._reply(data, address):
            self._transport.sendto(answer, address)


@contextlib.asynccontextmanager
async def replying(
    reply: Callable[[bytes, Address], Iterable[bytes]], host: str = "127.0.0.1"
) -> AsyncIterator[int]:
    """Answers datagrams on a free UDP port, which is given; inside this event loop."""
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: _Protocol(reply), local_addr=(host, 0)
    )
    try:
        yield transport.get_extra_info("sockname")[1]
    finally:
        transport.close()


@contextlib.asynccontextmanager
async def answering(
    device: Device,
    community: str = "public",
    twist: Twist = lambda request, answer: (answer,),
    host: str = "127.0.0.1",
) -> AsyncIterator[int]:
    """The device on a free UDP port, which is given; inside this event loop."""

    def reply(data: bytes, address: Address) -> Iterable[bytes]:
        request = decode(data)
        device.requests.append(request)
        if request.community != community.encode():
            return ()
        return twist(request, device.answer(request))

    async with replying(reply, host) as port:
        yield port
