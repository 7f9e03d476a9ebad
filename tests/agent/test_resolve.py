"""From the inventory to what an agent asks."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.probe import Target
from agent.probes import PROBES
from agent.resolve import Assignment, targets_for
from inventory.check import DnsCheck, HttpCheck, IcmpCheck, TcpCheck, TlsCheck
from inventory.inventory import Inventory
from inventory.load import load_inventory

DISTRICT = """
district: {id: d, name: Huyện, timezone: Asia/Ho_Chi_Minh, language: vi}
sites:
  - {id: district-office, name: UBND huyện, kind: district}
  - {id: bac-binh, name: UBND xã Bắc Bình, kind: commune, parent: district-office}
  - {id: tu-du, name: UBND xã Tử Du, kind: commune, parent: district-office}
devices:
  - {id: core, site: district-office, class: router, address: 10.0.0.1}
  - id: bac-binh-router
    site: bac-binh
    class: router
    address: 10.11.1.1
    snmp: {credentials: v2c, port: 1161, engine: pysnmp}
    profile: mikrotik-routeros
  - {id: bac-binh-box, site: bac-binh, class: media_converter}
  - {id: bac-binh-pc, site: bac-binh, class: workstation, address: 10.11.1.9,
     checks: {icmp: false, http: {contains: Xin chào}, tcp: {port: 445}}}
services:
  - {id: portal, name: Cổng, url: "https://portal.example.vn:8443/vn", from: [bac-binh, tu-du]}
  - {id: mail, name: Thư, tcp: "10.0.0.5:25", from: [tu-du]}
  - {id: names, name: Tên miền, dns: portal.example.vn, checks: {dns: {server: 10.0.0.53}},
     from: [tu-du, bac-binh]}
credentials:
  - {id: v2c, version: 2c, community: {env: SNMP_COMMUNITY}}
"""


@pytest.fixture(scope="module")
def inventory(tmp_path_factory: pytest.TempPathFactory) -> Inventory:
    """A district with three offices."""
    folder = tmp_path_factory.mktemp("inventory")
    (folder / "district.yaml").write_text(DISTRICT, encoding="utf-8")
    return load_inventory(folder)


def by_key(assignments: list[Assignment]) -> dict[tuple[str, str], Assignment]:
    """By target and kind; each only once."""
    found = {(one.target.id, one.kind): one for one in assignments}
    assert len(found) == len(assignments)
    return found


def test_an_office_asks_its_own_devices_and_services(inventory: Inventory) -> None:
    """Devices of its sites, services that name it, each with complete options; nothing else."""
    found = by_key(targets_for(inventory, ["bac-binh"]))
    assert list(found) == [
        ("bac-binh-router", "icmp"),
        ("bac-binh-router", "snmp"),
        ("bac-binh-pc", "http"),
        ("bac-binh-pc", "tcp"),
        ("portal", "http"),
        ("portal", "tls"),
        ("names", "dns"),
    ]
    assert isinstance(found["bac-binh-router", "icmp"].options, IcmpCheck)


def test_a_device_brings_its_address_and_credentials(inventory: Inventory) -> None:
    """The target of a device: site, class, address, profile, access."""
    assert by_key(targets_for(inventory, ["bac-binh"]))["bac-binh-router", "snmp"].target == Target(
        id="bac-binh-router",
        site="bac-binh",
        class_="router",
        address="10.11.1.1",
        profile="mikrotik-routeros",
        credentials=inventory.credential("v2c"),
        snmp_port=1161,
        snmp_engine="pysnmp",
    )


def test_options_say_where(inventory: Inventory) -> None:
    """URL, host, port and name of a service, and a device's address, are merged into the options."""
    found = by_key(targets_for(inventory, ["bac-binh", "tu-du"]))
    options = {key: one.options for key, one in found.items()}
    page, handshake = options["portal", "http"], options["portal", "tls"]
    assert isinstance(page, HttpCheck)
    assert page.url == "https://portal.example.vn:8443/vn"
    assert isinstance(handshake, TlsCheck)
    assert (handshake.host, handshake.port) == ("portal.example.vn", 8443)
    assert handshake.server_name == "portal.example.vn"
    door, question = options["mail", "tcp"], options["names", "dns"]
    assert isinstance(door, TcpCheck)
    assert (door.host, door.port) == ("10.0.0.5", 25)
    assert isinstance(question, DnsCheck)
    assert (question.server, question.name) == ("10.0.0.53", "portal.example.vn")
    own = options["bac-binh-pc", "http"]
    assert isinstance(own, HttpCheck)
    assert (own.url, own.contains) == ("http://10.11.1.9/", "Xin chào")


def test_a_service_bears_the_asking_site(inventory: Inventory) -> None:
    """Its samples are of the agent's own site when that asks, else of the first that does."""
    for sites, asked_from in (
        (["bac-binh"], "bac-binh"),
        (["tu-du", "bac-binh"], "tu-du"),
        (["district-office", "bac-binh"], "bac-binh"),
    ):
        target = by_key(targets_for(inventory, sites))["portal", "http"].target
        assert (target.site, target.class_) == (asked_from, "service")


def test_extra_devices(inventory: Inventory) -> None:
    """An agent may watch a device of another office; it keeps its own site."""
    found = targets_for(inventory, ["tu-du"], ["core"])
    assert ("core", "district-office") in {(one.target.id, one.target.site) for one in found}


def test_nobody_asks_for_an_unknown_site(inventory: Inventory) -> None:
    """No site, no targets."""
    assert targets_for(inventory, ["nowhere"]) == []


def test_the_district_itself() -> None:
    """Everything in the shipped inventory can be asked by the probes that there are."""
    folder = Path(__file__).parents[2] / "inventory" / "lap-thach"
    inventory = load_inventory(folder)
    found = targets_for(inventory, [site.id for site in inventory.sites])
    assert {one.kind for one in found} <= set(PROBES)
    asked = {one.target.id for one in found}
    assert {device.id for device in inventory.devices if device.address} <= asked
    assert {service.id for service in inventory.services if service.from_} <= asked
    by_key(found)
