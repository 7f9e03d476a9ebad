"""STAMP test packets as bytes: unauthenticated mode, RFC 8762 4.2.1 and 4.3.1.

Both kinds have 44 octets, so that a reply is never longer than its request. What follows them are
TLVs (RFC 8972): we fill packets up to the size of a call's with one Extra Padding TLV.
Times within packets are 64-bit words of NTP (RFC 5905, 6) or, from other makers' reflectors, of
PTPv2; within this program they are nanoseconds since 1970.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

BASE_OCTETS = 44
TLV_OCTETS = 4
SMALLEST_PADDED = BASE_OCTETS + TLV_OCTETS
"""The shortest packet that has padding."""

ERROR_ESTIMATE = 0x2001
"""Not synchronised by any source that we know of, NTP format, error within 2^-32 * 2^32 = 1 s.

RFC 4656 4.1.2: S (1 bit), Z (1), scale (6), multiplier (8, never 0). An office's clock is right or
not; delay variation and round trips do not depend on it.
"""

_PTP = 0x4000  # the bit Z: this side stamps in PTPv2 format (RFC 8186)
_REQUEST = struct.Struct("!IQHH28x")
_REPLY = struct.Struct("!IQHHQIQHxxBxxx")
_TLV = struct.Struct("!BBH")
_UNRECOGNISED, _MALFORMED = 0x80, 0x40
_EXTRA_PADDING = 1
_SECONDS_1900_TO_1970 = 2_208_988_800
_GIGA = 1_000_000_000
_ERA = 1 << 32


@dataclass(frozen=True, slots=True)
class Request:
    """What a sender's packet says. `session`: the identifier of RFC 8972, 0 where it has none.

    timestamp and error: as they stand in the packet, to be echoed. tail: the TLVs behind the base.
    reserved: the 28 octets that a sender leaves zero; a reply has its stamps and counters there.
    """

    sequence: int
    timestamp: int
    error: int
    session: int
    reserved: bytes
    tail: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """What a reflector's packet says.

    sequence: the reflector's own number; a stateless one repeats the sender's (RFC 8762, 4).
    timestamp, received: when it left and when its request arrived there, words of the format that
    `error` names; `moment` turns them into times.
    sender_ttl: what was left of the request's TTL or hop limit on arrival.
    """

    sequence: int
    timestamp: int
    error: int
    session: int
    received: int
    sender_sequence: int
    sender_timestamp: int
    sender_error: int
    sender_ttl: int


def build_request(sequence: int, timestamp: int, session: int, tail: bytes = b"") -> bytes:
    """A sender's packet; `tail` from `padding`."""
    return _REQUEST.pack(sequence, timestamp, ERROR_ESTIMATE, session) + tail


def read_request(data: bytes) -> Request | None:
    """A sender's packet, or None when it is too short to be one."""
    if len(data) < BASE_OCTETS:
        return None
    sequence, timestamp, error, session = _REQUEST.unpack_from(data)
    return Request(
        sequence, timestamp, error, session, data[16:BASE_OCTETS], bytes(data[BASE_OCTETS:])
    )


def build_reply(request: Request, sequence: int, received: int, ttl: int, timestamp: int) -> bytes:
    """The answer to `request`, exactly as long as it.

    sequence: the reflector's own or the request's. received, timestamp: NTP words of arrival and
    departure here.
    """
    base = _REPLY.pack(
        *(sequence, timestamp, ERROR_ESTIMATE, request.session, received),
        *(request.sequence, request.timestamp, request.error, ttl),
    )
    return base + answered_tlvs(request.tail)


def read_reply(data: bytes) -> Reply | None:
    """A reflector's packet, or None when it is too short to be one."""
    return Reply(*_REPLY.unpack_from(data)) if len(data) >= BASE_OCTETS else None


def padding(size: int, filling: bytes) -> bytes:
    """The tail that makes a packet `size` octets long, at least `SMALLEST_PADDED`.

    filling: octets to fill with, repeated as needed; random ones, or a line that compresses would
    flatter itself. The U flag is set, as every sender must (RFC 8972, 4).
    """
    length = size - SMALLEST_PADDED
    if not 0 <= length < 1 << 16:
        raise ValueError(f"a padded packet cannot have {size} octets")
    repeated = filling * (length // len(filling) + 1)
    return _TLV.pack(_UNRECOGNISED, _EXTRA_PADDING, length) + repeated[:length]


def answered_tlvs(tail: bytes) -> bytes:
    """The TLVs as a reflector gives them back (RFC 8972, 4), as long as they came.

    Padding is known here: its flag U is cleared. Others keep their octets with U set. Where a
    length leads beyond the end, M is set and the rest is given back as it is.
    """
    answer = bytearray(tail)
    at = 0
    while at + TLV_OCTETS <= len(answer):
        _, kind, length = _TLV.unpack_from(answer, at)
        if at + TLV_OCTETS + length > len(answer):
            answer[at] |= _MALFORMED
            break
        if kind == _EXTRA_PADDING:
            answer[at] &= ~_UNRECOGNISED & 0xFF
        else:
            answer[at] |= _UNRECOGNISED
        at += TLV_OCTETS + length
    return bytes(answer)


def ntp_word(nanoseconds: int) -> int:
    """Nanoseconds since 1970 as an NTP timestamp: seconds since 1900 modulo 2^32, and their fraction."""
    seconds, rest = divmod(nanoseconds, _GIGA)
    return (seconds + _SECONDS_1900_TO_1970) % _ERA << 32 | (rest << 32) // _GIGA


def moment(word: int, error: int, near: int) -> int:
    """The time in nanoseconds since 1970 that a packet's word means, in the era nearest to `near`.

    error: the error estimate that stands beside it; its bit Z says whether the word is NTP, whose
    seconds begin anew in 2036, or PTPv2 (seconds since 1970 and nanoseconds).
    """
    seconds, fraction = word >> 32, word & 0xFFFFFFFF
    if error & _PTP:
        plain = seconds * _GIGA + fraction
    else:
        # Rounded: the word holds 0.23 ns, and a time must survive the way there and back.
        plain = (seconds - _SECONDS_1900_TO_1970) * _GIGA + (fraction * _GIGA + (1 << 31) >> 32)
    era = _ERA * _GIGA
    return plain + (near - plain + era // 2) // era * era
