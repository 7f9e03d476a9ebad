"""The inventory of the generated district: a centre, communes on fibre or 4G, mobile stations."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from inventory.inventory import Inventory

CENTRE = "district-office"
CORE = "core"
COMMUNES = (
    "bac-binh", "ban-gian", "dinh-chu", "dong-ich", "hoa-son", "hop-ly", "lien-hoa", "lien-son",
    "ngoc-my", "quang-son", "son-dong", "thai-hoa", "tien-lu", "trieu-de", "tu-du", "van-quan",
    "van-truc", "xuan-hoa", "xuan-loi", "xuan-lai",
)  # fmt: skip
CARRIERS = ("VNPT", "Viettel", "FPT Telecom")
SEEN_FROM_THE_CENTRE = ("fiber_onu", "lte_cpe", "router")
"""Classes that the centre's agent pings at every commune, also where an agent of its own looks."""
PER_COMMUNE = 6
PER_STATION = 2
ICMP = {"interval": "60s", "count": 10}
SELDOM_ICMP = {"interval": "120s", "count": 10}
SNMP = {"interval": "300s", "timeout": "2s"}

Row = dict[str, Any]


@dataclass(slots=True)
class _Draft:
    """The lists of the inventory as they grow."""

    sites: list[Row] = field(default_factory=list)
    devices: list[Row] = field(default_factory=list)
    links: list[Row] = field(default_factory=list)

    def site(self, id_: str, kind: str) -> None:
        parent = {} if id_ == CENTRE else {"parent": CENTRE}
        self.sites.append(
            {"id": id_, "name": id_.replace("-", " ").title(), "kind": kind, **parent}
        )

    def device(self, id_: str, site: str, class_: str, parent: str | None, **more: Any) -> None:
        number = len(self.devices)
        # Doors and the core are looked at every minute, what stands behind every other one.
        often = parent in (None, "firewall", "olt-1", "olt-2")
        icmp = ICMP if often else SELDOM_ICMP
        checks = {"icmp": icmp, "snmp": SNMP, **more.pop("checks", {})}
        self.devices.append(
            {
                "id": id_,
                "site": site,
                "class": class_,
                "address": f"10.20.{number // 200}.{number % 200 + 10}",
                "parents": [] if parent is None else [parent],
                "snmp": {"credentials": "campus"},
                "checks": checks,
                **more,
            }
        )

    def link(self, id_: str, kind: str, upper: str, lower: str, **more: Any) -> None:
        self.links.append({"id": id_, "kind": kind, "ends": [upper, lower], **more})


