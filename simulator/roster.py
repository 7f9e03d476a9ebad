"""Which hosts an inventory asks for: one per device, and what its services and names need."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from ipaddress import IPv4Address, ip_address
from random import Random

from inventory.check import DnsCheck, HttpCheck, PathCheck, XapiCheck
from inventory.device import Device
from inventory.inventory import Inventory
from simulator.codec import Codec
from simulator.district import SimulatedDistrict
from simulator.host import Host, TcpService
from simulator.snmp.device import Blueprint
from simulator.ways import Roads

RECORDINGS: dict[str, tuple[str, ...]] = {
    "lan_switch": (
        "network/switch/dlink-des3038",
        "network/switch/maipu-sm4200-16gef8ge-ac",
    ),
    "router": ("network/router/vyatta-unknown",),
    "server": ("os/linux/slackware", "os/linux/ibm-x3550-m3"),
    "media_converter": ("network/switch/cts-media-converter",),
}
"""Walks of `snmpsim-data` by class; a class without one gets a tree of standard objects."""

COMMUNITY = b"lap-thach-demo"
RESOLVER = "10.255.0.53"
"""Where the offices ask for names."""

_OUTSIDE = IPv4Address("10.255.1.1")  # first address for names that no device bears
_OUTSIDE_SECONDS = 0.012
_DAY = 86_400.0


def simulated_district(
    inventory: Inventory, now: float, community: bytes = COMMUNITY
) -> SimulatedDistrict:
    """The district of `inventory`, whole and well at `now` (seconds since 1970)."""
    return SimulatedDistrict(inventory, _Roster(inventory, now, community).hosts())


class _Roster:
    """Hosts under construction."""

    def __init__(self, inventory: Inventory, now: float, community: bytes) -> None:
        self._inventory = inventory
        self._now = now
        self._community = community
        self._top = inventory.topology.order[0] if inventory.devices else ""
        self._hosts: dict[str, Host] = {}
        self._stands: dict[str, str] = {}
        self._names: dict[str, str] = {}

    def hosts(self) -> Iterator[tuple[Host, str]]:
        """All hosts, each with the device at which it stands."""
        for device in self._inventory.devices:
            self._add(_host_of(device, self._inventory, self._now, self._community), device.id)
        for service in self._inventory.services:
            self._serve(service.id)
        for device in self._inventory.devices:
            self._reflect(device)
        self._answer_names()
        for host in self._hosts.values():
            yield host, self._stands[host.id]

    def _add(self, host: Host, stands_at: str) -> Host:
        self._hosts[host.id] = host
        self._stands[host.id] = stands_at
        return host

    def _serve(self, service_id: str) -> None:
        """Lets the host that a service's checks lead to listen for it."""
        service = self._inventory.service(service_id)
        assert service is not None  # noqa: S101 - the id comes from the same inventory
        aim = service.aim
        if aim.name:
            self._address_of(aim.name, service_id)
        if not aim.host or aim.port is None:
            return
        address = self._address_of(aim.host, service_id)
        host = self._host_at(address, service_id)
        scheme = service.url.partition(":")[0] if service.url else "tcp"
        page = self._inventory.checks_of(service_id).get("http")
        contains = (page.contains or "") if isinstance(page, HttpCheck) else ""
        names = tuple(dict.fromkeys((aim.host, address)))
        new = TcpService(aim.port, scheme, service.name, names, contains)
        before = host.services.get(aim.port)
        host.services[aim.port] = before.joined_by(new) if before else new

    def _reflect(self, device: Device) -> None:
        """Lets the far ends of a room's calls give its test packets back."""
        check = self._inventory.checks_of(device.id).get("path")
        if isinstance(check, PathCheck):
            for peer, port in ((check.peer, check.port), *((e.peer, e.port) for e in check.also)):
                address = self._address_of(peer or device.address or "", device.id)
                self._host_at(address, f"{device.id}-peer").reflects.add(port)

    def _address_of(self, name: str, service_id: str) -> str:
        """The address behind a name: itself, that of the device which serves it, or one outside."""
        try:
            return str(ip_address(name))
        except ValueError:
            pass
        if name not in self._names:
            serving = [d for d in self._inventory.devices if service_id in d.serves and d.address]
            outside = str(_OUTSIDE + len(self._names))
            self._names[name] = (serving[0].address if serving else None) or outside
        return self._names[name]

    def _host_at(self, address: str, service_id: str) -> Host:
        for host in self._hosts.values():
            if host.address == address:
                return host
        return self._add(self._outside(f"at-{service_id}", address), self._top)

    def _outside(self, id_: str, address: str) -> Host:
        """A host beyond the district's edge."""
        blueprint = Blueprint(id_, "server", "", "")
        host = Host(id_, "", "server", address, blueprint, self._now - 90 * _DAY)
        host.delay += _OUTSIDE_SECONDS
        return host

    def _answer_names(self) -> None:
        """The offices' resolver, and every name server that a check asks, know all the names."""
        for service in self._inventory.services:
            check = self._inventory.checks_of(service.id).get("dns")
            if isinstance(check, DnsCheck) and check.server:
                self._host_at(self._address_of(check.server, service.id), service.id)
        servers = {RESOLVER} | self._asked_servers()
        resolver = self._add(self._outside("resolver", RESOLVER), self._top)
        resolver.delay = 0.001
        for host in self._hosts.values():
            if host.address in servers:
                host.names = self._names

    def _asked_servers(self) -> set[str]:
        ids = [device.id for device in self._inventory.devices]
        ids += [service.id for service in self._inventory.services]
        checks = (self._inventory.checks_of(id_).get("dns") for id_ in ids)
        asked = [c for c in checks if isinstance(c, DnsCheck)]
        for check in asked:
            if check.name and check.name not in self._names:
                self._names[check.name] = str(_OUTSIDE + len(self._names))
        return {self._names.get(c.server, c.server) for c in asked if c.server}


