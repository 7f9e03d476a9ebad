"""Can a TCP port be reached, and how long does it take to connect?"""

from __future__ import annotations

import asyncio
import socket
import time
from itertools import product

from agent.address import Lookup, try_each
from agent.probe import Reason, Result, Target
from agent.trial import CheckFailed, Trial
from inventory.check import TcpCheck
from telemetry.catalogue import TCP_CONNECT


class TcpProbe:
    """Connects and hangs up again without a word. Reads `tcp_connect_seconds`. One open port suffices.

    Tells a closed port (refused), a silent one (timeout: a firewall, or the machine is off) and a
    network without a way (unreachable) apart.
    """

    def __init__(self) -> None:
        self._lookup = Lookup()

    async def check(self, target: Target, options: TcpCheck, deadline: float) -> Result:
        """Connects to the target's address unless the options name a host of their own."""
        trial = Trial()
        seconds = min(deadline, options.timeout)
        host = options.host or target.address
        return await trial.run(self._connect(trial, host, options, seconds), seconds)

    async def close(self) -> None:
        """Nothing is kept between checks."""

    async def _connect(self, trial: Trial, host: str, options: TcpCheck, seconds: float) -> None:
        if options.port is None:
            raise CheckFailed(Reason.FORBIDDEN, "The inventory does not say which port to ask.")
        addresses = await self._lookup.permitted(host)

        async def attempt(place: tuple[int, str]) -> float:
            port, address = place
            trial.say(f"Knocking at {address} port {port} (TCP).")
            return await _connect_seconds(address, port)

        places = tuple(product((options.port, *options.or_ports), addresses))
        taken = await try_each(places, seconds, attempt)
        trial.read(TCP_CONNECT.reading(taken))
        trial.say(f"The port is open; connecting took {taken * 1000:.1f} ms.")


async def _connect_seconds(address: str, port: int) -> float:
    """How long the three-way handshake took (RFC 9293 section 3.5). Raises OSError."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as knocking:
        knocking.setblocking(False)
        began = time.perf_counter()
        await asyncio.get_running_loop().sock_connect(knocking, (address, port))
        return time.perf_counter() - began
