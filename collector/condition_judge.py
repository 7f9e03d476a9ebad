"""Runs the rules over the facts that have just changed and keeps their findings."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf

from collector import reachability
from collector.advice import PATH_RULES
from collector.announce import Announcer
from collector.availability import Availability, present_state
from collector.blame import Blamer
from collector.correlate import Surroundings
from collector.evidence import Evidence
from collector.hysteresis import Step, advance
from collector.intake import Feed
from collector.rule import (
    FINE,
    Blame,
    Condition,
    Finding,
    Question,
    Reading,
    Rule,
    Severity,
    is_told,
)
from collector.rules.loss import mean_loss
from collector.state import HealthState, Reach, Standing, TargetState
from collector.way import Way, Ways
from inventory.expectation import Limit
from inventory.inventory import Inventory
from telemetry.catalogue import ICMP_LOSS_RATIO

_PRESENT = frozenset({HealthState.UP, HealthState.DEGRADED})

EXPLAINED_SECONDS = 900.0
"""How long after the fault nearer to the centre a bad way may still show in what is averaged."""

ALIKE_SHARE = 0.5
"""Who loses half as many packets over the hour loses them at the same place, but for chance."""

_FAILING = frozenset({Reach.FAIL, Reach.SUSPECT})

_STRENGTH = {question.value: place for place, question in enumerate(reversed(Question))}


class ConditionJudge:
    """One more look by every rule that a changed fact concerns.

    A standing exists only while something is not fine, so a healthy district costs nothing here.
    """

    def __init__(
        self,
        inventory: Inventory,
        surroundings: Surroundings,
        availability: Availability,
        announcer: Announcer,
    ) -> None:
        self._inventory = inventory
        self._surroundings = surroundings
        self._availability = availability
        self._announcer = announcer
        self._evidence = Evidence(inventory)
        self._blamer = Blamer(inventory, surroundings, announcer.is_open)
        self._ways = Ways(inventory, surroundings)
        self._limits: dict[tuple[str, str], Limit | None] = {}

    def judge(self, feed: Feed, rules: Iterable[Rule], at: float) -> None:
        """Lets these rules of the feed's metric look at its fact."""
        target = feed.target
        for rule in rules:
            limit = self._limit(rule.limit, target.id)
            if limit is None:
                continue
            condition = rule.judge(feed.fact, target, limit, at)
            if condition is None or (condition.reading is Reading.FINE and not target.standings):
                continue  # nearly always
            if self._means_nothing(rule, condition, feed, at):
                continue
            self._advance(rule, feed, self._believed(condition, feed), at)

    def _means_nothing(self, rule: Rule, condition: Condition, feed: Feed, at: float) -> bool:
        """A bad way to a target that does not answer at all is no news."""
        return (
            rule.path
            and condition.reading is not Reading.FINE
            and reachability.reach(feed.target, at) in _FAILING
        )

    def _advance(self, rule: Rule, feed: Feed, condition: Condition, at: float) -> None:
        standings = feed.target.standings
        instance = _instance(rule, feed)
        key = f"{rule.name}|{feed.fact.metric}|{instance}|{rule.question.value}"
        standing = standings.get(key)
        if standing is None:
            if condition.reading is Reading.FINE:
                return
            agent = feed.agent.id if instance != feed.fact.instance else ""
            standing = standings[key] = Standing(rule.name, instance, agent, rule.question.value)
        step = advance(standing, condition, at)
        if step is not Step.NOTHING or standing.level:
            self._follow(rule, feed.target, standing, step, at)
        if condition.reading is Reading.FINE and not standing.level:
            del standings[key]

    def _believed(self, condition: Condition, feed: Feed) -> Condition:
        """The condition, or a fine one where the metric is shown but not proven: it never alarms."""
        if is_told(condition.reading) and self._evidence.unproven(
            feed.target, feed.fact.metric, feed.fact.labels
        ):
            return FINE
        return condition

    def _limit(self, name: str, target: str) -> Limit | None:
        key = (name, target)
        if key not in self._limits:
            self._limits[key] = self._inventory.limit_of(name, target)
        return self._limits[key]

    def _follow(
        self, rule: Rule, target: TargetState, standing: Standing, step: Step, at: float
    ) -> None:
        """Announces what the step changed, and what was held back until now."""
        lead = _strongest(target, standing)
        if lead is None:
            self._announcer.withdraw(self._closed(target, standing), at)
        elif not (rule.path and at < self._heard_from_above(target, lead)):
            finding = self._availability.finding(target, lead)
            if self._is_news(finding, step):
                self._lay_to_cause(rule, target, lead, finding, at)
        if target.state in _PRESENT and step is not Step.NOTHING:
            since = standing.since if step is Step.OPENED else at
            self._availability.ledger.become(target, present_state(target), since)

    def _is_news(self, finding: Finding, step: Step) -> bool:
        """Whether people have yet to hear of the finding, or to hear of it in this way."""
        if not self._announcer.holds(finding):
            return True
        return step is not Step.NOTHING and self._announcer.says_less(finding)

    def _heard_from_above(self, target: TargetState, standing: Standing) -> float:
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

    def _lay_to_cause(
        self, rule: Rule, target: TargetState, standing: Standing, finding: Finding, at: float
    ) -> None:
        """A fault of the way is laid to what shows it on the way, the nearest to the centre."""
        way = self._way(target, standing) if rule.path else None
        known = self._known_cause(rule, target, way) if way is not None else ""
        if known:
            standing.held_until = at + EXPLAINED_SECONDS
            if self._lies_behind(target.id, known):
                self._announcer.widen(known, target.id, at)
            return
        first = self._first_to_lose(rule, target, standing, way) if way is not None else target
        cause = self._blamer.cause(rule, first, finding, way, at)
        if not cause:
            return
        if rule.path or rule.blames is Blame.LINE:
            self._gather(cause, finding, at)
        self._announcer.speak(finding, cause, at)

    def _first_to_lose(
        self, rule: Rule, target: TargetState, standing: Standing, way: Way
    ) -> TargetState:
        """Of what the same agent sees on the way, the nearest to the centre that loses as many packets
        as the target, though it may bear more: what bears the least must not be blamed for speaking
        first.
        """
        if ICMP_LOSS_RATIO.name not in rule.metrics:
            return target
        own = target.fact(ICMP_LOSS_RATIO.name, standing.agent) if standing.agent else None
        wanted = ALIKE_SHARE * mean_loss(own) if own is not None else inf
        for name in way.devices:
            state = self._surroundings.state_of(name)
            seen = state.fact(ICMP_LOSS_RATIO.name, standing.agent) if state is not None else None
            if state is not None and seen is not None and mean_loss(seen) >= wanted:
                return state
        return target

    def _known_cause(self, rule: Rule, target: TargetState, way: Way) -> str:
        """The cause of a bad way that shows nearer: the same fault at a device on it, another fault of
        the way that has been told of it, or a line on it that is ill.
        """
        for name in way.devices:
            state = self._surroundings.state_of(name)
            for standing in state.standings.values() if state else ():
                same = standing.rule == rule.name and (standing.level or standing.bad_since)
                if same or (standing.rule in PATH_RULES and _is_told_aloud(standing)):
                    told = self._announcer.cause_holding(standing.rule, name)
                    return told or f"device:{name}"
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

    def _closed(self, target: TargetState, standing: Standing) -> Finding:
        """The finding that has just closed, as it was announced last."""
        standing.level = Severity.WARNING.value
        finding = self._availability.finding(target, standing)
        standing.level = ""
        return finding


def _instance(rule: Rule, feed: Feed) -> str:
    """What the finding is about; faults of the way are kept apart by who sees them from afar."""
    if rule.path and feed.agent.site != feed.target.site:
        return "/".join(part for part in (feed.fact.instance, feed.agent.id) if part)
    return feed.fact.instance


def _is_told_aloud(standing: Standing) -> bool:
    """Whether people are told of it, not only shown it."""
    return standing.level in (Severity.WARNING.value, Severity.CRITICAL.value)


def _strongest(target: TargetState, one: Standing) -> Standing | None:
    """Of all that is announced of the same rule and instance, what weighs most: the severest, then
    the strongest question, then the oldest.
    """
    kin = [
        standing
        for standing in target.standings.values()
        if standing.level and standing.rule == one.rule and standing.instance == one.instance
    ]
    return max(kin, key=_weight, default=None)


def _weight(standing: Standing) -> tuple[int, int, float]:
    rank = Severity(standing.level).rank
    return (rank, _STRENGTH[standing.question], -standing.since)
