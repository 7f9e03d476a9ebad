"""How far this machine's clock is from a reference clock: one SNTP question (RFC 5905, 14)."""

from __future__ import annotations

import asyncio
import secrets
import struct
import time
from collections.abc import Callable

_ERA_START = 2_208_988_800
"""Seconds from 1900, where NTP begins to count, to 1970."""
_PACKET = struct.Struct("!BBbb3I4Q")
_CLIENT, _SERVER = 3, 4
_VERSION = 4
_UNSYNCHRONISED = 3
_MAX_STRATUM = 15


def request(cookie: int) -> bytes:
    """A client packet. Its transmit time is a random cookie that only the asked server can know."""
    return _PACKET.pack(_VERSION << 3 | _CLIENT, 0, 0, 0, 0, 0, 0, 0, 0, 0, cookie)


def own_offset(reply: bytes, cookie: int, sent_at: float, received_at: float) -> float:
    """Own clock minus reference clock in seconds, from a reply and the own times around it.

    Raises ValueError with one sentence when the reply cannot be believed.
    """
    if len(reply) < _PACKET.size:
        raise ValueError("the time server's answer is too short")
    first, stratum, *_, origin, arrived, departed = _PACKET.unpack_from(reply)
    if first & 7 != _SERVER or origin != cookie:
        raise ValueError("the answer does not belong to our question")
    if first >> 6 == _UNSYNCHRONISED or not 1 <= stratum <= _MAX_STRATUM:
        raise ValueError("the time server itself does not know the time")
    reference_ahead = (
        (_seconds(arrived, sent_at) - sent_at) + (_seconds(departed, received_at) - received_at)
    ) / 2
    return -reference_ahead


def _seconds(timestamp: int, near: float) -> float:
    """Seconds since 1970 of a 64-bit NTP timestamp, in the 136-year era next to `near`."""
    seconds = timestamp / 2**32 - _ERA_START
    return seconds + round((near - seconds) / 2**32) * 2**32


async def clock_offset(
    address: str, port: int = 123, now: Callable[[], float] = time.time
) -> float:
    """Own clock minus that of the server at a numeric address. Raises OSError or ValueError.

    No deadline of its own: cancel it.
    """
    loop = asyncio.get_running_loop()
    answered: asyncio.Future[tuple[bytes, float]] = loop.create_future()
    cookie = secrets.randbits(64)
    transport, _ = await loop.create_datagram_endpoint(
        lambda: _Waiting(answered, now), remote_addr=(address, port)
    )
    try:
        sent_at = now()
        transport.sendto(request(cookie))
        reply, received_at = await answered
    finally:
        transport.close()
    return own_offset(reply, cookie, sent_at, received_at)


class _Waiting(asyncio.DatagramProtocol):
    """Hands the first datagram on, with the time of its arrival."""

    def __init__(
        self, answered: asyncio.Future[tuple[bytes, float]], now: Callable[[], float]
    ) -> None:
        self._answered = answered
        self._now = now

    def datagram_received(self, data: bytes, _: object) -> None:
        if not self._answered.done():
            self._answered.set_result((data, self._now()))

    def error_received(self, error: Exception) -> None:
        if not self._answered.done():
            self._answered.set_exception(error)
