"""Echo requests to any number of hosts: bursts for monitoring, sweeps for discovery."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from agent.icmp.address import numeric_target, version_of
from agent.icmp.burst import Burst
from agent.icmp.exchange import Exchange
from agent.icmp.flight import Flight
from agent.icmp.packets import MAX_REQUESTS
from agent.icmp.refusal import Refusal
from agent.icmp.sockets import IcmpSocket, SocketAddress, open_icmp_socket
from agent.probe import Reason

_SENDS_PER_DRAIN = 16
_SENDS_PER_TURN = 256  # then other tasks of the loop get their turn: about 5 ms
_NO_ROOM_PATIENCE = 100
_NO_ROOM_PAUSE_SECONDS = 0.002


class Engine:
    """Asks many hosts at once over one socket per address family, opened when first needed.

    Belongs to the event loop on which it is first used. open_socket: version (4, 6) → socket.
    """

    def __init__(self, open_socket: Callable[[int], IcmpSocket] = open_icmp_socket) -> None:
        self._open_socket = open_socket
        self._exchanges: dict[int, Exchange] = {}

    def close(self) -> None:
        """Gives the sockets back; pings that are under way get no more replies."""
        while self._exchanges:
            self._exchanges.popitem()[1].close()

    def uncounted(self) -> dict[str, int]:
        """How many packets belonged to no burst or sweep, by why (`stray`, `corrupt`)."""
        total: dict[str, int] = {}
        for exchange in self._exchanges.values():
            for why, count in exchange.uncounted.items():
                total[why] = total.get(why, 0) + count
        return total

    async def ping(
        self,
        address: str,
        *,
        count: int = 10,
        spacing: float = 0.05,
        timeout: float = 1.0,
        size: int = 56,
    ) -> Burst:
        """Sends `count` requests, `spacing` seconds apart, and waits `timeout` seconds for each.

        Silence and refusals are results. Returns as soon as nothing is left to wait for.
        Raises ValueError unless the address is numeric, NoIcmpSocket when this machine lets us
        send none.
        """
        target = numeric_target(address)
        exchange = self._exchange(version_of(address))
        flight = exchange.launch([target] * count, timeout, size)
        try:
            for index in range(count):
                if index:
                    await asyncio.sleep(spacing)
                await _send(exchange, flight, index)
            await exchange.settle(flight)
        finally:
            exchange.land(flight)
        return _burst(target[0], flight)

    async def sweep(
        self, addresses: Iterable[str], *, timeout: float = 1.0, size: int = 56
    ) -> dict[str, float | None]:
        """One request to each numeric address: its round trip in seconds, None without a reply.

        As fast as the machine sends, but never more requests in the air than the receive buffer
        holds replies. Raises ValueError for a name, NoIcmpSocket when this machine lets us send
        none.
        """
        found: dict[str, float | None] = dict.fromkeys(addresses)
        by_version: dict[int, dict[str, SocketAddress]] = {4: {}, 6: {}}
        for text in found:
            by_version[version_of(text)][text] = numeric_target(text)
        for version, targets in by_version.items():
            for chunk in _chunks(targets, MAX_REQUESTS):
                found.update(await self._sweep(self._exchange(version), chunk, timeout, size))
        return found

    async def _sweep(
        self, exchange: Exchange, targets: dict[str, SocketAddress], timeout: float, size: int
    ) -> dict[str, float | None]:
        flight = exchange.launch(list(targets.values()), timeout, size)
        try:
            for first in range(0, len(targets), _SENDS_PER_TURN):
                with exchange.unwatched():
                    await _send_turn(exchange, flight, first)
                await asyncio.sleep(0)
            await exchange.settle(flight)
        finally:
            exchange.land(flight)
        return dict(zip(targets, flight.round_trips(), strict=True))

    def _exchange(self, version: int) -> Exchange:
        if version not in self._exchanges:
            self._exchanges[version] = Exchange(self._open_socket(version))
        return self._exchanges[version]


async def _send(exchange: Exchange, flight: Flight, index: int) -> None:
    """Sends one request, waiting for room in the kernel's queues a bounded time."""
    for _ in range(_NO_ROOM_PATIENCE):
        if exchange.send(flight, index):
            return
        await asyncio.sleep(_NO_ROOM_PAUSE_SECONDS)
    flight.leave(index, time.monotonic_ns())
    flight.refuse(index, Refusal(Reason.UNREACHABLE, "this machine has no room left to send it"))


async def _send_turn(exchange: Exchange, flight: Flight, first: int) -> None:
    """Sends the next requests of a sweep; waits while as much is in the air as the buffer holds."""
    for index in range(first, min(first + _SENDS_PER_TURN, len(flight.targets))):
        if not exchange.send(flight, index):
            await _send(exchange, flight, index)
        if index % _SENDS_PER_DRAIN == 0:
            exchange.drain()
            while len(flight.waiting) + _SENDS_PER_DRAIN > exchange.capacity:
                await asyncio.sleep(_NO_ROOM_PAUSE_SECONDS)
                exchange.drain()
                flight.expire(time.monotonic_ns())


def _burst(address: str, flight: Flight) -> Burst:
    refusals = dict.fromkeys(flight.refusals[index] for index in sorted(flight.refusals))
    return Burst(
        address,
        tuple(flight.round_trips()),
        flight.duplicates,
        flight.late,
        flight.wrong_source,
        tuple(refusals),
    )


def _chunks(targets: dict[str, SocketAddress], size: int) -> Iterator[dict[str, SocketAddress]]:
    items = iter(targets.items())
    while chunk := dict(islice(items, size)):
        yield chunk
