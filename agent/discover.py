"""What is there: a bounded sweep of the networks named, and who the hosts say that they are by SNMP.

A community is only ever sent to a host of these networks that has just answered an echo request.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from agent.discover_neighbours import Neighbours, read_neighbours
from agent.discover_parents import UNHEARD
from agent.probe import Reason
from agent.snmp.engines import Engines
from agent.snmp.memory import Memory
from agent.snmp.paced import turns
from agent.snmp.poll import Poll
from agent.snmp.polling import Polling
from agent.snmp.session import Access, SnmpFailure
from inventory.credentials import Credentials
from inventory.device_class import DeviceClass
from inventory.profile import GENERIC
from telemetry.errors import ConfigError

CHUNK = 256
"""Addresses that are swept at once: more would crowd out a small router's table of neighbours."""
ECHO_TIMEOUTS = (0.5, 1.0)
"""A silent address gets a second, more patient echo: the first often pays for ARP or a slow line."""
AT_ONCE = 64
"""Hosts that are asked by SNMP at the same time; each by one request at a time."""
SNMP_TIMEOUT, SNMP_RETRIES, HOST_SECONDS = 1.0, 1, 40.0
BACK_OFF, MOST_BACK_OFF = 0.1, 1.0
"""Seconds before the next credentials are tried on a host, doubled each time: some lock out guessers."""

_log = logging.getLogger(__name__)


class Sweeper(Protocol):
    """What is wanted of `agent.icmp.engine.Engine`."""

    async def sweep(
        self, addresses: Sequence[str], *, timeout: float = 1.0
    ) -> dict[str, float | None]:
        """Round trip by address, None without a reply."""
        ...


@dataclass(frozen=True, slots=True)
class Host:
    """An address that answered, and who it says it is; texts are clean, empty where unknown.

    credentials: the id of those it answered to, None for none. tried: all that were tried on it.
    """

    address: str
    credentials: str | None = None
    tried: tuple[str, ...] = ()
    name: str = ""
    descr: str = ""
    vendor: str = ""
    model: str = ""
    class_: DeviceClass = DeviceClass.OTHER
    profile: str = GENERIC
    why: str = "it answers to ping only"
    neighbours: Neighbours = UNHEARD


@dataclass(slots=True)
class Discovery:
    """One run. What it has found so far is in `hosts` at any time, also after it was cancelled.

    credentials: tried in this order. port: of SNMP. known: addresses to leave alone. silent: addresses
    that did not answer. keep: called with each host when all about it is known; keep_silent: with the
    addresses of a chunk that did not answer. changed: called whenever a count has changed.
    complaints: sentences about credentials that could not be used.
    """

    addresses: Sequence[str]
    credentials: Sequence[Credentials]
    sweeper: Sweeper
    clock: Callable[[], float]
    port: int = 161
    hosts: dict[str, Host] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    keep: Callable[[Host], None] = lambda host: None
    keep_silent: Callable[[Sequence[str]], None] = lambda addresses: None
    changed: Callable[[], None] = lambda: None
    alive: int = 0
    complaints: dict[str, None] = field(default_factory=dict)

    @property
    def swept(self) -> int:
        """Addresses of which is known whether they answer."""
        return len(self.silent) + self.alive

    async def run(self) -> None:
        """Sweeps, asks whoever answered, and returns when all of them have been asked.

        Raises NoIcmpSocket when this machine lets us send no echo requests.
        """
        engines, slots = Engines(self.clock), asyncio.Semaphore(AT_ONCE)
        done = [one for one in self.addresses if one in self.hosts and self._settled(one)]
        self.alive = len(done)
        skip = self.silent.union(done)
        todo = [one for one in self.addresses if one not in skip]
        self.changed()
        try:
            async with asyncio.TaskGroup() as tasks:
                for chunk in _chunks(todo):
                    for address in await self._answering(chunk):
                        tasks.create_task(self._ask(address, engines, slots))
        except ExceptionGroup as group:  # the sweep's own error: those of hosts end in their tasks
            raise group.exceptions[0] from None

    def _settled(self, address: str) -> bool:
        """Whether an earlier run has asked it all that this one would."""
        host = self.hosts[address]
        ours = {one.id for one in self.credentials}
        return host.credentials is not None or ours.issubset(host.tried)

    async def _answering(self, chunk: Sequence[str]) -> list[str]:
        waiting = list(chunk)
        for timeout in ECHO_TIMEOUTS:
            trips = await self.sweeper.sweep(waiting, timeout=timeout)
            waiting = [address for address in waiting if trips[address] is None]
            if not waiting:
                break
        silent = set(waiting)
        self.silent |= silent
        self.alive += len(chunk) - len(silent)
        self.keep_silent(waiting)
        self.changed()
        return [address for address in chunk if address not in silent]

    async def _ask(self, address: str, engines: Engines, slots: asyncio.Semaphore) -> None:
        async with slots:
            before = self.hosts.get(address, Host(address))
            self.hosts[address] = before
            try:
                host = await self._introduced(before, engines)
            except Exception:  # noqa: BLE001 - one host's task: its fault must not end the others'
                _log.exception("a host could not be identified", extra={"address": address})
                host = before
            self.hosts[address] = host
            self.keep(host)
            self.changed()

    async def _introduced(self, host: Host, engines: Engines) -> Host:
        """The host as it introduces itself to the first credentials that it answers to."""
        tried, pause = list(host.tried), BACK_OFF
        for credentials in self.credentials:
            if credentials.id in tried:
                continue
            if len(tried) > len(host.tried):
                await asyncio.sleep(pause)
                pause = min(2 * pause, MOST_BACK_OFF)
            tried.append(credentials.id)
            try:
                found = await self._identified(host.address, credentials, engines, tuple(tried))
            except SnmpFailure as failure:
                if failure.reason is Reason.REFUSED:  # nobody listens, whatever the credentials
                    return Host(host.address, tried=tuple(one.id for one in self.credentials))
                continue
            except ConfigError as error:
                self.complaints[f"{credentials.id}: {error}"] = None
                continue
            return found
        return Host(host.address, tried=tuple(tried))

    async def _identified(
        self, address: str, credentials: Credentials, engines: Engines, tried: tuple[str, ...]
    ) -> Host:
        """Who answers to these credentials. Raises SnmpFailure when nobody does."""
        memory = Memory(wide=credentials.version != "1")
        until = self.clock() + HOST_SECONDS
        pace = turns(memory.budget, self.clock)
        access = Access(address, self.port, credentials, SNMP_TIMEOUT, SNMP_RETRIES, until, pace)
        session = await engines.open("auto", access)
        try:
            poll = Poll(session, self.clock, None if memory.wide else memory.missing)
            polling = Polling(poll, memory, self.clock)
            await polling.run("auto", whole=False)
            facts, identity = memory.facts, polling.identity
            if facts is None or not (facts.object_id or facts.descr or poll.failure is None):
                raise poll.failure or SnmpFailure(Reason.CONTENT, "it says nothing about itself")
            neighbours = await read_neighbours(poll)
        finally:
            session.close()
        return Host(
            address,
            credentials.id,
            tried,
            facts.name,
            facts.descr,
            identity.vendor,
            identity.model,
            identity.class_,
            identity.profile or GENERIC,
            identity.why,
            neighbours,
        )


def _chunks(addresses: Sequence[str]) -> Iterator[Sequence[str]]:
    for first in range(0, len(addresses), CHUNK):
        yield addresses[first : first + CHUNK]