def _host_of(device: Device, inventory: Inventory, now: float, community: bytes) -> Host:
    chance = Random(device.id)
    site = inventory.site(device.site)
    recordings = RECORDINGS.get(device.class_, ("",))
    blueprint = Blueprint(
        id=device.id,
        class_=device.class_,
        description=device.title,
        location=site.name if site else device.site,
        ports=_ports(device, inventory),
        recording=recordings[chance.randrange(len(recordings))],
    )
    return Host(
        id=device.id,
        site=device.site,
        class_=device.class_,
        address=device.address or "",
        blueprint=blueprint,
        boot=now - chance.uniform(3, 240) * _DAY,
        community=community if device.snmp else None,
        services=_front_page(device, inventory, now),
    )


def _codec(device: Device, port: int, now: float) -> TcpService:
    """The codec of a room, in a call since a while ago."""
    chance = Random(f"{device.id} codec")
    codec = Codec(
        product="Cisco TelePresence SX20",
        serial=f"FTT{chance.randrange(10**7):07d}N",
        boot=now - chance.uniform(3, 90) * _DAY,
        called=now - chance.uniform(60, 1800),
    )
    names = (device.address or "",)
    return TcpService(port, "xapi", device.title, names, codec=codec)


def _ports(device: Device, inventory: Inventory) -> tuple[tuple[str, int], ...]:
    """The ports that the inventory's links name, with a speed in bits a second."""
    names: dict[str, int] = {}
    for link in inventory.links:
        for end, port in zip(link.end_devices, link.end_ports, strict=True):
            if end == device.id:
                names[port] = 2_488_000_000 if "pon" in port else 1_000_000_000
    return tuple(names.items())


def _front_page(device: Device, inventory: Inventory, now: float) -> dict[int, TcpService]:
    """What the device itself must serve for the checks that its entry names."""
    checks = inventory.checks_of(device.id)
    services = {}
    page = checks.get("http")
    if isinstance(page, HttpCheck):
        secure = (page.url or "").startswith("https:")
        port = 443 if secure else 80
        names = (device.address or "",)
        scheme = "https" if secure else "http"
        services[port] = TcpService(port, scheme, device.title, names, page.contains or "")
    for kind, scheme in (("tls", "https"), ("tcp", "tcp")):
        port = getattr(checks.get(kind), "port", None) or 0
        if port and port not in services:
            services[port] = TcpService(port, scheme, device.title, (device.address or "",))
    xapi = checks.get("xapi")
    if isinstance(xapi, XapiCheck) and not xapi.plain_http:
        services[xapi.port or 443] = _codec(device, xapi.port or 443, now)
    return services


def free_address(inventory: Inventory, site: str, taken: Collection[str] = ()) -> str:
    """An address in a site's own network that no device bears and that is not `taken`; for the
    agent or the collector there.
    """
    used = {device.address for device in inventory.devices} | set(taken)
    stands_at = inventory.device(Roads(inventory).standpoint(site))
    near = (stands_at.address if stands_at else None) or "10.254.0.1"
    network = int(ip_address(near)) & ~0xFF
    for last in range(250, 1, -1):
        address = str(IPv4Address(network + last))
        if address not in used:
            return address
    raise ValueError(f"the network of site {site} has no address left")
