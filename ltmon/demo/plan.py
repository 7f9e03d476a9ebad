"""Who works where in the demo: which offices have agents, what each watches, on which addresses."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from inventory.inventory import Inventory

HOME = "district-office"
COMMUNES = ("bac-binh", "hoa-son", "lien-son")
"""Communes and towns with an agent of their own; the others are watched from the district."""

MACHINE = "this-machine"
"""The site of the machine that the demo runs on: nothing about it is simulated."""

_OUTER_CLASSES = ("fiber_onu", "router", "lte_cpe")


@dataclass(frozen=True, slots=True)
class AgentPlan:
    """One agent: its own site, the sites whose devices it asks, further devices, and its token."""

    agent: str
    sites: tuple[str, ...]
    watch: tuple[str, ...] = ()
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)

    @property
    def site(self) -> str:
        """Where it stands."""
        return self.sites[0]


def agent_plans(inventory: Inventory, *, alone: bool = False) -> tuple[AgentPlan, ...]:
    """The agents of the simulated offices, the district's own first.

    It asks all sites that have no agent, and of those that have one what faces the district, so
    that a silent office is seen from outside. alone: it asks everything, nobody else does.
    """
    communes = () if alone else tuple(id_ for id_ in COMMUNES if inventory.site(id_))
    others = tuple(s.id for s in inventory.sites if s.id not in (HOME, MACHINE, *communes))
    watch = tuple(
        device.id
        for device in inventory.devices
        if device.site in communes and device.class_ in _OUTER_CLASSES
    )
    home = AgentPlan(HOME, (HOME, *others), watch)
    return (home, *(AgentPlan(site, (site,)) for site in communes))
