"""Who reaches whom from two vantage points, while things break and are mended."""

from __future__ import annotations

import pytest

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
from simulator.roster import RESOLVER, free_address, simulated_district
from simulator.ways import Roads
from tests.simulator.small_district import small_inventory

NOW = 1_700_000_000.0
CENTRE, COMMUNE = "district-office", "bac-binh"


@pytest.fixture
def district() -> SimulatedDistrict:
    return simulated_district(small_inventory(), NOW)


def reached(district: SimulatedDistrict, site: str) -> set[str]:
    """The devices that answer a machine of the site."""
    devices = small_inventory().devices
    return {d.id for d in devices if d.address and district.reach(site, d.address)}


def commune(site: str) -> set[str]:
    return {d.id for d in small_inventory().devices if d.site == site}


def test_all_is_well(district: SimulatedDistrict) -> None:
    """In the beginning everybody reaches everybody, and no unknown address answers."""
    everything = {device.id for device in small_inventory().devices}
    assert reached(district, CENTRE) == reached(district, COMMUNE) == everything
    assert district.reach(CENTRE, "10.99.99.99") is None


def test_far_takes_longer(district: SimulatedDistrict) -> None:
    """The way over the fibre adds its delay; the office's own devices are near."""
    near, far = (district.reach(site, "10.11.1.20") for site in (COMMUNE, CENTRE))
    assert near is not None
    assert far is not None
    assert far.delay > near.delay + 0.001


def test_switch_death(district: SimulatedDistrict) -> None:
    """A dead switch silences itself and what stands behind it, for everybody in front of it."""
    fault = DeviceDead("xuan-hoa-switch")
    fault.begin(district, NOW)
    lost = {f"xuan-hoa-{what}" for what in ("switch", "room", "pc", "server", "ups")}
    assert {d.id for d in small_inventory().devices} - reached(district, CENTRE) == lost
    fault.end(district, NOW + 10)
    assert not {d.id for d in small_inventory().devices} - reached(district, CENTRE)
    restarted = district.hosts["xuan-hoa-switch"]
    assert restarted.boot == NOW + 10
    assert district.hosts["xuan-hoa-router"].boot < NOW


def test_fibre_cut(district: SimulatedDistrict) -> None:
    """Behind a cut fibre the office is dark from outside, while its own agent sees it as it is."""
    fault = LineCut("bac-binh-fiber")
    fault.begin(district, NOW)
    assert not reached(district, CENTRE) & commune(COMMUNE)
    assert reached(district, COMMUNE) == commune(COMMUNE)
    fault.end(district, NOW + 10)
    assert commune(COMMUNE) <= reached(district, CENTRE)


def port_is_up(district: SimulatedDistrict, device: str, port: str, now: float) -> bool:
    return district.device(district.hosts[device], now).port(port).up


def test_ports_follow_the_line(district: SimulatedDistrict) -> None:
    """Both ends of a cut line lose their link, also when they are first asked while it is cut."""
    assert port_is_up(district, "olt-1", "gpon-0-1", NOW)
    LineCut("bac-binh-fiber").begin(district, NOW)
    assert not port_is_up(district, "olt-1", "gpon-0-1", NOW + 1)
    assert not port_is_up(district, "bac-binh-onu", "pon0", NOW + 1)
    assert port_is_up(district, "olt-1", "gpon-0-2", NOW + 1)
    LineCut("bac-binh-fiber").end(district, NOW + 2)
    DeviceDead("bac-binh-onu").begin(district, NOW + 3)
    DeviceDead("xuan-hoa-onu", hangs=False).begin(district, NOW + 3)
    assert port_is_up(district, "olt-1", "gpon-0-1", NOW + 4), "a frozen box keeps its lights"
    assert not port_is_up(district, "olt-1", "gpon-0-2", NOW + 4)


