"""The simulated district: its hosts, what is broken at the moment, and who can reach whom."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from inventory.inventory import Inventory
from simulator.host import Host
from simulator.snmp.device import SnmpDevice
from simulator.ways import Roads, Way

PowerListener = Callable[[str, bool], None]
"""Told the site, and whether it has power now."""


@dataclass(frozen=True, slots=True)
class Reach:
    """A host as it answers over a certain way. Seconds; jitter is a deviation, loss a ratio."""

    host: Host
    delay: float
    jitter: float
    loss: float


class SimulatedDistrict:
    """The truth that the agents measure. Time is seconds since 1970 and always an argument.

    Every host stands at a device of the inventory (its own, for a device); it answers a site's
    agent when some way from that site's standpoint to it leads over living devices and whole lines.
    """

    def __init__(self, inventory: Inventory, hosts: Iterable[tuple[Host, str]]) -> None:
        self.inventory = inventory
        self.hosts: dict[str, Host] = {}
        self._stands: dict[str, str] = {}
        self._by_address: dict[str, Host] = {}
        for host, stands_at in hosts:
            self.add(host, stands_at)
        self._roads = Roads(inventory)
        self._dead: set[str] = set()
        self._lit: set[str] = set()  # dead, but their ports still show a link
        self._dark: set[str] = set()
        self._cut: set[str] = set()
        self._ways: dict[str, Mapping[str, Way]] = {}
        self._wired: set[tuple[str, float]] = set()
        self._power_listeners: list[PowerListener] = []

    def add(self, host: Host, stands_at: str) -> None:
        """One more host, at a device of the inventory."""
        self.hosts[host.id] = host
        self._stands[host.id] = stands_at
        if host.address:
            self._by_address[host.address] = host

    def host_at(self, address: str) -> Host | None:
        """The host that bears an address."""
        return self._by_address.get(address)

    # Who reaches whom

    def reach(self, site: str, address: str) -> Reach | None:
        """How the host at `address` answers a machine of `site`; None for silence."""
        host = self._by_address.get(address)
        if host is None or not self.works(host.id) or site in self._dark:
            return None
        way = self._ways_from(site).get(self._stands[host.id])
        if way is None:
            return None
        jitter = (way.jitter**2 + host.jitter**2) ** 0.5
        return Reach(host, way.delay + host.delay, jitter, host.loss)

    def expires(self, site: str, address: str, ttl: int) -> str | None:
        """The address of the device on the way at which a packet may go no further; empty when it is lost
        before, None when it may travel all the way.
        """
        host = self._by_address.get(address)
        path = self._roads.path(self._roads.standpoint(site), self._stands[host.id]) if host else ()
        if ttl >= len(path):
            return None
        for device, line in path[:ttl]:
            if line in self._cut or (device in self.hosts and not self.works(device)):
                return ""
        hop = self.hosts.get(path[ttl - 1][0])
        return hop.address if hop is not None else ""

    def works(self, host_id: str) -> bool:
        """Whether a host is switched on and alive, be it reachable or not."""
        return host_id not in self._dead and self.hosts[host_id].site not in self._dark

    def has_power(self, site: str) -> bool:
        """Whether a site has power, from the mains or a battery."""
        return site not in self._dark

    def _ways_from(self, site: str) -> Mapping[str, Way]:
        if site not in self._ways:
            gone = {id_ for id_ in self.hosts if not self.works(id_)}
            start = self._roads.standpoint(site)
            self._ways[site] = self._roads.from_device(start, gone, self._cut)
        return self._ways[site]

    # What its devices say

    def device(self, host: Host, now: float) -> SnmpDevice:
        """A host's SNMP side with its links as they are."""
        device = host.device(now)
        if (host.id, host.boot) not in self._wired:
            self._wired.add((host.id, host.boot))
            self._set_links(now, only=host.id)
        return device

    def _set_links(self, now: float, only: str = "") -> None:
        """Ports at the ends of links are up when the line is whole and the far end is on."""
        for link in self.inventory.links:
            up = link.id not in self._cut
            for end, port in zip(link.end_devices, link.end_ports, strict=True):
                host = self.hosts.get(end)
                if host is None or (host.id, host.boot) not in self._wired:
                    continue
                far = [other for other in link.end_devices if other != end]
                if not only or only == end:
                    working = all(self._lights(other) for other in far if other in self.hosts)
                    host.device(now).port(port).set_up(up and working, now)

    def _lights(self, host_id: str) -> bool:
        """Whether the far end of a line to this host sees a link."""
        return self.has_power(self.hosts[host_id].site) and (
            self.works(host_id) or host_id in self._lit
        )

    # What breaks and is mended

    def kill(self, host_id: str, now: float, *, lit: bool = False) -> None:
        """A device stops working. lit: it hangs, so its ports still show a link to the far end."""
        self._dead.add(host_id)
        if lit:
            self._lit.add(host_id)
        self._changed(now)

    def revive(self, host_id: str, now: float) -> None:
        """A device is switched on again."""
        self._dead.discard(host_id)
        self._lit.discard(host_id)
        self.hosts[host_id].restart(now)
        self._changed(now)

    def cut(self, link_id: str, now: float) -> None:
        """A line carries nothing any more."""
        self._cut.add(link_id)
        self._changed(now)

    def splice(self, link_id: str, now: float) -> None:
        """A line carries again."""
        self._cut.discard(link_id)
        self._changed(now)

    def mains_lost(self, site: str, lasts_seconds: float, now: float) -> None:
        """The mains fail: every UPS of the site carries its load, until it is empty."""
        for host in self._ups_of(site):
            if (ups := self.device(host, now).ups) is not None:
                ups.mains_lost(now, lasts_seconds)

    def mains_back(self, site: str, now: float) -> None:
        """The mains are back."""
        for host in self._ups_of(site):
            if (ups := self.device(host, now).ups) is not None:
                ups.mains_back(now)

    def _ups_of(self, site: str) -> list[Host]:
        return [h for h in self.hosts.values() if h.site == site and h.class_ == "ups"]

    def darken(self, site: str, now: float) -> None:
        """A site loses its last power: all its devices stop."""
        self._dark.add(site)
        self._changed(now)
        self._tell_power(site, on=False)

    def lighten(self, site: str, now: float) -> None:
        """A site has power again: all its devices start anew."""
        self._dark.discard(site)
        for host in self.hosts.values():
            if host.site == site:
                host.restart(now)
        self._changed(now)
        self._tell_power(site, on=True)

    def on_power(self, listener: PowerListener) -> None:
        """Asks to be told when a site loses its power and when it returns."""
        self._power_listeners.append(listener)

    def _changed(self, now: float) -> None:
        self._ways.clear()
        self._set_links(now)

    def _tell_power(self, site: str, *, on: bool) -> None:
        for listener in self._power_listeners:
            listener(site, on)
