"""Whom an incident hits, for people: places, how many work there, what else is out of reach."""

from __future__ import annotations

from collector.incident import Incident
from collector.phrases import Phrases
from collector.words import N_
from inventory.inventory import Inventory
from inventory.site import Site

NAMED_SITES = 4
"""More places than these are counted, not named."""


def sites_hit(inventory: Inventory, incident: Incident) -> tuple[Site, ...]:
    """The sites of everything that suffers, the incident's own first."""
    ids = [incident.site]
    for target in incident.affected:
        device = inventory.device(target)
        if device is not None:
            ids.append(device.site)
    return tuple(s for s in map(inventory.site, dict.fromkeys(ids)) if s is not None)


def whom(phrases: Phrases, inventory: Inventory, incident: Incident) -> str:
    """One line: "UBND xã Bắc Bình (40 people) · 4 more devices cannot be reached"."""
    sites = sites_hit(inventory, incident)
    parts = [_places(phrases, sites)] if sites else []
    count = len(incident.affected)
    if count and incident.cause.startswith("agent:"):
        parts.append(phrases.text(N_("devices not measured: {count}"), count=count))
    elif count == 1:
        parts.append(phrases.text(N_("1 more device is cut off")))
    elif count:
        parts.append(phrases.text(N_("{count} more devices are cut off"), count=count))
    return " · ".join(parts)


def _places(phrases: Phrases, sites: tuple[Site, ...]) -> str:
    if len(sites) <= NAMED_SITES:
        return ", ".join(_place(phrases, site) for site in sites)
    people = sum(site.people or 0 for site in sites)
    if not people:
        return phrases.text(N_("{count} places"), count=len(sites))
    return phrases.text(N_("{count} places ({people} people)"), count=len(sites), people=people)


def _place(phrases: Phrases, site: Site) -> str:
    if not site.people:
        return site.name
    return phrases.text(N_("{site} ({people} people)"), site=site.name, people=site.people)
