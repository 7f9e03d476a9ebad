"""The codec reads what it writes, wraps as the types do, and survives anything."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.snmp import ber
from simulator.snmp.message import decode_request

OIDS = st.tuples(st.integers(0, 2), st.integers(0, 39)).flatmap(
    lambda head: st.lists(st.integers(0, 2**32 - 1), max_size=20).map(lambda rest: (*head, *rest))
)


@given(st.integers(-(2**63), 2**63 - 1))
def test_integers(value: int) -> None:
    """Every integer comes back."""
    encoded = ber.encode_integer(value)
    start, end = ber.expect(encoded, ber.INTEGER, 0)
    assert ber.decode_integer(encoded[start:end]) == value


@given(OIDS)
def test_object_identifiers(oid: ber.Oid) -> None:
    """Every object identifier comes back."""
    encoded = ber.encode_oid(oid)
    start, end = ber.expect(encoded, ber.OBJECT_IDENTIFIER, 0)
    assert ber.decode_oid(encoded[start:end]) == oid


@given(st.binary(max_size=70_000))
def test_lengths(content: bytes) -> None:
    """Short and long lengths are read as they were written."""
    encoded = ber.encode(ber.OCTET_STRING, content)
    assert ber.read(encoded) == (ber.OCTET_STRING, len(encoded) - len(content), len(encoded))


def test_counters_wrap() -> None:
    """A 32-bit counter goes on from zero, a 64-bit one does not."""
    assert ber.encode_integer(2**32 + 7, ber.COUNTER32) == bytes((ber.COUNTER32, 1, 7))
    assert len(ber.encode_integer(2**32 + 7, ber.COUNTER64)) == 7


@given(st.binary(max_size=120))
def test_any_bytes(data: bytes) -> None:
    """Whatever comes in is either a request or one kind of error."""
    with contextlib.suppress(ber.BerError):
        decode_request(data)


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"\x30",
        b"\x30\x05ab",
        b"\x30\x80ab",
        b"\x30\x85\1\1\1\1\1a",
        ber.encode(ber.SEQUENCE, ber.encode_integer(1)),
        ber.encode(ber.SEQUENCE, ber.encode_integer(3) + ber.encode_text("x") + b"\xa0\x00"),
        ber.encode(ber.SEQUENCE, ber.encode_integer(1) + ber.encode_text("x") + b"\xa0\x00"),
    ],
)
def test_broken_messages(broken: bytes) -> None:
    """Cut, indefinite, unknown or empty messages are refused."""
    with pytest.raises(ber.BerError):
        decode_request(broken)


def test_malformed_object_identifiers() -> None:
    """An identifier that never ends, or with an arc beyond 32 bits, is refused."""
    for content in (b"", b"\x80", b"\x2b\x8f\xff\xff\xff\xff\x7f", b"\x2b" + b"\1" * 200):
        with pytest.raises(ber.BerError):
            ber.decode_oid(content)