def test_power_cut(district: SimulatedDistrict) -> None:
    """First the UPS carries the office, then all is silent; afterwards everything has restarted."""
    told: list[tuple[str, bool]] = []
    district.on_power(lambda site, on: told.append((site, on)))
    mains, dark = MainsLost(COMMUNE, 8.0), SiteDark(COMMUNE)
    mains.begin(district, NOW)
    ups = district.device(district.hosts["bac-binh-ups"], NOW).ups
    assert ups is not None
    assert ups.on_battery_since == NOW
    assert commune(COMMUNE) <= reached(district, CENTRE)
    dark.begin(district, NOW + 8)
    assert told == [(COMMUNE, False)]
    assert not reached(district, CENTRE) & commune(COMMUNE)
    assert not reached(district, COMMUNE), "an office without power measures nothing"
    assert not district.has_power(COMMUNE)
    dark.end(district, NOW + 60)
    mains.end(district, NOW + 60)
    assert told[-1] == (COMMUNE, True)
    assert {district.hosts[id_].boot for id_ in commune(COMMUNE)} == {NOW + 60}


def test_loss(district: SimulatedDistrict) -> None:
    """Lost packets concern the one device."""
    PacketsLost("xuan-hoa-room", 0.4).begin(district, NOW)
    assert [getattr(district.reach(CENTRE, f"10.12.1.{n}"), "loss", 0) for n in (10, 20)] == [
        0.4,
        0,
    ]
    PacketsLost("xuan-hoa-room", 0.4).end(district, NOW)
    assert getattr(district.reach(CENTRE, "10.12.1.10"), "loss", 1) == 0


def test_what_snmp_tells(district: SimulatedDistrict) -> None:
    """Errors and fading light are read at the device, and end when they are mended."""
    onu = district.device(district.hosts["xuan-hoa-onu"], NOW)
    light = onu.optics["pon0"].read(NOW)
    for fault in (
        PortErrors("xuan-hoa-onu", "pon0", per_second=10),
        LightFades("xuan-hoa-onu", "pon0"),
    ):
        fault.begin(district, NOW)
    assert onu.port("pon0").errors.read(NOW + 10) == 100
    assert onu.optics["pon0"].read(NOW + 60) < light - 8
    for fault in (
        PortErrors("xuan-hoa-onu", "pon0", per_second=10),
        LightFades("xuan-hoa-onu", "pon0"),
    ):
        fault.end(district, NOW + 60)
    assert onu.port("pon0").errors.read(NOW + 99) == onu.port("pon0").errors.read(NOW + 60)
    assert onu.optics["pon0"].read(NOW + 60) == pytest.approx(light, abs=0.3)


def test_service_down(district: SimulatedDistrict) -> None:
    """A service fails and recovers where it listens."""
    name = "motcua.lapthach.example"
    fault = ServiceDown("one-stop", "portal", 443, name)
    fault.begin(district, NOW)
    assert district.hosts["portal"].services[443].failing == {name}
    fault.end(district, NOW)
    assert not district.hosts["portal"].services[443].failing


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        (DeviceDead("x"), "device:x"),
        (LineCut("x"), "link:x"),
        (MainsLost("x"), "site:x"),
        (SiteDark("x"), "site:x"),
        (PacketsLost("x"), "device:x"),
        (PortErrors("x", "ge1"), "device:x"),
        (PortErrors("x", "ge1", "line"), "link:line"),
        (LightFades("x", "pon0"), "device:x"),
        (LightFades("x", "pon0", "line"), "link:line"),
        (ServiceDown("x", "host", 443, "name"), "device:x"),
    ],
)
def test_causes_and_words(fault: Fault, cause: str) -> None:
    """Every fault knows the cause to be found and says it in both languages."""
    assert fault.cause == cause
    assert all("x" in sentence for sentence in fault.words)


def test_services_have_hosts(district: SimulatedDistrict) -> None:
    """A name leads to the device that serves it, a bare address to what stands there."""
    portal = district.hosts["portal"]
    assert (portal.services[443].contains, portal.services[443].scheme) == ("Nộp hồ sơ", "https")
    assert portal.services[8443].scheme == "tcp"
    resolver = district.host_at(RESOLVER)
    asked = district.host_at("10.10.0.53")
    assert resolver is not None
    assert asked is not None
    assert resolver.names == asked.names == {"motcua.lapthach.example": "10.10.0.20"}


def test_agents_stand_at_the_switch() -> None:
    """An office's own machine is wired to its switch, with an address that nobody has."""
    inventory = small_inventory()
    assert Roads(inventory).standpoint(COMMUNE) == "bac-binh-switch"
    assert free_address(inventory, COMMUNE) == "10.11.1.250"
