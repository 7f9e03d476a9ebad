"""From the inventory to what this agent asks: who, by which kind of check, with which options."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from agent.probe import Target
from inventory.check import Check
from inventory.device import Device
from inventory.inventory import Inventory
from inventory.service import Service


@dataclass(frozen=True, slots=True)
class Assignment:
    """One check to be run again and again. `kind` is a key of `agent.probes.PROBES`."""

    target: Target
    kind: str
    options: Check


def targets_for(
    inventory: Inventory, agent_sites: Sequence[str], extra: Collection[str] = ()
) -> list[Assignment]:
    """Everything that an agent for these sites asks, in the order of the inventory.

    agent_sites: the agent's own site first; a service that several of them ask is asked once and
    its samples bear the first. extra: further devices and services that are asked as well. Options
    are complete: what a service or device says about its address is merged into them.
    """
    found: list[Assignment] = []
    for thing in inventory.targets_of(agent_sites, extra):
        found.extend(assignments_of(inventory, thing, agent_sites))
    return found


def assignments_of(
    inventory: Inventory, thing: Device | Service, agent_sites: Sequence[str]
) -> Iterator[Assignment]:
    """The checks of one device or service, as an agent for these sites runs them."""
    target = target_of(inventory, thing, agent_sites)
    for kind, options in inventory.checks_of(thing.id).items():
        yield Assignment(as_user(inventory, target, options), kind, options)


def as_user(inventory: Inventory, target: Target, options: Check) -> Target:
    """The target with the login that the check asks with, where it wants one."""
    login = options.asks_as()
    return replace(target, login=inventory.login(login)) if login else target


def target_of(inventory: Inventory, thing: Device | Service, agent_sites: Sequence[str]) -> Target:
    """Who is asked, with the credentials that it wants."""
    if isinstance(thing, Service):
        asking = [site for site in agent_sites if site in thing.from_]
        site = (asking or list(agent_sites) or list(thing.from_) or [""])[0]
        return Target(thing.id, site, thing.class_, thing.aim.host)
    target = Target(
        thing.id, thing.site, str(thing.class_), thing.address or "", profile=thing.profile
    )
    if thing.snmp is None:
        return target
    return replace(
        target,
        credentials=inventory.credential(thing.snmp.credentials),
        snmp_port=thing.snmp.port,
        snmp_engine=thing.snmp.engine,
    )
