"""Who at an office still answers another way while its line is dark: then the power there is not out, and it
is the line rather than all that hangs on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from collector import reachability
from collector.knowledge import Knowledge
from collector.state import AgentState, TargetState
from collector.testimony import Sureness, how_sure
from collector.viewpoint import Viewpoints
from collector.words import N_, Sentence
from inventory.device import DeviceClass
from inventory.inventory import Inventory
from inventory.link import Link, LinkKind

TALKED_SECONDS = 60.0
"""So long a measuring computer must be heard before a look that fails: one that comes back together with
its line is heard a moment sooner."""

HEARD_SECONDS = 30.0
"""Whoever was heard so short a time ago is there."""

_MODEM: Mapping[Sureness, str] = {
    Sureness.ALMOST: N_(
        "It left {count} checks in a row without an answer (it should answer each), while "
        "{name} there answers over the mobile network: there is power, so almost certainly "
        "the line is cut."
    ),
    Sureness.PROBABLY: N_(
        "It left {count} checks in a row without an answer (it should answer each), while "
        "{name} there answers over the mobile network: there is power, so probably the line "
        "is cut."
    ),
}
_AGENT: Mapping[Sureness, str] = {
    Sureness.ALMOST: N_(
        "It left {count} checks in a row without an answer (it should answer each), while "
        "the office's measurements arrive over another way: there is power, so almost "
        "certainly the line is cut."
    ),
    Sureness.PROBABLY: N_(
        "It left {count} checks in a row without an answer (it should answer each), while "
        "the office's measurements arrive over another way: there is power, so probably the "
        "line is cut."
    ),
}


@dataclass(frozen=True, slots=True)
class Lifeline:
    """The line that must be cut, and the sentence that says why."""

    link: Link
    reason: Sentence


class Lifelines:
    """Looks for other ways to an office. Reads the state, changes nothing."""

    def __init__(self, inventory: Inventory, knowledge: Knowledge, viewpoints: Viewpoints) -> None:
        self._inventory = inventory
        self._knowledge = knowledge
        self._viewpoints = viewpoints

    def beside(self, target: TargetState, since: float, at: float) -> Lifeline | None:
        """What proves that the line into the office is cut, over which the target is reached; None where
        there is no such line, nothing proves it, or the office itself has lost the target, too.
        """
        link = self._viewpoints.line_into(target.id, at)
        if link is None or link.kind in (LinkKind.LAN, LinkKind.CELLULAR):
            return None
        if self._is_lost_inside(target, since, at):
            return None
        failed = reachability.last_failure(target)
        modems = [
            other.id
            for other in self._knowledge.targets.values()
            if other.site == target.site
            and other is not target
            and self._is_mobile(other, at)
            and self._answered_between(other, since, failed)
        ]
        agent = self._talking_agent(target, since, failed)
        if not modems and agent is None:
            return None
        sure = how_sure(len(modems) + (agent is not None), 0)
        fails = max((v.fails for v in reachability.deciding(target)), default=0)
        values = {"count": str(fails)}
        if modems:
            values["name"] = self._inventory.name_of(modems[0])
        return Lifeline(link, Sentence((_MODEM if modems else _AGENT)[sure], values))

    def _is_lost_inside(self, target: TargetState, since: float, at: float) -> bool:
        return any(
            not vantage.ok and vantage.fresh(at) and vantage.at >= since
            for vantage in reachability.deciding(target)
            if self._knowledge.agents[vantage.agent].site == target.site
        )

    def _is_mobile(self, device: TargetState, at: float) -> bool:
        if device.class_ == DeviceClass.LTE_CPE:
            return True
        link = self._viewpoints.line_into(device.id, at)
        return link is not None and link.kind is LinkKind.CELLULAR

    def _answered_between(self, device: TargetState, since: float, failed: float) -> bool:
        """Whether somebody at another site had an answer of it while the target gave none."""
        return any(
            vantage.ok and since <= vantage.at and vantage.good_since <= failed
            for vantage in reachability.deciding(device)
            if self._knowledge.agents[vantage.agent].site != device.site
        )

    def _talking_agent(self, target: TargetState, since: float, failed: float) -> AgentState | None:
        """The office's agent, if it was heard well before a look at the target failed, and still is."""
        now = self._knowledge.now
        for agent in self._knowledge.agents.values():
            heard = now - agent.heard_at <= HEARD_SECONDS and not agent.lagging
            begun = max(since, agent.talking_since) + TALKED_SECONDS
            if agent.site == target.site and heard and begun <= min(failed, agent.watermark):
                return agent
        return None
