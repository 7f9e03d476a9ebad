"""A line between two ends on loopback: relays UDP both ways, loses, delays, copies, spoils."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

Address = tuple[Any, ...]


@dataclass
class Line:
    """What the line does to a packet, by the sender's number of it (from 1).

    lose_there, lose_back: numbers that never arrive. late_there, late_back: seconds by number.
    twice_there, twice_back: numbers that arrive twice. spoil: changes what goes back.
    """

    lose_there: frozenset[int] = frozenset()
    lose_back: frozenset[int] = frozenset()
    late_there: dict[int, float] = field(default_factory=dict)
    late_back: dict[int, float] = field(default_factory=dict)
    twice_there: frozenset[int] = frozenset()
    twice_back: frozenset[int] = frozenset()
    spoil: Callable[[bytes], bytes] = bytes
    port: int = 0
    seen: list[bytes] = field(default_factory=list)


class _End(asyncio.DatagramProtocol):
    """One socket of the line; hands every packet and its source to `take`."""

    def __init__(self, take: Callable[[bytes, Address], None]) -> None:
        self._take = take

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self._take(data, addr)


@asynccontextmanager
async def line_to(port: int, line: Line | None = None) -> AsyncIterator[Line]:
    """A line to the reflector at this port of 127.0.0.1; its own near end is `Line.port`."""
    line = line or Line()
    loop = asyncio.get_running_loop()
    client: list[Address] = []

    def there(data: bytes, source: Address) -> None:
        client[:] = [source]
        line.seen.append(data)
        number = int.from_bytes(data[:4], "big")
        if number not in line.lose_there:
            for _copy in range(1 + (number in line.twice_there)):
                loop.call_later(line.late_there.get(number, 0.0), far.sendto, data)

    def back(data: bytes, source: Address) -> None:
        number = int.from_bytes(data[24:28], "big")
        if number not in line.lose_back:
            for _copy in range(1 + (number in line.twice_back)):
                late = line.late_back.get(number, 0.0)
                loop.call_later(late, near.sendto, line.spoil(data), client[0])

    near, _ = await loop.create_datagram_endpoint(lambda: _End(there), local_addr=("127.0.0.1", 0))
    far, _ = await loop.create_datagram_endpoint(
        lambda: _End(back), remote_addr=("127.0.0.1", port)
    )
    line.port = near.get_extra_info("sockname")[1]
    try:
        yield line
    finally:
        near.abort()
        far.abort()
