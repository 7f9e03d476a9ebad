"""Echo requests and what comes back, as pure functions on bytes (RFC 792, RFC 4443).

A request is found again by its sequence number and a random 32-bit token at the head of its
payload. The identifier alone would not do: a datagram socket rewrites it, and other programs'
replies arrive at a raw socket too.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass

ECHO = struct.Struct("!BBHHHI")
"""Type, code, checksum, identifier, sequence, token."""

TOKEN_BYTES = 4
MAX_REQUESTS = 1 << 16
"""As many requests can one token tell apart."""

_HEAD = struct.Struct("!BBHHH")


@dataclass(frozen=True, slots=True)
class Dialect:
    """What the two ICMP versions name differently. `errors` are the types that quote a request."""

    version: int
    protocol: int
    request: int
    reply: int
    errors: tuple[int, ...]


V4 = Dialect(4, socket.IPPROTO_ICMP, request=8, reply=0, errors=(3, 11))
V6 = Dialect(6, socket.IPPROTO_ICMPV6, request=128, reply=129, errors=(1, 2, 3))


def checksum(data: bytes) -> int:
    """The Internet checksum of `data` (RFC 1071), which must hold a byte other than zero.

    The ones' complement sum of the 16-bit words is the number that the bytes spell, modulo 65535;
    that is one division in C instead of a loop.
    """
    return -_word_sum(data) % 0xFFFF


def is_intact(data: bytes | bytearray) -> bool:
    """Whether an ICMPv4 message fits the checksum that it carries."""
    return _word_sum(data) == 0


def _word_sum(data: bytes | bytearray) -> int:
    number = int.from_bytes(data, "big")
    return (number << 8 if len(data) & 1 else number) % 0xFFFF


def request_maker(
    dialect: Dialect, identifier: int, token: int, size: int
) -> Callable[[int], bytes]:
    """A function from a sequence number to the finished echo request.

    size: bytes of payload as `ping -s` counts them; at least the 4 of the token.
    All but sequence and checksum is made once, and the checksum of the rest is only added to.
    ICMPv6 requests also get a checksum here, which the kernel replaces by the one that covers its
    pseudo-header (RFC 3542, 3.1).
    """
    body = token.to_bytes(TOKEN_BYTES, "big") + bytes(max(0, size - TOKEN_BYTES))
    constant = _word_sum(_HEAD.pack(dialect.request, 0, 0, identifier, 0) + body)
    kind, pack = dialect.request, _HEAD.pack

    def make(sequence: int) -> bytes:
        return pack(kind, 0, -(constant + sequence) % 0xFFFF, identifier, sequence) + body

    return make


@dataclass(frozen=True, slots=True)
class Quote:
    """The request that an ICMP error speaks about, as far as the error quotes it.

    destination: whom the request was sent to. token: None when only the 8 bytes that RFC 792 asks
    for were quoted, as many routers do.
    """

    destination: str
    identifier: int
    sequence: int
    token: int | None


def read_quote(dialect: Dialect, message: bytes) -> Quote | None:
    """The echo request quoted by an ICMP error message (without its own IP header), or None."""
    datagram = message[8:]
    if dialect.version == 4:
        return _read_v4(datagram)
    if len(datagram) < 40 or datagram[6] != dialect.protocol:
        return None
    return _quote(dialect, socket.inet_ntop(socket.AF_INET6, datagram[24:40]), datagram[40:])


def _read_v4(datagram: bytes) -> Quote | None:
    if len(datagram) < 20 or datagram[9] != V4.protocol:
        return None
    destination = socket.inet_ntop(socket.AF_INET, datagram[16:20])
    return _quote(V4, destination, datagram[(datagram[0] & 0x0F) * 4 :])


def _quote(dialect: Dialect, destination: str, echo: bytes) -> Quote | None:
    if len(echo) < _HEAD.size or echo[0] != dialect.request:
        return None
    _, _, _, identifier, sequence = _HEAD.unpack_from(echo)
    token = None
    if len(echo) >= ECHO.size:
        token = int.from_bytes(echo[_HEAD.size : ECHO.size], "big")
    return Quote(destination, identifier, sequence, token)
