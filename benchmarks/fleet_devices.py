"""The devices of `benchmarks.fleet`: small SNMP agents on loopback, those of the second kind slow."""

from __future__ import annotations

import asyncio
import sys
import time

from benchmarks.fleet import HEALTHY, PORT, SLOW, SLOW_SECONDS, addresses
from benchmarks.snmp_switch import SimulatedAgent, switch_tree

PORTS = 8


class SlowAgent(SimulatedAgent):
    """Answers as well as any, but late."""

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """A request came from `addr`."""
        loop = asyncio.get_running_loop()
        loop.call_later(SLOW_SECONDS, super().datagram_received, data, addr)


async def serve(healthy: int, slow: int) -> None:
    """Answers until standard input ends."""
    loop = asyncio.get_running_loop()
    tree = switch_tree(time.time() - 86_400, PORTS)
    for kind, places in (
        (SimulatedAgent, addresses(HEALTHY, healthy)),
        (SlowAgent, addresses(SLOW, slow)),
    ):
        for place in places:
            await loop.create_datagram_endpoint(
                lambda kind=kind: kind(tree),  # type: ignore[misc]
                local_addr=(place, PORT),
            )
    print("ready", flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2])))
