"""The district on the loopback range, for machines that allow no network namespaces.

Every simulated 10.x.y.z answers at 127.x.y.z on high ports, from one vantage point alone. The kernel
itself answers echo requests there, whatever we break, so faults show through SNMP, names and TCP only.
"""

from __future__ import annotations

import asyncio
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

from simulator.district import SimulatedDistrict
from simulator.host import Host
from simulator.responder import DNS_PORT, SNMP_PORT, Responder
from simulator.services import Certificates, listen

HIGH_PORTS = 20_000
"""What is added to a port below 1024, which only root may open."""


def loopback_address(address: str) -> str:
    """Where a simulated address is on the loopback range."""
    return "127." + address.partition(".")[2]


def high_port(port: int) -> int:
    """Where a simulated port is."""
    return port + HIGH_PORTS if port < 1024 else port


class Loopback:
    """Answers as a machine of `site` sees the district, whose addresses are on the loopback range.

    Has the same surface as `Offices`. Use as an asynchronous context.
    """

    def __init__(
        self, district: SimulatedDistrict, site: str, clock: Callable[[], float], seed: int = 1
    ) -> None:
        self._district = district
        self._site = site
        self._chance = Random(seed)
        self.responder = Responder(district, {}, clock)
        self.certificates = Certificates()
        self._folder = tempfile.TemporaryDirectory(prefix="ltmon-loopback-")
        self.authority = Path(self._folder.name) / "authority.pem"
        self._transports: list[asyncio.DatagramTransport] = []
        self._servers: list[asyncio.Server] = []

    async def __aenter__(self) -> Loopback:
        """Opens all sockets. Raises OSError when one is taken."""
        self.certificates.save(self.authority)
        try:
            for host in self._district.hosts.values():
                if host.address.startswith("127."):
                    await self._open(host)
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def start(self, site: str, command: Sequence[str], **settings: Any) -> subprocess.Popen[bytes]:
        """Starts a program; here every site's programs share the machine's own network."""
        return subprocess.Popen(command, **settings)  # noqa: S603 - the caller's own program

    async def close(self) -> None:
        """Closes all sockets."""
        for server in self._servers:
            server.close()
        for transport in self._transports:
            transport.close()
        self._servers.clear()
        self._transports.clear()
        self._folder.cleanup()

    async def _open(self, host: Host) -> None:
        loop = asyncio.get_running_loop()
        for port in _datagram_ports(host):
            transport, _ = await loop.create_datagram_endpoint(
                lambda port=port: _Answers(self, host, port),  # type: ignore[misc]
                local_addr=(host.address, high_port(port)),
            )
            self._transports.append(transport)
        for service in host.services.values():
            listener = socket.create_server((host.address, service.port))
            server = await listen(service, listener, self.certificates, lambda: self.reaches(host))
            self._servers.append(server)

    def reaches(self, host: Host) -> bool:
        """Whether a packet gets to the host and back now."""
        reach = self._district.reach(self._site, host.address)
        return reach is not None and self._chance.random() >= reach.loss


def _datagram_ports(host: Host) -> Iterator[int]:
    if host.address and host.community is not None:
        yield SNMP_PORT
    if host.address and host.names is not None:
        yield DNS_PORT


class _Answers(asyncio.DatagramProtocol):
    """One simulated UDP port."""

    def __init__(self, loopback: Loopback, host: Host, port: int) -> None:
        self._loopback, self._host, self._port = loopback, host, port
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is open."""
        self._transport = transport  # type: ignore[assignment]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answers, unless the packet gets lost on its way."""
        if self._transport is not None and self._loopback.reaches(self._host):
            answer = self._loopback.responder.answer(self._host, self._port, data)
            if answer:
                self._transport.sendto(answer, addr)
