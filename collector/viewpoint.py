"""What one agent alone can reach: several places that look at the same target tell a cut line from a
dead box.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from collector import reachability
from collector.state import AgentState, TargetState
from collector.vantage import Reach, Vantage
from inventory.inventory import Inventory
from inventory.link import Link, LinkKind

SETTLED_SECONDS = 15.0
"""A network that is back needs a moment until everybody sees it."""


class Way(StrEnum):
    """Where the way from an agent to a target ends."""

    HERE = "here"  # before the target; whatever lies above it was reached
    ABOVE = "above"  # already above it
    UNSURE = "unsure"  # what lies above has not been measured since
    SOON = "soon"  # the agent has paused, and is about to measure what lies above again


class Viewpoints:
    """Compares how agents at different sites see a target. Reads the state, changes nothing."""

    def __init__(
        self,
        inventory: Inventory,
        targets: Mapping[str, TargetState],
        agents: Mapping[str, AgentState],
    ) -> None:
        self._topology = inventory.topology
        self._targets = targets
        self._agents = agents

    def shut_out(self, target: TargetState, at: float) -> str:
        """The agent of another site that has lost a target which its own office still reaches, or empty.

        The office's answer must be newer than the loss: until then both may be about to fail. An agent
        that looks up to the target, from behind a line of its own, tells of that line and not of the
        target's: whoever looks down the line tells of it, too.
        """
        if target.class_ == reachability.SERVICE_CLASS or all(
            look.ok for look in target.vantages.values()
        ):
            return ""
        looks = reachability.deciding(target)
        inside = [v for v in looks if v.ok and v.fresh(at) and self._is_home(v.agent, target)]
        for look in looks:
            lost = not look.ok and look.fresh(at) and any(_tells_apart(v, look) for v in inside)
            if lost and self._is_lost_from_above(target, look.agent, at):
                return look.agent
        return ""

    def _is_lost_from_above(self, target: TargetState, agent: str, at: float) -> bool:
        return (
            not self._is_home(agent, target)
            and not self._looks_up(agent, target)
            and reachability.reach_from(target, agent, at) is Reach.FAIL
        )

    def lost_since(self, target: TargetState, agent: str) -> float:
        """Since when this agent has had no answer of the target, 0 when it has."""
        lost = [v for v in target.vantages.values() if v.agent == agent and not v.ok]
        return max((v.failing_since for v in lost), default=0.0)

    def way(self, target: TargetState, agent: str, at: float) -> Way:
        """Where the way from `agent` to a target that it has lost ends. Unsure for two looks at most."""
        since = self.lost_since(target, agent)
        lost = [v.at for v in target.vantages.values() if v.agent == agent and not v.ok]
        found = self._above(target.id, agent, since, (at, max(lost, default=at)))
        if found is Way.UNSURE and at >= since + _two_looks(reachability.period(target)):
            return Way.HERE
        return Way.UNSURE if found is Way.SOON else found

    def _above(self, name: str, agent: str, since: float, moments: tuple[float, float]) -> Way:
        parents = [self._parent(p, agent, since, moments) for p in self._topology.parents(name)]
        if not parents:
            return Way.HERE
        return next(way for way in (Way.HERE, Way.SOON, Way.UNSURE, Way.ABOVE) if way in parents)

    def _parent(self, parent: str, agent: str, since: float, moments: tuple[float, float]) -> Way:
        """What a parent means for a child that was lost at `since`: HERE when the parent is fine.

        moments: now, and when the child was looked at last. An agent that pauses knows no less of the
        parent than of the child, and measures it again within two looks once it goes on.
        """
        state = self._targets.get(parent)
        looks = [v for v in reachability.deciding(state) if v.agent == agent] if state else []
        if state is None or not looks:
            return self._above(parent, agent, since, moments)
        now, looked = moments
        period = max(v.period for v in looks)
        seen = [reachability.reach_from(state, agent, moment) for moment in moments]
        known = next((reach for reach in seen if reach is not Reach.UNKNOWN), Reach.UNKNOWN)
        if known is Reach.UNKNOWN:
            soon = now < looked + _two_looks(period)
            return Way.SOON if soon else self._above(parent, agent, since, moments)
        if known is Reach.FAIL:
            return Way.ABOVE
        if known is Reach.OK and any(v.ok and v.at >= since for v in looks):
            return Way.HERE
        begun = max((v.failing_since for v in looks if not v.ok), default=0.0)
        return Way.SOON if now < begun + _two_looks(period) else Way.UNSURE

    def line_into(self, target: str, at: float) -> Link | None:
        """The line over which the target is reached from the centre: the first one on the way up that
        leaves the building. Stops at what answers; None when the inventory has no such line.
        """
        current, nearest = target, None
        for _ in range(len(self._topology.order)):
            parents = self._topology.parents(current)
            for parent in parents:
                link = self._topology.link_between(parent, current)
                if link is not None and link.kind is not LinkKind.LAN:
                    return link
                nearest = nearest or link
            lost = [p for p in parents if not self._answers(p, at)]
            if not lost:
                return nearest
            current = lost[0]
        return nearest

    def _answers(self, name: str, at: float) -> bool:
        """Whether the target is seen well by an agent of another site, which has to cross the line."""
        state = self._targets.get(name)
        return state is not None and any(
            v.ok and v.fresh(at) and not self._is_home(v.agent, state)
            for v in reachability.deciding(state)
        )

    def _looks_up(self, agent: str, target: TargetState) -> bool:
        """Whether the target lies on the way from the agent's site to the centre."""
        known = self._agents.get(agent)
        edges = self._topology.edges_of(known.site) if known is not None else ()
        return any(target.id in self._topology.ancestors(edge) for edge in edges)

    def _is_home(self, agent: str, target: TargetState) -> bool:
        known = self._agents.get(agent)
        return known is not None and known.site == target.site


def _two_looks(period: float) -> float:
    return 2.0 * period + 5.0


def _tells_apart(inside: Vantage, outside: Vantage) -> bool:
    """Whether both have looked since one of them changed: what dies or comes back is not seen by all
    at the same moment.
    """
    return inside.at > outside.failing_since and outside.at > inside.good_since + SETTLED_SECONDS
