"""Timetables of faults: at which second what breaks, and when it is mended."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from inventory.device import Device
from inventory.inventory import Inventory
from simulator.district import SimulatedDistrict
from simulator.faults import (
    DeviceDead,
    Fault,
    LightFades,
    LineCut,
    MainsLost,
    PacketsLost,
    PortErrors,
    ServiceDown,
    SiteDark,
)
from telemetry.errors import LtmonError


@dataclass(frozen=True, slots=True)
class Act:
    """One fault on the timetable; seconds after the start. until: None when it is never mended."""

    at: float
    until: float | None
    fault: Fault


@dataclass(frozen=True, slots=True)
class Step:
    """An act begins or ends."""

    at: float
    begins: bool
    fault: Fault


class Timetable:
    """Plays acts on a district. The caller's clock drives it: `due` is asked again and again."""

    def __init__(self, acts: Iterable[Act]) -> None:
        steps = []
        for act in acts:
            steps.append(Step(act.at, True, act.fault))
            if act.until is not None:
                steps.append(Step(act.until, False, act.fault))
        # What is mended makes room before the next thing breaks in the same second.
        self._steps = sorted(steps, key=lambda step: (step.at, step.begins))

    @property
    def length(self) -> float:
        """Seconds until the last step."""
        return self._steps[-1].at if self._steps else 0.0

    @property
    def next_at(self) -> float | None:
        """Second of the next step, None when all is done."""
        return self._steps[0].at if self._steps else None

    def play(self, district: SimulatedDistrict, second: float, now: float) -> list[Step]:
        """Takes all steps up to `second` and returns them; `now` is that time since 1970."""
        played = []
        while self._steps and self._steps[0].at <= second:
            step = self._steps.pop(0)
            (step.fault.begin if step.begins else step.fault.end)(district, now)
            played.append(step)
        return played


class NoPart(LtmonError):  # noqa: N818 - named for what the user sees
    """The inventory has nothing that a scenario could break."""


class Cast:
    """Finds who plays which part, so that a scenario fits any inventory.

    watched: sites with an agent of their own; the others are watched from the district.
    """

    def __init__(
        self, inventory: Inventory, district: SimulatedDistrict, watched: Sequence[str]
    ) -> None:
        self._inventory = inventory
        self._district = district
        self._watched = tuple(watched)
        self._home = watched[0] if watched else ""

    def switch(self) -> Device:
        """A switch of a site without an agent, with at least four devices behind it if there is one."""
        switches = [d for d in self._plain_sites_devices() if d.class_ == "lan_switch"]
        behind = self._inventory.topology.descendants
        best = [d for d in switches if len(behind(d.id)) >= 4] or switches
        return _first(best, "switch in an office without an agent")

    def power_site(self) -> str:
        """A site with an agent and a UPS, other than the district's own."""
        with_ups = {d.site for d in self._inventory.devices if d.class_ == "ups"}
        sites = [s for s in self._watched if s in with_ups and s != self._home]
        return _first(sites, "office with an agent and a UPS")

    def fibre(self) -> str:
        """The fibre of a site with an agent, not that of the power cut."""
        taken = self.power_site()
        sites = [s for s in self._watched if s not in (taken, self._home)] or [taken]
        for link in self._inventory.links:
            ends = [self._inventory.device(end) for end in link.end_devices]
            if link.kind == "fiber" and any(end and end.site in sites for end in ends):
                return link.id
        return _first((), "fibre to an office with an agent")

    def room(self) -> str:
        """A room endpoint of a site without an agent, away from the switch that dies."""
        rooms = [d for d in self._plain_sites_devices() if d.class_ == "vc_endpoint"]
        return _first(_away_from({self.switch().site}, rooms), "room endpoint").id

    def light(self) -> tuple[str, str, str]:
        """An ONU that answers SNMP, its optical port and the line there."""
        taken = {self.switch().site, self._site(self.room())}
        onus = [d for d in self._plain_sites_devices() if d.class_ == "fiber_onu" and d.snmp]
        onu = _first(_away_from(taken, onus), "ONU with SNMP")
        optics = self._district.device(self._district.hosts[onu.id], 0.0).optics
        port = _first(list(optics), "ONU with an optical sensor")
        return onu.id, port, self._line_at(onu.id, port)

    def port(self) -> tuple[str, str, str]:
        """A switch that answers SNMP, a port of it and the line there, in an untouched site."""
        taken = {self.switch().site, self._site(self.room()), self._site(self.light()[0])}
        switches = [d for d in self._plain_sites_devices() if d.class_ == "lan_switch" and d.snmp]
        switch = _first(_away_from(taken, switches), "switch with SNMP")
        ports = self._district.device(self._district.hosts[switch.id], 0.0).ports
        port = _first([name for name, port in ports.items() if port.up], "port in use")
        return switch.id, port, self._line_at(switch.id, port)

    def service(self) -> tuple[str, str, int, str]:
        """A service with a page: its id, the host and port where it listens, its name there."""
        for service in self._inventory.services:
            name, port = service.aim.host, service.aim.port
            for host in self._district.hosts.values():
                listening = host.services.get(port) if port and service.url else None
                if listening is not None and name in listening.names:
                    return service.id, host.id, listening.port, name
        return _first((), "service with a page")

    def _line_at(self, device: str, port: str) -> str:
        """The id of the line that ends at a port, or empty."""
        end = f"{device}/{port}"
        return next((link.id for link in self._inventory.links if end in link.ends), "")

    def _plain_sites_devices(self) -> list[Device]:
        """Devices of communes and towns without an agent of their own."""
        plain = {
            site.id
            for site in self._inventory.sites
            if site.kind in ("commune", "town") and site.id not in self._watched
        }
        return [device for device in self._inventory.devices if device.site in plain]

    def _site(self, device_id: str) -> str:
        device = self._inventory.device(device_id)
        return device.site if device else ""


