"""The example as a whole: the district's devices, offices and services with the plan of faults."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

import inventory as inventory_package
from dashboards.example import network, offices, place, verdicts
from dashboards.example.subject import Subject
from dashboards.example.tape import STEP_SECONDS, Tape
from dashboards.example.trouble import Plan
from inventory.device import Device
from inventory.device_class import DeviceClass
from inventory.inventory import Inventory
from inventory.load import load_inventory
from inventory.site import Site, SiteKind

FOLDER = Path(inventory_package.__file__).parent / "lap-thach"

_PARTS: dict[DeviceClass, tuple[Callable[[Subject], None], ...]] = {
    DeviceClass.ROUTER: (network.ports,),
    DeviceClass.FIREWALL: (network.ports,),
    DeviceClass.LAN_SWITCH: (network.ports,),
    DeviceClass.FIBER_OLT: (network.ports, network.light),
    DeviceClass.FIBER_ONU: (network.light,),
    DeviceClass.MEDIA_CONVERTER: (network.light,),
    DeviceClass.CELL_STATION: (network.radio,),
    DeviceClass.LTE_CPE: (network.radio,),
    DeviceClass.UPS: (place.power,),
    DeviceClass.POWER_SYSTEM: (place.power,),
    DeviceClass.VC_ENDPOINT: (place.room,),
    DeviceClass.SERVER: (place.computer,),
    DeviceClass.WORKSTATION: (place.computer,),
    DeviceClass.PRINTER: (place.printer,),
    DeviceClass.CAMERA: (place.camera,),
    DeviceClass.WIFI_AP: (place.wifi,),
}
_OWN_WORD = frozenset(_PARTS) - {DeviceClass.PRINTER, DeviceClass.WORKSTATION}

# The example inventory has neither; a board of a camera or an access point is tried all the same.
_EXTRA = (
    ("district-office-camera", DeviceClass.CAMERA, "10.10.0.61"),
    ("district-office-wifi", DeviceClass.WIFI_AP, "10.10.0.62"),
)


def example_inventory() -> Inventory:
    """The district that the example is made of."""
    inventory = load_inventory(FOLDER)
    extra = [
        Device.model_validate(
            {"id": id_, "site": "district-office", "class": class_, "address": address}
        )
        for id_, class_, address in _EXTRA
    ]
    return inventory.model_copy(update={"devices": (*inventory.devices, *extra)})


def record(until: int, minutes: int, sites: Collection[str] | None = None) -> Tape:
    """The last `minutes` before `until` (seconds since 1970) of the district, or of some sites of it."""
    inventory = example_inventory()
    tape = Tape(range(until - (minutes - 1) * STEP_SECONDS, until + 1, STEP_SECONDS))
    plan = Plan(inventory, minutes)
    shown = [site for site in inventory.sites if sites is None or site.id in sites]
    for site in shown:
        _site(site, inventory, tape, plan)
    verdicts.record(inventory, [site.id for site in shown], tape, plan)
    return tape


def _site(site: Site, inventory: Inventory, tape: Tape, plan: Plan) -> None:
    """Its devices, its agent, its way to the centre, and the services as they are seen from it."""
    own_agent = site.kind is not SiteKind.STATION
    agent = site.id if own_agent else "district-office"
    for device in inventory.devices:
        if device.site == site.id:
            _device(Subject(device.id, site.id, device.class_.value, agent, tape, plan))
    if own_agent:
        offices.agent(site.id, tape, plan)
    if site.kind is not SiteKind.DISTRICT and any(r.site == site.id for r in inventory.rooms):
        offices.way(site.id, tape, plan)
    for service in inventory.services:
        if site.id in service.from_:
            offices.service(service, site.id, tape, plan)


def _device(it: Subject) -> None:
    network.pings(it)
    class_ = DeviceClass(it.class_)
    if class_ in _OWN_WORD:
        network.own_word(it)
    for part in _PARTS.get(class_, ()):
        part(it)
