"""The offices of a simulated district while it runs: their networks, the answers, the programs in them."""

from __future__ import annotations

import asyncio
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from simulator.district import SimulatedDistrict
from simulator.network import Office, open_office
from simulator.responder import PortMap, Responder
from simulator.roster import RESOLVER, free_address
from simulator.services import Certificates, listen

_FIRST_LOCAL_PORT = 20_001
"""Below the kernel's range for outgoing connections (32768 and up), so no client gets one of these."""


class Offices:
    """Opens an office for each site named and answers all of them from one district.

    Use as an asynchronous context; `start` puts a program into an office. `certificates`: of the
    simulated pages, `authority` the PEM file that programs must trust (SSL_CERT_FILE).
    """

    def __init__(
        self, district: SimulatedDistrict, sites: Iterable[str], clock: Callable[[], float]
    ) -> None:
        self._district = district
        self._sites = tuple(sites)
        self._ports = _local_ports(district)
        self.responder = Responder(district, self._ports, clock)
        self.certificates = Certificates()
        self._offices: dict[str, Office] = {}
        self._servers: list[asyncio.Server] = []
        self._folder = tempfile.TemporaryDirectory(prefix="ltmon-offices-")
        self.authority = Path(self._folder.name) / "authority.pem"

    async def __aenter__(self) -> Offices:
        """Opens them. Raises NoNamespaces where the system forbids it."""
        self.certificates.save(self.authority)
        resolver = Path(self._folder.name) / "resolv.conf"
        resolver.write_text(f"nameserver {RESOLVER}\noptions timeout:2 attempts:1\n")
        try:
            for site in self._sites:
                taken = [host.address for host in self._district.hosts.values()]
                address = free_address(self._district.inventory, site, taken)
                files = {"/etc/resolv.conf": resolver}
                office = open_office(site, address, tuple(self._ports.values()), files)
                self._offices[site] = office
                self.responder.serve(office)
                await self._listen(office)
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def address(self, site: str) -> str:
        """The address of a site's own machine."""
        return self._offices[site].address

    def start(
        self, site: str, command: Sequence[str], **settings: object
    ) -> subprocess.Popen[bytes]:
        """Starts a program in an office; see `Office.start`."""
        return self._offices[site].start(command, **settings)

    async def close(self) -> None:
        """Stops answering and gives everything back. Programs in the offices are their starter's."""
        for server in self._servers:
            server.close()
        for office in self._offices.values():
            self.responder.leave(office)
            office.close()
        self._servers.clear()
        self._offices.clear()
        self._folder.cleanup()

    async def _listen(self, office: Office) -> None:
        """Serves every simulated TCP service on this office's own listening sockets."""
        for (address, port), local in self._ports.items():
            host = self._district.host_at(address)
            if host is not None:
                listener = office.listeners[local]
                server = await listen(host.services[port], listener, self.certificates)
                self._servers.append(server)


def _local_ports(district: SimulatedDistrict) -> PortMap:
    """A listening port for every TCP service of the district."""
    places = [
        (host.address, port) for host in district.hosts.values() for port in sorted(host.services)
    ]
    return {place: _FIRST_LOCAL_PORT + number for number, place in enumerate(places)}