def make_inventory(devices: int = 60, maintenance: tuple[Row, ...] = ()) -> Inventory:
    """A district of exactly so many devices (28 at least); the same number gives the same district."""
    draft = _Draft()
    olts = _centre(draft)
    stations = max(2, devices // 15)
    communes = min(
        len(COMMUNES), (devices - len(draft.devices) - PER_STATION * stations) // PER_COMMUNE
    )
    for number in range(communes):
        _commune(draft, number, olts[number % len(olts)])
    for number in range(stations):
        _station(draft, number)
    for number in range(devices - len(draft.devices)):
        _printer(draft, COMMUNES[number % communes], number)
    return Inventory.model_validate(
        {
            "district": {"id": "lap-thach", "name": "Huyện Lập Thạch"},
            "sites": draft.sites,
            "devices": draft.devices,
            "links": draft.links,
            "services": _services(communes),
            "credentials": [{"id": "campus", "version": "2c", "community": {"env": "SNMP_COMMUNITY"}}],
            "maintenance": list(maintenance),
            "meetings": [
                {"id": f"call-{day}", "title": "Giao ban", "rooms": "all", "repeat": "weekly",
                 "start": f"2026-06-0{day}T{hour:02}:00+07:00", "duration": "2h"}
                for day, hour in ((1, 8), (3, 14), (5, 8))
            ],
        }
    )  # fmt: skip


def agent_host(site: str) -> str:
    """The device on which the agent of a site runs."""
    return "monitor" if site == CENTRE else f"{site}-server"


def agents(inventory: Inventory) -> tuple[str, ...]:
    """The sites with an agent of their own; an agent bears its site's id."""
    return tuple(site.id for site in inventory.sites if inventory.device(agent_host(site.id)))


def _centre(draft: _Draft) -> tuple[str, ...]:
    draft.site(CENTRE, "district")
    draft.device(CORE, CENTRE, "lan_switch", None)
    for name, class_ in (("firewall", "firewall"), ("olt-1", "fiber_olt"), ("olt-2", "fiber_olt")):
        draft.device(name, CENTRE, class_, CORE)
        draft.link(f"{name}-uplink", "lan", f"{CORE}/to-{name}", f"{name}/uplink")
    for name in ("portal", "documents", "names", "monitor"):
        own = {"host": {"interval": "300s"}} if name == "monitor" else {}
        draft.device(name, CENTRE, "server", CORE, checks=own)
        draft.link(f"{name}-line", "lan", f"{CORE}/to-{name}", f"{name}/eth0")
    draft.device("centre-ups", CENTRE, "ups", CORE)
    draft.device("centre-room", CENTRE, "vc_endpoint", CORE)
    draft.link("centre-room-line", "lan", f"{CORE}/to-room", "centre-room/eth0")
    draft.link("centre-ups-line", "lan", f"{CORE}/to-ups", "centre-ups/eth0")
    return "olt-1", "olt-2"


def _commune(draft: _Draft, number: int, olt: str) -> None:
    """Router, switch, room, UPS and a computer behind an ONU; every fourth one behind a 4G modem."""
    site, carrier = COMMUNES[number], CARRIERS[number % len(CARRIERS)]
    draft.site(site, "commune")
    if number % 4 == 3:
        door = f"{site}-lte"
        draft.device(door, site, "lte_cpe", "firewall")
        draft.link(
            f"{site}-cellular", "cellular", f"firewall/wan-{site}", f"{door}/lte0", carrier=carrier
        )
    else:
        door = f"{site}-onu"
        draft.device(door, site, "fiber_onu", olt)
        draft.link(
            f"{site}-fiber", "fiber", f"{olt}/gpon-0-{number + 1}", f"{door}/pon0", carrier=carrier
        )
    router, switch = f"{site}-router", f"{site}-switch"
    draft.device(router, site, "router", door)
    draft.link(f"{site}-lan", "lan", f"{door}/lan1", f"{router}/wan1")
    draft.device(switch, site, "lan_switch", router)
    draft.link(f"{site}-floor", "lan", f"{router}/lan1", f"{switch}/port1")
    draft.device(f"{site}-room", site, "vc_endpoint", switch)
    draft.link(f"{site}-room-line", "lan", f"{switch}/port2", f"{site}-room/eth0")
    draft.device(f"{site}-ups", site, "ups", switch)
    draft.link(f"{site}-ups-line", "lan", f"{switch}/port3", f"{site}-ups/eth0")
    if number % 2 == 1:  # those with an agent of their own
        host = agent_host(site)
        draft.device(host, site, "server", switch, checks={"host": {"interval": "300s"}})
    else:
        host = f"{site}-pc"
        draft.device(host, site, "workstation", switch)
    draft.link(f"{host}-line", "lan", f"{switch}/port4", f"{host}/eth0")


def _station(draft: _Draft, number: int) -> None:
    site, carrier = f"station-{number + 1}", CARRIERS[number % len(CARRIERS)]
    draft.site(site, "station")
    draft.device(f"{site}-cell", site, "cell_station", "firewall")
    draft.link(
        f"{site}-leased", "leased", f"firewall/wan-{site}", f"{site}-cell/eth0", carrier=carrier
    )
    draft.device(f"{site}-power", site, "power_system", f"{site}-cell")
    draft.link(f"{site}-power-line", "lan", f"{site}-cell/eth1", f"{site}-power/eth0")


def _printer(draft: _Draft, site: str, number: int) -> None:
    name = f"{site}-printer-{number + 1}"
    draft.device(name, site, "printer", f"{site}-switch")
    draft.link(f"{name}-line", "lan", f"{site}-switch/port{5 + number}", f"{name}/eth0")


def _services(communes: int) -> list[Row]:
    """Each is asked from the centre, the citizens' own also from the first commune with an agent."""
    both = [CENTRE, COMMUNES[1]] if communes > 1 else [CENTRE]
    page: Row = {"interval": "120s", "status": 200, "contains": "Lập Thạch"}
    tls: Row = {"interval": "1800s"}
    return [
        {"id": "one-stop", "name": "Một cửa điện tử", "url": "https://motcua.lapthach.example/",
         "checks": {"http": page, "tls": tls}, "from": both},
        {"id": "district-portal", "name": "Cổng thông tin", "url": "https://lapthach.example/",
         "checks": {"http": page, "tls": tls}, "from": [CENTRE]},
        {"id": "document-exchange", "name": "Văn bản", "url": "https://vanban.lapthach.example/",
         "checks": {"http": page, "tls": tls}, "from": [CENTRE]},
        {"id": "name-lookup", "name": "Tên miền nội bộ", "dns": "motcua.lapthach.example",
         "checks": {"dns": {"server": "10.20.0.16", "expect": ["10.20.0.14"], "interval": "120s"}},
         "from": both},
    ]  # fmt: skip


SERVED_BY = {
    "one-stop": "portal",
    "district-portal": "portal",
    "document-exchange": "documents",
    "name-lookup": "names",
}
"""The server on which each service runs."""
