"""What an inventory may do but had better not: warnings of `ltmon inventory check`."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from inventory.consistency import Item
from inventory.credentials import Credentials, Login
from inventory.device import Device, DeviceClass
from inventory.inventory import Inventory
from inventory.problem import Problem
from inventory.service import Service

NEEDS_SPARE = (
    DeviceClass.FIBER_ONU,
    DeviceClass.ROUTER,
    DeviceClass.LAN_SWITCH,
    DeviceClass.VC_ENDPOINT,
)
"""Classes without which an office or its room stands still."""

FEW = 5  # as many as can be borrowed from somewhere; beyond that a spare of one's own pays


def advice_about(folder: Path, inventory: Inventory, items: Collection[Item]) -> Iterator[Problem]:
    """The warnings, file by file and kind by kind; those without a place come last."""
    for item in items:
        if isinstance(item.value, Credentials | Login):
            yield from _plain_secrets(item, item.value)
        elif isinstance(item.value, Device):
            yield from _unwatched(item, item.value, inventory)
        elif isinstance(item.value, Service) and not item.value.from_:
            yield item.problem("no site asks for this service; name some in from: [site, …]")
    yield from _missing_spares(folder, inventory)
    yield from _unread_folders(folder)


def _plain_secrets(item: Item, credentials: Credentials | Login) -> Iterator[Problem]:
    for keys, secret in credentials.secrets():
        if secret.is_plain:
            message = "the secret stands in the file itself; {env: NAME} or {file: PATH} is safer"
            yield item.problem(message, *keys)


def _unwatched(item: Item, device: Device, inventory: Inventory) -> Iterator[Problem]:
    if device.address is None:
        yield item.problem("the device has no address and will not be measured")
    elif not inventory.checks_of(device.id):
        yield item.problem("all checks are switched off: the device will not be measured", "checks")


def _missing_spares(folder: Path, inventory: Inventory) -> Iterator[Problem]:
    for class_ in NEEDS_SPARE:
        devices = [device for device in inventory.devices if device.class_ is class_]
        if len(devices) >= FEW and not any(device.spare for device in devices):
            message = (
                f"none of the {len(devices)} devices of class {class_.value} has a spare "
                "(spare: true) for the day it dies"
            )
            yield Problem(str(folder), None, "", message)


def _unread_folders(folder: Path) -> Iterator[Problem]:
    for below in sorted(folder.iterdir()):
        if below.is_dir() and any(below.glob("*.yaml")):
            yield Problem(
                str(below), None, "", "folders inside the inventory's folder are not read"
            )