T = TypeVar("T")


def _first(found: Sequence[T], part: str) -> T:
    if not found:
        raise NoPart(f"The inventory has no {part}, which this scenario needs.")
    return found[0]


BATTERY_SECONDS = 15.0
"""How long a UPS carries a dark office: longer than the demo's SNMP interval, so that it is seen."""


def _away_from(taken: Collection[str], devices: Sequence[Device]) -> Sequence[Device]:
    """Those at other sites than the ones taken, or all where there are no others."""
    return [device for device in devices if device.site not in taken] or devices


def _power_cut(cast: Cast, at: float, until: float) -> list[Act]:
    site = cast.power_site()
    return [
        Act(at, until, MainsLost(site, BATTERY_SECONDS)),
        Act(at + BATTERY_SECONDS, until, SiteDark(site)),
    ]


def _tour(cast: Cast) -> list[Act]:
    """Everything once, one after the other, within four minutes."""
    return [
        Act(FIRST, 45, DeviceDead(cast.switch().id)),
        Act(35, 90, PacketsLost(cast.room())),
        Act(60, 115, PortErrors(*cast.port())),
        *_power_cut(cast, 80, 140),
        Act(105, 180, LightFades(*cast.light())),
        Act(125, 175, LineCut(cast.fibre())),
        Act(150, 190, ServiceDown(*cast.service())),
    ]


FIRST = 3.0
"""Second of the first fault: late enough to see that all is green, soon enough not to bore."""

SCENARIOS: Mapping[str, Callable[[Cast], list[Act]]] = {
    "tour": _tour,
    "switch-death": lambda cast: [Act(FIRST, 35, DeviceDead(cast.switch().id))],
    "power-cut": lambda cast: _power_cut(cast, FIRST, 65),
    "fibre-cut": lambda cast: [Act(FIRST, 50, LineCut(cast.fibre()))],
    "room-loss": lambda cast: [Act(FIRST, 60, PacketsLost(cast.room()))],
    "quiet": lambda cast: [],
}
"""The scenarios by name: the only list. Seconds count from the moment when all is green."""
