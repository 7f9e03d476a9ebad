"""What a fault of the generated weeks is: where, from when until when, what it does, what it shows."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from inventory.inventory import Inventory
from inventory.link import Link
from simulator.scenarios.district import District
from simulator.scenarios.truth import Truth


class Weight(StrEnum):
    """How much else goes on beside it."""

    SLOW = "slow"  # wears on for days; other things may happen meanwhile
    FRAGILE = "fragile"  # the same, but a restart would mend it
    FAST = "fast"  # hours; nothing else on the same devices
    HARD = "hard"  # what it hits does not answer


ANSWERS = ("check_up", "icmp_loss_ratio")
"""Where one sees that something does not answer."""


@dataclass(frozen=True)
class Fault(ABC):
    """One fault. where: the id of what is hit. Times: seconds since 1970."""

    where: str
    onset: float
    end: float
    chance: random.Random

    kind: ClassVar[str]
    subject: ClassVar[str] = "device"
    shows: ClassVar[tuple[str, ...]]
    weight: ClassVar[Weight] = Weight.FAST
    hours: ClassVar[tuple[float, float]] = (2.0, 10.0)
    times: ClassVar[int] = 1

    @classmethod
    @abstractmethod
    def places(cls, inventory: Inventory) -> Sequence[str]:
        """The ids where it may happen."""

    @abstractmethod
    def begin(self, district: District, t: float) -> None:
        """Breaks it."""

    @abstractmethod
    def finish(self, district: District, t: float) -> None:
        """Mends it."""

    def also(self, inventory: Inventory) -> tuple[str, ...]:
        """Other causes that the samples allow."""
        return ()

    def targets(self, inventory: Inventory) -> tuple[str, ...]:
        """The ids of the devices and services that suffer."""
        if self.subject == "link":
            return behind(inventory, link_of(inventory, self.where))
        return (self.where,)

    def truths(self, district: District) -> tuple[Truth, ...]:
        """What is to be found; made when it begins."""
        return (self.truth(district),)

    def truth(self, district: District, limit_at: float | None = None) -> Truth:
        """The one thing to be found."""
        inventory = district.inventory
        targets = self.targets(inventory)
        return Truth(
            kind=self.kind,
            cause=f"{self.subject}:{self.where}",
            also=self.also(inventory),
            targets=targets,
            shows=self.shows,
            onset=self.onset,
            end=self.end,
            down=self.weight is Weight.HARD,
            interval=max(
                _interval(inventory, self.where if self.where in targets else targets[0]), 30.0
            ),
            limit_at=limit_at,
        )


def _interval(inventory: Inventory, target: str) -> float:
    """How often one looks whether it is there."""
    checks = inventory.checks_of(target)
    looks = [check.interval for kind, check in checks.items() if kind in ("icmp", "http", "dns")]
    return min(looks, default=60.0)


def link_of(inventory: Inventory, link_id: str) -> Link:
    """The line of this id. Raises KeyError."""
    link = inventory.link(link_id)
    if link is None:
        raise KeyError(link_id)
    return link


def behind(inventory: Inventory, link: Link) -> tuple[str, ...]:
    """The device at a line's lower end and all that is reached through it."""
    lower = link.end_devices[1]
    return (lower, *inventory.topology.descendants(lower))


def links(inventory: Inventory, *kinds: str) -> list[str]:
    """The ids of the lines of these kinds."""
    return [link.id for link in inventory.links if link.kind.value in kinds]


def devices(inventory: Inventory, *classes: str) -> list[str]:
    """The ids of the devices of these classes."""
    return [device.id for device in inventory.devices if device.class_.value in classes]


def offices(inventory: Inventory) -> list[str]:
    """The ids of the communes."""
    return [site.id for site in inventory.sites if site.kind.value == "commune"]


def stands_at(inventory: Inventory, site: str) -> tuple[str, ...]:
    """The ids of a site's devices."""
    return tuple(device.id for device in inventory.devices if device.site == site)
