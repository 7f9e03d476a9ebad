"""From the inventory's checks to instruments: who asks whom, how often, for what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from inventory.device import Device
from inventory.inventory import Inventory
from simulator.scenarios.agent import Agent
from simulator.scenarios.build import Builder
from simulator.scenarios.calls import Path, RoomEndpoint
from simulator.scenarios.chance import Wander, stream
from simulator.scenarios.instrument import Instrument
from simulator.scenarios.interfaces import Interface, Light
from simulator.scenarios.layout import (
    CENTRE,
    CORE,
    SEEN_FROM_THE_CENTRE,
    SERVED_BY,
    agent_host,
    agents,
)
from simulator.scenarios.own import Heartbeat, Host
from simulator.scenarios.ping import Ping
from simulator.scenarios.poll import Cellular, Part, Poll, Resources, Supply
from simulator.scenarios.rhythm import DAY, Weather
from simulator.scenarios.seeds import START
from simulator.scenarios.way import Way, way_between
from simulator.scenarios.web import Certificate, Lookup, Offer, Page

PATH_INTERVAL = 300.0
PORTLESS = ("ups", "power_system", "vc_endpoint", "workstation", "printer")
"""Classes that tell nothing of their single port."""


class Fitting:
    """Fits a built district with agents, their checks and the services that they ask."""

    def __init__(self, inventory: Inventory, seed: int, built: Builder, weather: Weather) -> None:
        self._inventory = inventory
        self._seed = seed
        self._built = built
        self._weather = weather
        self.offers = {service.id: self._offer(service.id) for service in inventory.services}
        self.agents = {site: self._agent(site) for site in agents(inventory)}

    def instruments(self) -> Iterator[Instrument]:
        """Every check of every agent, the agents' heartbeats too."""
        for agent in self.agents.values():
            yield Heartbeat(agent, agent.host.site)
            for device in self._inventory.devices:
                yield from self._of_device(agent, device)
            if agent.id != CENTRE:
                yield self._ping(agent, CORE)
                monitor = agent_host(CENTRE)
                way = self._way(agent, monitor)
                yield Path(agent, way, PATH_INTERVAL, self._identity(agent, monitor))
        for service in self._inventory.services:
            for site in service.from_:
                yield from self._of_service(self.agents[site], service.id)

    def _of_device(self, agent: Agent, device: Device) -> Iterator[Instrument]:
        """An agent asks its own site; the centre's asks every site without one, and all doors."""
        watched = device.site if device.site in self.agents else CENTRE
        if watched == agent.id:
            yield self._ping(agent, device.id)
            yield self._poll(agent, device)
            checks = self._inventory.checks_of(device.id)
            if device.id == agent.host.id:
                identity = self._identity(agent, device.id)
                yield Host(agent, checks["host"].interval, identity, self._weather)
        elif agent.id == CENTRE and device.class_.value in SEEN_FROM_THE_CENTRE:
            yield self._ping(agent, device.id)

    def _of_service(self, agent: Agent, service: str) -> Iterator[Instrument]:
        offer = self.offers[service]
        way = self._way(agent, SERVED_BY[service])
        identity = {"site": agent.id, "device": service, "class": "service", "agent": agent.id}
        kinds: Mapping[str, type[Page] | type[Certificate] | type[Lookup]] = {
            "http": Page,
            "tls": Certificate,
            "dns": Lookup,
        }
        for kind, check in self._inventory.checks_of(service).items():
            yield kinds[kind](agent, way, check.interval, identity, offer)

    def _ping(self, agent: Agent, device: str) -> Ping:
        interval = self._inventory.checks_of(device)["icmp"].interval
        return Ping(agent, self._way(agent, device), interval, self._identity(agent, device))

    def _poll(self, agent: Agent, device: Device) -> Poll:
        interval = self._inventory.checks_of(device.id)["snmp"].interval
        identity = self._identity(agent, device.id)
        parts = self._parts(device.id, identity)
        ports = len(self._built.ports[device.id])
        return Poll(agent, self._way(agent, device.id), interval, identity, parts, ports)

    def _parts(self, device: str, identity: Mapping[str, str]) -> list[Part]:
        box, ports = self._built.boxes[device], self._built.ports[device].values()
        parts: list[Part] = [Resources(box, self._weather, identity)]
        if box.class_ not in PORTLESS:
            parts += [Interface(port, identity) for port in ports]
        parts += [Light(port, self._weather, identity) for port in ports if port.optics is not None]
        if box.class_ in ("ups", "power_system"):
            parts.append(Supply(box, self._weather, identity))
        if box.modem is not None:
            parts.append(Cellular(box, identity))
        if box.room is not None:
            bridge = way_between(
                self._inventory.topology, self._built.lines, self._built.boxes, CORE, device
            )
            parts.append(RoomEndpoint(box, bridge, identity))
        return parts

    def _agent(self, site: str) -> Agent:
        host = self._built.boxes[agent_host(site)]
        chance = stream(self._seed, "agent", site)
        way = way_between(
            self._inventory.topology, self._built.lines, self._built.boxes, host.id, CORE
        )
        return Agent(site, host, way, chance, started_at=START - chance.uniform(1, 60) * DAY)

    def _way(self, agent: Agent, device: str) -> Way:
        return way_between(
            self._inventory.topology, self._built.lines, self._built.boxes, agent.host.id, device
        )

    def _identity(self, agent: Agent, device: str) -> dict[str, str]:
        found = self._inventory.device(device)
        if found is None:
            raise KeyError(device)
        return {
            "site": found.site,
            "device": device,
            "class": found.class_.value,
            "agent": agent.id,
        }

    def _offer(self, service: str) -> Offer:
        chance = stream(self._seed, "service", service)
        return Offer(
            service,
            chance,
            chance.uniform(0.15, 0.5),
            Wander(chance, 0.2, 1200.0),
            START + chance.uniform(60, 85) * DAY,
        )
