"""From the samples of a journal entry to moments: what was measured of whom at the same time, in
order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from math import isfinite
from operator import itemgetter

from collector import clock_skew
from collector.fact import Fact, Keep, fact_key
from collector.knowledge import Knowledge
from collector.rule import Pace, Rule
from collector.state import AGENT_CLASS, AgentState, TargetState
from collector.vantage import Vantage
from inventory.inventory import Inventory
from telemetry.catalogue import (
    AGENT_BOOT_TIMESTAMP,
    AGENT_BUFFER_SAMPLES,
    AGENT_INFO,
    AGENT_LAST_SHUTDOWN_CLEAN,
    AGENT_LAST_STOP_CLEAN,
    AGENT_START_TIMESTAMP,
    CATALOGUE,
    CHECK_FAILURES,
    CHECK_UP,
    ICMP_LOSS_RATIO,
    ICMP_RTT_MEDIAN,
    Kind,
)
from telemetry.sample import Row, Series

IDENTITY = frozenset({"site", "device", "class", "agent"})

KEPT = {ICMP_LOSS_RATIO.name: 3600.0, ICMP_RTT_MEDIAN.name: 3600.0, CHECK_FAILURES.name: 1.0}
"""Metrics kept for drawing, and how many seconds of them; of failures just the two newest values."""

OWN_REASONS = ("forbidden", "internal")
"""Reasons of `check_failures_total` that tell of whoever asks, not of who is asked."""

GAP_SECONDS = 90.0
"""An agent gives a sign of life every minute; a longer pause in what it measured is a gap."""


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


@dataclass(slots=True)
class Moment:
    """What was measured at one instant. touched: facts that rules look at; turned: those of which
    an
    hour is complete; observed: for each vantage whether its target answered.
    """

    at: float
    touched: list[Feed] = field(default_factory=list)
    turned: list[Feed] = field(default_factory=list)
    observed: dict[LookKey, Feed] = field(default_factory=dict)


class Intake:
    """Knows for each series where its samples go; found once, then one dictionary look-up each."""

    def __init__(self, inventory: Inventory, knowledge: Knowledge, rules: Iterable[Rule]) -> None:
        self._inventory = inventory
        self._knowledge = knowledge
        self._feeds: dict[Series, Feed | AgentState] = {}
        self._rules: dict[str, tuple[Rule, ...]] = {}
        for rule in rules:
            for metric in rule.metrics:
                self._rules[metric] = (*self._rules.get(metric, ()), rule)

    def moments(
        self, rows: Iterable[Row], source: str, heard: Callable[[AgentState], None]
    ) -> Iterator[Moment]:
        """The moments of `rows`, which are in order of event time. `heard` is told of every agent that
        speaks in them.

        Values that are not finite, repeats and samples older than what is known are left out.
        """
        fed: list[tuple[int, Feed, float]] = []
        newest: dict[str, int] = {}
        feeds = self._feeds
        for stamp, series, value in rows:
            feed = feeds.get(series) or self._find(series, source)
            if isinstance(feed, Feed):
                agent = feed.agent
                fed.append((stamp, feed, value))
            else:
                agent = feed
                _hear_itself(agent, series, stamp / 1000.0, value)
            if agent.id not in newest:
                _note_gap(agent, stamp / 1000.0 + agent.skew)
            newest[agent.id] = stamp
        for name, stamp in newest.items():
            agent = self._knowledge.agents[name]
            clock_skew.measure(agent, stamp / 1000.0, self._knowledge.now)
            agent.watermark = max(agent.watermark, stamp / 1000.0 + agent.skew)
            heard(agent)
        if any(self._knowledge.agents[name].skew for name in newest):
            fed = _put_right(fed)
        return self._grouped(fed)

    def _grouped(self, rows: list[tuple[int, Feed, float]]) -> Iterator[Moment]:
        moment = Moment(0.0)
        current = None
        at = 0.0
        for stamp, feed, value in rows:
            if stamp != current:
                if moment.touched or moment.turned or moment.observed:
                    yield moment
                current = stamp
                at = stamp / 1000.0
                moment = Moment(at)
            fact = feed.fact
            if at <= fact.at or not isfinite(value):
                continue
            if fact.take(at, value):
                moment.turned.append(feed)
            if feed.rules:
                moment.touched.append(feed)
            if feed.check:
                moment.observed[feed.look] = feed
        if moment.touched or moment.turned or moment.observed:
            yield moment

    def _find(self, series: Series, source: str) -> Feed | AgentState:
        """Where a series goes that was not seen before; what is not in the inventory is a sign of life."""
        feed = self._feeds[series] = self._feed_or_agent(series, source)
        return feed

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

    def agent(self, name: str, site: str) -> AgentState:
        """The state of the agent of that name, which says that it stands at `site`."""
        known = self._knowledge.agents.get(name)
        if known is None:
            home = name if self._inventory.site(name) is not None else site
            known = self._knowledge.agents[name] = AgentState(name, home)
        return known

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


def answered(target: TargetState, agent: str, check: str, at: float) -> bool:
    """Whether a check that was made at `at` got an answer. A ping that lost everything did not."""
    if check == "icmp":
        loss = target.fact(ICMP_LOSS_RATIO.name, agent)
        if loss is not None and loss.at == at:
            return loss.value < 1.0
    up = target.fact(CHECK_UP.name, agent, check)
    return up is not None and up.value > 0.0


def failed_by_itself(target: TargetState, agent: str, check: str, at: float) -> str:
    """The agent's own reason for which a check at `at` was not made; empty when it was made."""
    for reason in OWN_REASONS:
        fact = target.fact(CHECK_FAILURES.name, agent, f"{check}/{reason}")
        if fact is not None and fact.at == at and _has_risen(fact):
            return reason
    return ""


