"""Test packets octet by octet, against the figures of RFC 8762, RFC 8972 and RFC 5905."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.stamp.packets import (
    BASE_OCTETS,
    ERROR_ESTIMATE,
    answered_tlvs,
    build_reply,
    build_request,
    moment,
    ntp_word,
    padding,
    read_reply,
    read_request,
)

NUMBERS = st.integers(0, 2**32 - 1)
WORDS = st.integers(0, 2**64 - 1)
SHORTS = st.integers(0, 2**16 - 1)
MOMENTS = st.integers(0, 4_000_000_000 * 10**9)  # until 2096: past the end of NTP's first era


def test_a_request_stands_in_the_octets_of_the_standard() -> None:
    """Sequence, time stamp, error estimate, session; 28 octets of zero (RFC 8762 figure 2)."""
    packet = build_request(7, 0x0102030405060708, 0xABCD)
    assert packet == bytes.fromhex("00000007 0102030405060708 2001 abcd") + bytes(28)
    assert len(packet) == BASE_OCTETS


def test_a_reply_stands_in_the_octets_of_the_standard() -> None:
    """Both sides' numbers, three time stamps, the TTL (RFC 8762 figure 5)."""
    request = read_request(build_request(7, 0x1111111111111111, 0xABCD))
    assert request is not None
    packet = build_reply(request, 5, 0x2222222222222222, 63, 0x3333333333333333)
    assert packet == bytes.fromhex(
        "00000005 3333333333333333 2001 abcd 2222222222222222"
        "00000007 1111111111111111 2001 0000 3f 000000"
    )


def test_the_error_estimate_promises_nothing() -> None:
    """Not synchronised, NTP format, 1 s: multiplier * 2^-32 * 2^scale, the multiplier not 0."""
    assert ERROR_ESTIMATE & 0xC000 == 0
    scale, multiplier = ERROR_ESTIMATE >> 8 & 0x3F, ERROR_ESTIMATE & 0xFF
    assert multiplier * 2.0**-32 * 2**scale == 1.0


@given(NUMBERS, WORDS, SHORTS, st.binary(max_size=100))
def test_requests_survive_the_way(number: int, word: int, session: int, tail: bytes) -> None:
    """What is built is read again, and a reader changes nothing of what it has to echo."""
    request = read_request(build_request(number, word, session, tail))
    assert request is not None
    assert (request.sequence, request.timestamp, request.session) == (number, word, session)
    assert (request.error, request.tail) == (ERROR_ESTIMATE, tail)
    assert not any(request.reserved)


@given(NUMBERS, NUMBERS, WORDS, WORDS, WORDS, st.integers(0, 255), st.binary(max_size=100))
def test_replies_survive_the_way_and_never_amplify(
    own: int, number: int, sent: int, arrived: int, left: int, ttl: int, tail: bytes
) -> None:
    """A reply has the length of its request and tells all that was put into it."""
    asked = build_request(number, sent, 1, tail)
    request = read_request(asked)
    assert request is not None
    answer = build_reply(request, own, arrived, ttl, left)
    assert len(answer) == len(asked)
    reply = read_reply(answer)
    assert reply is not None
    assert (reply.sequence, reply.sender_sequence, reply.sender_ttl) == (own, number, ttl)
    assert (reply.sender_timestamp, reply.received, reply.timestamp) == (sent, arrived, left)


@given(st.binary(max_size=200))
def test_any_octets_are_read_or_refused(data: bytes) -> None:
    """Nothing raises; what is shorter than the base is no packet, what is longer is one."""
    assert (read_request(data) is None) == (len(data) < BASE_OCTETS)
    assert (read_reply(data) is None) == (len(data) < BASE_OCTETS)
    assert len(answered_tlvs(data)) == len(data)


@pytest.mark.parametrize("size", [48, 49, 172, 1100, 1452])
def test_padding_fills_to_the_octet(size: int) -> None:
    """One Extra Padding TLV with U set; the reflector knows it and clears U."""
    tail = padding(size, b"\x5a\xa5")
    assert len(build_request(0, 0, 1, tail)) == size
    assert tail[:4] == struct.pack("!BBH", 0x80, 1, size - 48)
    assert answered_tlvs(tail) == b"\x00" + tail[1:]


@pytest.mark.parametrize("size", [0, 44, 47, 1 << 17])
def test_sizes_that_no_padding_makes(size: int) -> None:
    """Shorter than base and TLV, or longer than a TLV's length can say."""
    with pytest.raises(ValueError, match=f"cannot have {size} octets"):
        padding(size, b"x")


def test_tlvs_that_are_not_known_or_broken() -> None:
    """U is set at the unknown one, M at the one that leads beyond the end; nothing behind it is touched."""
    known, unknown = b"\x80\x01\x00\x02ab", b"\x00\x04\x00\x01c"
    broken = b"\x00\x01\x00\xffend"
    assert answered_tlvs(known + unknown + broken) == (
        b"\x00\x01\x00\x02ab" + b"\x80\x04\x00\x01c" + b"\x40\x01\x00\xffend"
    )


def test_known_time_stamps() -> None:
    """1970 is second 2208988800 of NTP (RFC 5905 figure 4); half a second is half of the fraction."""
    assert ntp_word(0) == 2_208_988_800 << 32
    assert ntp_word(1_500_000_000) == (2_208_988_801 << 32) + (1 << 31)
    # NTP's first era ends on 2036-02-07 06:28:16 UTC.
    assert ntp_word(2_085_978_496 * 10**9) == 0


@given(MOMENTS, st.integers(-(10**9), 10**9).map(lambda seconds: seconds * 10**9))
def test_moments_survive_the_way(nanoseconds: int, off: int) -> None:
    """In every era, as long as the two clocks are less than 68 years apart."""
    assert moment(ntp_word(nanoseconds), ERROR_ESTIMATE, nanoseconds + off) == nanoseconds


@given(st.integers(0, 2**32 - 1), st.integers(0, 10**9 - 1))
def test_reflectors_with_other_clocks(seconds: int, rest: int) -> None:
    """The flag Z says PTPv2: seconds since 1970 and nanoseconds (RFC 8186)."""
    nanoseconds = seconds * 10**9 + rest
    assert moment(seconds << 32 | rest, ERROR_ESTIMATE | 0x4000, nanoseconds) == nanoseconds
