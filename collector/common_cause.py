"""Several lines that go dark at the same moment have one cause: their carrier, or what they hang on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from collector.state import TargetState
from collector.viewpoint import Viewpoints
from collector.words import N_, Sentence
from inventory.inventory import Inventory
from inventory.link import Link

AT_ONCE_SECONDS = 120.0
"""How far apart the first failures may lie: two looks, and what the phases of the checks add."""

TRUNK_LINES = 3
"""This many lines of different carriers at one device are no coincidence."""


@dataclass(frozen=True, slots=True)
class CommonCause:
    """Why several lines went dark at once. causes: as contract.md spells them, of which the first that
    has no incident of its own yet is taken; first: the target whose incident tells of them all; carrier:
    who runs the lines, empty when it is the device they hang on.
    """

    causes: tuple[str, ...]
    first: TargetState
    reason: Sentence
    carrier: str


@dataclass(frozen=True, slots=True)
class _Dark:
    target: TargetState
    link: Link


class CommonCauses:
    """Looks for other lines that went dark together with one. Reads the state, changes nothing."""

    def __init__(
        self,
        inventory: Inventory,
        targets: Mapping[str, TargetState],
        viewpoints: Viewpoints,
    ) -> None:
        self._inventory = inventory
        self._targets = targets
        self._viewpoints = viewpoints

    def of(self, target: TargetState, since: float, rule: str, at: float) -> CommonCause | None:
        """What `target`, gone since `since`, has in common with others, if anything."""
        link = self._viewpoints.line_into(target.id, at)
        if link is None:
            return None
        dark = [*self._dark_at_once(target, since, rule, at), _Dark(target, link)]
        same = [d for d in dark if link.carrier and d.link.carrier == link.carrier]
        trunk = [d for d in dark if d.link.end_devices[0] == link.end_devices[0]]
        carriers = {d.link.carrier for d in trunk}
        if len(trunk) >= TRUNK_LINES and len(carriers) > 1:
            return self._behind(trunk)
        if len(same) > 1 and self._is_all_of_it(same, trunk):
            return self._carriers(same)
        return None

    def _dark_at_once(self, target: TargetState, since: float, rule: str, at: float) -> list[_Dark]:
        """The other lines that went dark within the same moment, by the target that told of each."""
        found: list[_Dark] = []
        for other in self._targets.values():
            standing = other.standings.get(rule)
            if other is target or standing is None or not standing.level:
                continue
            at_once = abs(standing.since - since) <= AT_ONCE_SECONDS
            if not at_once or other.cause.startswith("site:"):
                continue
            link = self._viewpoints.line_into(other.id, at)
            if link is not None and all(link.id != d.link.id for d in found):
                found.append(_Dark(other, link))
        return found

    def _is_all_of_it(self, same: list[_Dark], trunk: list[_Dark]) -> bool:
        """Lines of other carriers that hang on the same device are not dark."""
        return all(d.link.carrier == same[0].link.carrier for d in trunk)

    def _carriers(self, dark: list[_Dark]) -> CommonCause:
        first = self._first(dark)
        carrier = first.link.carrier or ""
        words = N_("{count} lines of {carrier} went dark at the same moment.")
        lines = [f"link:{d.link.id}" for d in (first, *dark)]
        known = [first.target.cause] if first.target.cause.startswith("link:") else []
        reason = Sentence(words, {"count": str(len(dark)), "carrier": carrier})
        return CommonCause((*known, *lines), first.target, reason, carrier)

    def _behind(self, dark: list[_Dark]) -> CommonCause:
        first = self._first(dark)
        near = first.link.end_devices[0]
        words = N_("{count} lines behind {name} went dark at the same moment.")
        reason = Sentence(words, {"count": str(len(dark)), "name": self._inventory.name_of(near)})
        return CommonCause((f"device:{near}",), first.target, reason, "")

    def _first(self, dark: list[_Dark]) -> _Dark:
        """The one that was told of first; the asking target itself is the last."""
        told = [d for d in dark[:-1] if d.target.cause]
        return min(told, key=lambda d: (d.target.since, d.target.id), default=dark[-1])
