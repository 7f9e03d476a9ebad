"""Lays what the rules find to what causes it, and waits where that cannot be told yet."""

from __future__ import annotations

from collector import reachability
from collector.advice import PATH_RULES, harms_the_way
from collector.announce import Announcer
from collector.blame import Blamer
from collector.fact import Fact
from collector.history import HOUR
from collector.rule import Finding, Rule, Severity
from collector.rules.loss import mean_loss
from collector.state import AgentState, Standing, TargetState
from collector.surroundings import Surroundings
from collector.way import Way, Ways
from inventory.inventory import Inventory
from telemetry.catalogue import ICMP_LOSS_RATIO

EXPLAINED_SECONDS = 900.0
"""How long after the fault nearer to the centre a bad way may still show in what is averaged."""

DOUBT_SECONDS = 1800.0
"""How long it waits for a fault nearer to the centre that may be but is not yet sure."""

ALIKE_SHARE = 0.5
"""Who shows half as much of it shows it for the same reason, but for chance."""


class Laying:
    """Finds the cause of a finding and speaks, or lets it wait for something nearer to the centre."""

    def __init__(
        self, inventory: Inventory, surroundings: Surroundings, announcer: Announcer
    ) -> None:
        self._inventory = inventory
        self._surroundings = surroundings
        self._announcer = announcer
        self._blamer = Blamer(inventory, surroundings, announcer.is_open)
        self._ways = Ways(inventory, surroundings)

    def wait_until(self, target: TargetState, standing: Standing) -> float:
        """Until when a fault of the way waits for the same fault to show on the way: two looks, in
        which whoever is nearer has been measured as often; and after that fault is over, until its
        own figures are of the time since.
        """
        if not self._way(target, standing).devices:
            return 0.0
        return max(standing.held_until, standing.opened_at + 2.0 * reachability.period(target))

    def _way(self, target: TargetState, standing: Standing) -> Way:
        site = self._surroundings.site_of(standing.agent) if standing.agent else target.site
        return self._ways.between(site, target.id)

    def is_over_radio(self, office: str, target: str) -> bool:
        """Whether an office sees a device or service over a mobile network."""
        return self._ways.is_over_radio(office, target)

    def is_badly_reached(self, target: TargetState, agent: AgentState, at: float) -> bool:
        """Whether a fault of the way has been found at the target or between it and the agent, or a line
        in between is ill; or was until an hour ago: so long it shows in an hourly mean.
        """
        way = self._ways.between(agent.site, target.id)
        states = [
            state
            for name in (target.id, *way.devices)
            if (state := self._surroundings.state_of(name))
        ]
        if any(
            standing.level and standing.rule in PATH_RULES
            for state in states
            for standing in state.standings.values()
        ):
            return True
        lines = [f"link:{link.id}" for link in way.links]
        causes = [f"device:{state.id}" for state in states] + lines
        return any(self._announcer.harms_the_way(line) for line in lines) or any(
            self._announcer.ended_since(cause, at - HOUR) for cause in causes
        )

    def lay(
        self, rule: Rule, target: TargetState, standing: Standing, finding: Finding, at: float
    ) -> None:
        """Speaks of a finding with its cause. A fault of the way is laid to what shows it on the way,
        the nearest to the centre; what cannot be told yet waits to be asked again.
        """
        first, way = target, None
        if rule.path:
            way = self._way(target, standing)
            if self._is_explained(rule, target, standing, way, at):
                standing.held_until = at + EXPLAINED_SECONDS
                return
            first = self._first_to_show(rule, target, standing, way)
        cause = self._blamer.cause(rule, first, finding, way, at)
        if not cause:
            return
        if rule.path or harms_the_way(finding):
            self._gather(cause, finding, at)
        self._announcer.speak(finding, cause, at)

    def _is_explained(
        self, rule: Rule, target: TargetState, standing: Standing, way: Way, at: float
    ) -> bool:
        """Whether something nearer to the centre explains a bad way, or did until a moment ago."""
        known = self._known_cause(rule, target, standing, way, at)
        if known:
            if self._lies_behind(target.id, known):
                self._announcer.widen(known, target.id, at)
            return True
        causes = [f"device:{name}" for name in way.devices]
        causes += [f"link:{k.id}" for k in way.links if target.id not in k.end_devices]
        since = at - EXPLAINED_SECONDS
        return any(self._announcer.ended_since(cause, since) for cause in causes)

    def _first_to_show(
        self, rule: Rule, target: TargetState, standing: Standing, way: Way
    ) -> TargetState:
        """Of what the same agent sees on the way, the nearest to the centre that shows nearly as much
        of it as the target, though it may bear more: what bears the least must not be blamed for
        speaking first.
        """
        metric = rule.metrics[0]
        own = target.fact(metric, standing.agent) if standing.agent else None
        wanted = ALIKE_SHARE * _lately(own) if own is not None else 0.0
        if wanted <= 0.0:
            return target
        for name in way.devices:
            state = self._surroundings.state_of(name)
            seen = state.fact(metric, standing.agent) if state is not None else None
            if state is not None and seen is not None and _lately(seen) >= wanted:
                return state
        return target

    def _known_cause(
        self, rule: Rule, target: TargetState, standing: Standing, way: Way, at: float
    ) -> str:
        """The cause of a bad way that shows nearer: the same fault at a device on it, for a while also
        one that is not yet sure; another fault of the way that has been told; or a line on it that is
        ill.
        """
        doubts = at < standing.opened_at + DOUBT_SECONDS
        for name in way.devices:
            state = self._surroundings.state_of(name)
            for other in state.standings.values() if state else ():
                if other.agent not in ("", standing.agent):
                    continue  # seen over another way, and that may be what is bad
                same = other.rule == rule.name and (other.level or (doubts and other.bad_since))
                told = other.rule in PATH_RULES and _is_told_aloud(other)
                if same or told:
                    return self._announcer.cause_holding(other.rule, name) or f"device:{name}"
        lines = (f"link:{k.id}" for k in way.links if target.id not in k.end_devices)
        return next((line for line in lines if self._announcer.harms_the_way(line)), "")

    def _lies_behind(self, target: str, cause: str) -> bool:
        """Whether the target is reached through the cause."""
        above = self._door_of(cause)
        return target == above or target in self._inventory.topology.descendants(above)

    def _gather(self, cause: str, finding: Finding, at: float) -> None:
        """Bad ways to what lies behind the cause, told before it was known, were its doing all along."""
        name = self._door_of(cause)
        for below in (name, *self._inventory.topology.descendants(name)):
            if cause != f"device:{below}":
                self._announcer.recast_path(f"device:{below}", finding, cause, at)

    def _door_of(self, cause: str) -> str:
        """The device of a cause, or the one at the lower end of a line."""
        kind, _, name = cause.partition(":")
        link = self._inventory.link(name) if kind == "link" else None
        return link.end_devices[1] if link is not None else name


def _is_told_aloud(standing: Standing) -> bool:
    """Whether people are told of it, not only shown it."""
    return standing.level in (Severity.WARNING.value, Severity.CRITICAL.value)


def _lately(fact: Fact) -> float:
    """How a fact of the way has been: the packets that were lost within the hour, or else the mean of
    the latest looks.
    """
    if fact.metric == ICMP_LOSS_RATIO.name:
        return mean_loss(fact)
    return fact.history.fast if fact.history is not None else fact.value