def _has_risen(counter: Fact) -> bool:
    """Whether the newest value is higher than the one before; the first one ever, if it is the first
    event counted.
    """
    if len(counter.window) < 2:
        return counter.value == 1.0
    return counter.window[-1][1] > counter.window[-2][1]


def vantage_of(
    target: TargetState, agent: str, check: str, interval: float, misses: int
) -> Vantage:
    """How this agent's check sees the target."""
    key = f"{agent}|{check}"
    known = target.vantages.get(key)
    if known is None:
        known = target.vantages[key] = Vantage(agent, check, interval, misses)
    return known


def _check_told_by(metric: str, labels: dict[str, str]) -> str:
    if metric == ICMP_LOSS_RATIO.name:
        return "icmp"
    return labels.get("check", "") if metric == CHECK_UP.name else ""


def _hear_itself(agent: AgentState, series: Series, at: float, value: float) -> None:
    """Takes in what an agent says about itself, each time: after a restart the same must be known."""
    agent.site = series.label("site") or agent.site
    match series.name:
        case AGENT_INFO.name:
            agent.version = series.label("version")
            agent.word_at = at + agent.skew
        case AGENT_BOOT_TIMESTAMP.name:
            agent.booted = value
        case AGENT_START_TIMESTAMP.name:
            if value != agent.started:  # how it ended before is told anew, or not known
                agent.stop_clean = agent.shutdown_clean = None
            agent.started = value
        case AGENT_LAST_STOP_CLEAN.name:
            agent.stop_clean = value > 0.0
        case AGENT_LAST_SHUTDOWN_CLEAN.name:
            agent.shutdown_clean = value > 0.0
        case AGENT_BUFFER_SAMPLES.name:
            agent.buffered = value


def _put_right(rows: list[tuple[int, Feed, float]]) -> list[tuple[int, Feed, float]]:
    """The rows with their agents' clocks put right, in order of that time."""
    right = [(stamp + round(feed.agent.skew * 1000.0), feed, value) for stamp, feed, value in rows]
    right.sort(key=itemgetter(0))
    return right


def _note_gap(agent: AgentState, at: float) -> None:
    """Remembers the latest time of which an agent has sent nothing measured."""
    if agent.watermark and at - agent.watermark > GAP_SECONDS:
        agent.gap_from, agent.gap_until = agent.watermark, at
