"""Where the samples of each series go, and which rules look at them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from collector.fact import Fact, Keep, fact_key
from collector.knowledge import Knowledge
from collector.rule import Pace, Rule
from collector.state import AGENT_CLASS, AgentState, TargetState
from inventory.inventory import Inventory
from telemetry.catalogue import (
    CATALOGUE,
    CHECK_FAILURES,
    CHECK_UP,
    ICMP_LOSS_RATIO,
    ICMP_RTT_MEDIAN,
    Kind,
)
from telemetry.sample import Series

IDENTITY = frozenset({"site", "device", "class", "agent"})

KEPT = {ICMP_LOSS_RATIO.name: 3600.0, ICMP_RTT_MEDIAN.name: 3600.0, CHECK_FAILURES.name: 1.0}
"""Metrics kept for drawing, and how many seconds of them; of failures just the two newest values."""


LookKey = tuple[str, str, str]
"""What a look at a target is known by: target, agent, check."""


@dataclass(slots=True)
class Feed:
    """Where the samples of one series go. rules: those that look at every value; hourly: those that
    look when an hour is complete. check: the check whose success the metric tells, or empty; look: what
    a look at the target is known by: target, agent, check.
    """

    fact: Fact
    target: TargetState
    agent: AgentState
    rules: tuple[Rule, ...]
    hourly: tuple[Rule, ...]
    check: str
    look: LookKey = field(init=False)

    def __post_init__(self) -> None:
        self.look = (self.target.id, self.agent.id, self.check)


class Feeds:
    """Finds for each series where its samples go; known: those found already, as there are many samples
    to each.
    """

    def __init__(self, inventory: Inventory, knowledge: Knowledge, rules: Iterable[Rule]) -> None:
        self._inventory = inventory
        self._knowledge = knowledge
        self.known: dict[Series, Feed | AgentState] = {}
        self._rules: dict[str, tuple[Rule, ...]] = {}
        for rule in rules:
            for metric in rule.metrics:
                self._rules[metric] = (*self._rules.get(metric, ()), rule)

    def find(self, series: Series, source: str) -> Feed | AgentState:
        """Where a series goes that was not seen before; what is not in the inventory is a sign of life."""
        feed = self.known[series] = self._feed_or_agent(series, source)
        return feed

    def agent(self, name: str, site: str) -> AgentState:
        """The state of the agent of that name, which says that it stands at `site`."""
        known = self._knowledge.agents.get(name)
        if known is None:
            home = name if self._inventory.site(name) is not None else site
            known = self._knowledge.agents[name] = AgentState(name, home)
        return known

    def _feed_or_agent(self, series: Series, source: str) -> Feed | AgentState:
        labels = dict(series.labels)
        agent = self.agent(labels.get("agent") or source or "unknown", labels.get("site", ""))
        device = labels.get("device", "")
        if not device:
            if series.name in self._rules:
                return self._feed_of(series, labels, self._agent_itself(agent), agent)
            return agent
        target = self._target(device)
        if target is None:
            return agent
        return self._feed_of(series, labels, target, agent)

    def _agent_itself(self, agent: AgentState) -> TargetState:
        """The state kept of what an agent says about itself."""
        known = self._knowledge.agent_states.get(agent.id)
        if known is None:
            known = TargetState(agent.id, agent.site, AGENT_CLASS)
            self._knowledge.agent_states[agent.id] = known
        return known

    def _target(self, name: str) -> TargetState | None:
        known = self._knowledge.targets.get(name)
        if known is not None:
            return known
        return target_from(self._inventory, name, self._knowledge)

    def _feed_of(
        self, series: Series, labels: dict[str, str], target: TargetState, agent: AgentState
    ) -> Feed:
        metric = CATALOGUE.get(series.name)
        own = tuple((name, value) for name, value in series.labels if name not in IDENTITY)
        instance = "/".join(value for _, value in own)
        rules = self._rules.get(series.name, ())
        window = max((rule.window_seconds for rule in rules), default=0.0)
        fact = target.facts.setdefault(
            fact_key(series.name, agent.id, instance),
            Fact(
                metric=series.name,
                agent=agent.id,
                instance=instance,
                labels=own,
                counter=metric is not None and metric.kind is Kind.COUNTER,
                window_seconds=max(window, KEPT.get(series.name, 0.0)),
            ),
        )
        self._let_keep(fact, target, rules)
        looking = [rule for rule in rules if rule.metric == series.name]
        by_pace = {pace: tuple(rule for rule in looking if rule.pace is pace) for pace in Pace}
        check = _check_told_by(series.name, labels)
        return Feed(fact, target, agent, by_pace[Pace.SAMPLE], by_pace[Pace.HOUR], check)

    def _let_keep(self, fact: Fact, target: TargetState, rules: tuple[Rule, ...]) -> None:
        """Has the fact carry what the rules ask for; its baseline knows which change matters."""
        for rule in rules:
            fact.keep(rule.keeps)
            limit = self._inventory.limit_of(rule.limit, target.id)
            if Keep.PAST in rule.keeps and fact.past is not None and limit is not None:
                fact.past.baseline.least = 0.5 * abs(limit.degraded or 0.0)


def target_from(inventory: Inventory, name: str, knowledge: Knowledge) -> TargetState | None:
    """Makes the state of a device or service of the inventory; None when it has neither."""
    device = inventory.device(name)
    service = inventory.service(name)
    if device is not None:
        state = TargetState(name, device.site, device.class_.value)
    elif service is not None:
        state = TargetState(name, service.from_[0] if service.from_ else "", "service")
    else:
        return None
    knowledge.targets[name] = state
    return state


def _check_told_by(metric: str, labels: dict[str, str]) -> str:
    if metric == ICMP_LOSS_RATIO.name:
        return "icmp"
    return labels.get("check", "") if metric == CHECK_UP.name else ""
