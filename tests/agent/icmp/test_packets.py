"""Requests and quotes as bytes, against RFC 1071 spelled out word by word."""

from __future__ import annotations

import socket
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.icmp.packets import (
    ECHO,
    V4,
    V6,
    Dialect,
    Quote,
    checksum,
    is_intact,
    read_quote,
    request_maker,
)

dialects = st.sampled_from([V4, V6])
bits16 = st.integers(0, 0xFFFF)
bits32 = st.integers(0, 0xFFFFFFFF)


def rfc1071(data: bytes) -> int:
    """The checksum as the RFC describes it."""
    padded = data + b"\0" * (len(data) % 2)
    total: int = sum(struct.unpack(f"!{len(padded) // 2}H", padded))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


@given(st.binary(min_size=1).filter(any))
def test_checksum(data: bytes) -> None:
    """The division gives what adding word by word gives, for odd lengths too."""
    assert checksum(data) == rfc1071(data)


@given(dialects, bits16, bits32, st.integers(0, 1500), bits16)
def test_request(dialect: Dialect, identifier: int, token: int, size: int, sequence: int) -> None:
    """Every field is where the RFC puts it, and the added-up checksum holds."""
    packet = request_maker(dialect, identifier, token, size)(sequence)
    kind, code, check, *rest = ECHO.unpack_from(packet)
    assert (kind, code, rest) == (dialect.request, 0, [identifier, sequence, token])
    assert len(packet) == 8 + max(4, size)
    assert check == rfc1071(packet[:2] + b"\0\0" + packet[4:])
    assert is_intact(packet)


@given(bits16, bits16, st.integers(4, 100), st.data())
def test_damage(identifier: int, sequence: int, size: int, data: st.DataObject) -> None:
    """A single flipped bit anywhere is noticed."""
    packet = bytearray(request_maker(V4, identifier, 7, size)(sequence))
    bit = data.draw(st.integers(0, len(packet) * 8 - 1))
    packet[bit // 8] ^= 1 << bit % 8
    assert not is_intact(packet)


def wrapped(dialect: Dialect, destination: str, echo: bytes, options: bytes = b"") -> bytes:
    """The echo request as an ICMP error quotes it, after the error's own header."""
    if dialect is V4:
        ihl = 0x45 + len(options) // 4
        head = struct.pack("!BBHHHBBH4s", ihl, 0, 0, 0, 0, 1, 1, 0, b"\x0a\0\0\1")
        quoted = head + socket.inet_pton(socket.AF_INET, destination) + options
    else:
        head = struct.pack("!IHBB", 6 << 28, len(echo), 58, 1) + bytes(16)
        quoted = head + socket.inet_pton(socket.AF_INET6, destination)
    return b"\3\1\0\0\0\0\0\0" + quoted + echo


@pytest.mark.parametrize("options", [b"", b"\x94\4\0\0"])
@pytest.mark.parametrize(("dialect", "to"), [(V4, "10.0.0.9"), (V6, "fd00::9")])
def test_quote(dialect: Dialect, to: str, options: bytes) -> None:
    """The request is recognised in the error, past IP options; with 8 bytes all but the token."""
    echo = request_maker(dialect, 0xABCD, 0xDEADBEEF, 56)(300)
    whole = read_quote(dialect, wrapped(dialect, to, echo, options))
    assert whole == Quote(to, 0xABCD, 300, 0xDEADBEEF)
    assert read_quote(dialect, wrapped(dialect, to, echo[:8])) == Quote(to, 0xABCD, 300, None)
    assert read_quote(dialect, wrapped(dialect, to, echo[:7])) is None


def test_foreign_quote() -> None:
    """What quotes another protocol, or an echo reply, is no business of ours."""
    echo = request_maker(V4, 1, 2, 56)(3)
    assert read_quote(V4, wrapped(V4, "10.0.0.9", b"\0" + echo[1:])) is None
    udp = bytearray(wrapped(V4, "10.0.0.9", echo))
    udp[8 + 9] = 17
    assert read_quote(V4, bytes(udp)) is None
    udp6 = bytearray(wrapped(V6, "fd00::9", echo))
    udp6[8 + 6] = 17
    assert read_quote(V6, bytes(udp6)) is None


@given(dialects, st.binary(max_size=120))
def test_any_bytes(dialect: Dialect, message: bytes) -> None:
    """No bytes from the network raise."""
    quote = read_quote(dialect, message)
    assert quote is None or 0 <= quote.sequence <= 0xFFFF
