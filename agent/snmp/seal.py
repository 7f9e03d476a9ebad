"""The signature of SNMPv3 messages, checked (RFC 3414 section 6 and 7, RFC 7860).

gufo_snmp signs what it sends but takes any answer with the right numbers in it, unsigned or signed
with anything: whoever sits on the cable could put readings into a device's mouth. So each answer is
checked here before gufo sees it.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

_SEQUENCE, _INTEGER, _OCTETS, _REPORT = 0x30, 0x02, 0x04, 0xA8
_SIGNED = 0x01
_ENCRYPTED = 0x02

SIGNATURES = {
    "md5": ("md5", 12),
    "sha": ("sha1", 12),
    "sha224": ("sha224", 16),
    "sha256": ("sha256", 24),
    "sha384": ("sha384", 32),
    "sha512": ("sha512", 48),
}
"""By the inventory's word for the protocol: the hash, and how many octets of its HMAC are sent."""


class _Broken(Exception):  # noqa: N818 - never leaves this module
    """The octets are no SNMPv3 message."""


@dataclass(frozen=True, slots=True)
class _Part:
    """One BER element: its tag, and where its content begins and ends in the message."""

    tag: int
    begin: int
    end: int


class Seal:
    """Knows whether a message was signed by the device with our user's key.

    protocol: a key of `SIGNATURES`. master_key: the password's key, before it is made the device's own
    with `engine_id`.
    """

    def __init__(self, protocol: str, master_key: bytes, engine_id: bytes) -> None:
        self._hash, self._length = SIGNATURES[protocol]
        self._key = hashlib.new(self._hash, master_key + engine_id + master_key).digest()

    def holds(self, message: bytes) -> bool:
        """Whether `message` may be believed: signed with our key. An unsigned report may pass, because
        that is how a device says that it does not take our key; it can do no more than say so.
        """
        try:
            flags, signature, report = _read(message)
        except _Broken:
            return False
        if not flags & _SIGNED:
            return report
        if signature.end - signature.begin != self._length:
            return False
        unsigned = message[: signature.begin] + bytes(self._length) + message[signature.end :]
        expected = hmac.digest(self._key, unsigned, self._hash)[: self._length]
        return hmac.compare_digest(expected, message[signature.begin : signature.end])


def _read(message: bytes) -> tuple[int, _Part, bool]:
    """Flags, signature, and whether it is a report in plain, of an SNMPv3 message."""
    outer = _part(message, 0, len(message), _SEQUENCE)
    version = _part(message, outer.begin, outer.end, _INTEGER)
    header = _part(message, version.end, outer.end, _SEQUENCE)
    at = header.begin
    for _ in ("msgID", "msgMaxSize"):
        at = _part(message, at, header.end, _INTEGER).end
    flags = _part(message, at, header.end, _OCTETS)
    wrapped = _part(message, header.end, outer.end, _OCTETS)
    security = _part(message, wrapped.begin, wrapped.end, _SEQUENCE)
    at = security.begin
    for kind in (_OCTETS, _INTEGER, _INTEGER, _OCTETS):  # engine id, boots, time, user
        at = _part(message, at, security.end, kind).end
    signature = _part(message, at, security.end, _OCTETS)
    if flags.end - flags.begin != 1 or outer.end != len(message):
        raise _Broken
    bits = message[flags.begin]
    return bits, signature, not bits & _ENCRYPTED and _is_report(message, wrapped.end, outer.end)


def _is_report(message: bytes, at: int, end: int) -> bool:
    scoped = _part(message, at, end, _SEQUENCE)
    engine = _part(message, scoped.begin, scoped.end, _OCTETS)
    context = _part(message, engine.end, scoped.end, _OCTETS)
    return context.end < scoped.end and message[context.end] == _REPORT


def _part(message: bytes, at: int, end: int, tag: int) -> _Part:
    """The element at `at`, which must have this tag and end by `end`."""
    if at + 2 > end or message[at] != tag:
        raise _Broken
    length, begin = message[at + 1], at + 2
    if length & 0x80:
        octets = length & 0x7F
        if not 1 <= octets <= 4 or begin + octets > end:
            raise _Broken
        length = int.from_bytes(message[begin : begin + octets], "big")
        begin += octets
    if begin + length > end:
        raise _Broken
    return _Part(tag, begin, begin + length)
