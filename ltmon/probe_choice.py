"""Which checks the words of `ltmon probe` mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agent.resolve import Assignment, assignments_of, target_of
from inventory.check import CHECKS
from inventory.device import Device
from inventory.inventory import Inventory
from inventory.problem import closed_list, did_you_mean
from inventory.service import Service
from telemetry.errors import ConfigError


def chosen(inventory: Inventory, ids: Sequence[str], check: str | None = None) -> list[Assignment]:
    """The checks of the devices and services named, of all of them when none is; only of one kind
    when `check` names it. Raises ConfigError with one sentence for what does not exist.
    """
    if check is not None and check not in CHECKS:
        hint = did_you_mean(check, CHECKS) or "."
        raise ConfigError(f'"{check}" is no kind of check, expected {closed_list(CHECKS)}{hint}')
    if ids:
        things = [_thing(inventory, id_) for id_ in dict.fromkeys(ids)]
        return [one for thing in things for one in _named(inventory, thing, check)]
    every: list[Device | Service] = [*inventory.devices, *inventory.services]
    found = [one for thing in every for one in _configured(inventory, thing, check)]
    if not found:
        raise ConfigError("The inventory has no such check on any device or service.")
    return found


def _thing(inventory: Inventory, id_: str) -> Device | Service:
    found = inventory.device(id_) or inventory.service(id_)
    if found is None:
        known = [*(d.id for d in inventory.devices), *(s.id for s in inventory.services)]
        hint = did_you_mean(id_, known) or "."
        raise ConfigError(f'The inventory has no device or service "{id_}"{hint}')
    return found


def _configured(
    inventory: Inventory, thing: Device | Service, check: str | None
) -> Iterator[Assignment]:
    for assignment in assignments_of(inventory, thing, _sites(thing)):
        if check in (None, assignment.kind):
            yield assignment


def _named(inventory: Inventory, thing: Device | Service, check: str | None) -> list[Assignment]:
    """The configured checks; a kind asked for by name is run with its defaults if need be."""
    found = list(_configured(inventory, thing, check))
    if found:
        return found
    if check is None:
        raise ConfigError(f"There is nothing to ask of {thing.id}: no address, or no checks.")
    options = CHECKS[check].model_validate({}).aimed(thing.aim)
    target = target_of(inventory, thing, _sites(thing))
    if options.lacks():
        raise ConfigError(
            f"The check {check} of {thing.id} needs the option {options.lacks()}: "
            "write it into the device's checks."
        )
    if options.needs_address and not target.address:
        raise ConfigError(f"{thing.id} has no address in the inventory.")
    if check == "snmp" and target.credentials is None:
        raise ConfigError(f"{thing.id} has no snmp access in the inventory.")
    return [Assignment(target, check, options)]


def _sites(thing: Device | Service) -> tuple[str, ...]:
    """The sites whose agents would ask: a device's own, or those that a service names."""
    return (thing.site,) if isinstance(thing, Device) else thing.from_
