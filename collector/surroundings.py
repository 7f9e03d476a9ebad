"""A target's place in the district: what lies behind it, what it hangs on, who is at its site."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from collector import reachability
from collector.state import GONE, AgentState, TargetState
from inventory.inventory import Inventory
from telemetry.catalogue import POWER_ON_BATTERY

BATTERY_SECONDS = 600.0
"""A word of the power supply older than this, when everything goes dark, says nothing about it."""


class Surroundings:
    """Answers questions about a target's place in the district. Reads the state, changes nothing."""

    def __init__(
        self,
        inventory: Inventory,
        targets: Mapping[str, TargetState],
        agents: Mapping[str, AgentState],
    ) -> None:
        self._inventory = inventory
        self._topology = inventory.topology
        self._targets = targets
        self._agents = agents

    def behind(self, root: str, since: float) -> tuple[str, ...]:
        """The targets that cannot be reached while `root` is gone, except those that answered
        since.
        """
        cut = {root}
        for target in self._topology.order:
            parents = self._topology.parents(target)
            if target in cut or not parents or not all(parent in cut for parent in parents):
                continue
            state = self._targets.get(target)
            if state is None or not reachability.answered_since(state, since):
                cut.add(target)
        return tuple(target for target in self._topology.order if target in cut and target != root)

    def doors_of(self, site: str) -> tuple[str, ...]:
        """Through which devices a site talks to the centre: its routers, or else its outermost
        devices.
        """
        devices = [d for d in self._inventory.devices if d.site == site]
        routers = tuple(d.id for d in devices if d.class_ in ("router", "firewall"))
        return routers or self._topology.edges_of(site)

    def gone_with(self, devices: Iterable[str], at: float) -> str:
        """The cause with which all of these devices are gone, or empty when one is not."""
        causes = []
        for device in devices:
            state = self._targets.get(device)
            if state is None or state.state not in GONE:
                return ""
            causes.append(state.cause)
        return min(causes, default="")

    def on_battery(self, site: str, since: float) -> bool:
        """Whether a power supply of the site said that the mains was gone, shortly before `since` or
        after it, and that was its newest word.
        """
        return any(
            fact.value == 1.0 and fact.at >= since - BATTERY_SECONDS
            for target in self._targets.values()
            if target.site == site
            for fact in target.facts.values()
            if fact.metric == POWER_ON_BATTERY.name
        )

    def state_of(self, target: str) -> TargetState | None:
        """What is known of a device or service."""
        return self._targets.get(target)

    def at_site(self, site: str) -> list[TargetState]:
        """What is known of a site's devices."""
        return [target for target in self._targets.values() if target.site == site]

    def all_with(self, metric: str) -> list[TargetState]:
        """What is known of all that have ever told this metric."""
        return [
            target
            for target in self._targets.values()
            if any(fact.metric == metric for fact in target.facts.values())
        ]

    def only_seen_by(self, agent: str, at: float) -> tuple[str, ...]:
        """The targets that nobody measures any more when this agent does not."""
        return tuple(
            target.id
            for target in self._targets.values()
            if any(v.agent == agent for v in target.vantages.values())
            and not any(v.agent != agent and v.fresh(at) for v in target.vantages.values())
        )

    def centre(self) -> str:
        """The site on which the others depend: that of the topmost device."""
        top = self._inventory.device(self._topology.order[0])
        return top.site if top is not None else ""

    def site_of(self, agent: str) -> str:
        """The site at which the agent sits, empty for an unknown one."""
        known = self._agents.get(agent)
        return known.site if known is not None else ""

    def is_at(self, agent: str, site: str) -> bool:
        """Whether the agent sits at the site."""
        known = self._agents.get(agent)
        return known is not None and known.site == site
