"""Runs the rules over the facts that have just changed and keeps their findings."""

from __future__ import annotations

from collections.abc import Iterable

from collector import reachability
from collector.announce import Announcer
from collector.availability import Availability, present_state
from collector.evidence import Evidence
from collector.feed import Feed
from collector.hysteresis import Step, advance
from collector.laying import Laying
from collector.rule import (
    FINE,
    Condition,
    Finding,
    Question,
    Reading,
    Rule,
    Severity,
    is_told,
)
from collector.state import HealthState, Standing, TargetState
from collector.surroundings import Surroundings
from collector.vantage import Reach
from inventory.expectation import Limit
from inventory.inventory import Inventory

_PRESENT = frozenset({HealthState.UP, HealthState.DEGRADED})

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
        self._laying = Laying(inventory, surroundings, announcer)
        self._limits: dict[tuple[str, str, str], Limit | None] = {}

    def judge(self, feed: Feed, rules: Iterable[Rule], at: float) -> None:
        """Lets these rules of the feed's metric look at its fact."""
        target = feed.target
        for rule in rules:
            limit = self._limit(rule, feed)
            if limit is None:
                continue
            condition = rule.judge(feed.fact, target, limit, at)
            if condition is None or (condition.reading is Reading.FINE and not target.standings):
                continue  # nearly always
            if self._means_nothing(rule, condition, feed, at):
                continue
            self._advance(rule, feed, self._believed(rule, condition, feed), at)

    def _means_nothing(self, rule: Rule, condition: Condition, feed: Feed, at: float) -> bool:
        """A bad way to a target that does not answer at all is no news, nor is what follows from it."""
        if condition.reading is Reading.FINE:
            return False
        if rule.suffers:
            return self._laying.is_badly_reached(feed.target, feed.agent, at)
        return rule.path and reachability.reach(feed.target, at) in _FAILING

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

    def _believed(self, rule: Rule, condition: Condition, feed: Feed) -> Condition:
        """The condition, or a fine one where the rule does not heed it at this moment, or where the
        metric is shown but not proven: it never alarms.
        """
        if condition.reading is Reading.FINE:
            return FINE
        if rule.heeds is not None and not rule.heeds(feed.fact, feed.target, condition.reading):
            return FINE
        if is_told(condition.reading) and self._evidence.unproven(
            feed.target, feed.fact.metric, feed.fact.labels
        ):
            return FINE
        return condition

    def _limit(self, rule: Rule, feed: Feed) -> Limit | None:
        target, office = feed.target.id, feed.agent.site if rule.path else ""
        key = (rule.limit, target, office)
        if key not in self._limits:
            over_radio = rule.path and self._laying.is_over_radio(office, target)
            self._limits[key] = self._inventory.limit_of(rule.limit, target, over_radio)
        return self._limits[key]

    def _follow(
        self, rule: Rule, target: TargetState, standing: Standing, step: Step, at: float
    ) -> None:
        """Announces what the step changed, and what was held back until now."""
        lead = _strongest(target, standing)
        if lead is None:
            self._announcer.withdraw(self._closed(target, standing), at)
        elif not (rule.path and at < self._laying.wait_until(target, lead)):
            finding = Finding.of(target, lead)
            if self._is_news(finding, step):
                self._laying.lay(rule, target, lead, finding, at)
        if target.state in _PRESENT and step is not Step.NOTHING:
            since = standing.since if step is Step.OPENED else at
            self._availability.ledger.become(target, present_state(target), since)

    def _is_news(self, finding: Finding, step: Step) -> bool:
        """Whether people have yet to hear of the finding, or to hear of it in this way."""
        if not self._announcer.holds(finding):
            return True
        return step is not Step.NOTHING and self._announcer.says_less(finding)

    def _closed(self, target: TargetState, standing: Standing) -> Finding:
        """The finding that has just closed, as it was announced last."""
        standing.level = Severity.WARNING.value
        finding = Finding.of(target, standing)
        standing.level = ""
        return finding


def _instance(rule: Rule, feed: Feed) -> str:
    """What the finding is about; faults of the way are kept apart by who sees them from afar."""
    if rule.path and feed.agent.site != feed.target.site:
        return "/".join(part for part in (feed.fact.instance, feed.agent.id) if part)
    return feed.fact.instance


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
