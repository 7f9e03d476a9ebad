"""Runs the rules over the facts that have just changed and keeps their findings."""

from __future__ import annotations

from dataclasses import replace

from collector import reachability
from collector.announce import Announcer
from collector.availability import Availability, present_state
from collector.correlate import Surroundings
from collector.evidence import Evidence
from collector.hysteresis import Step, advance
from collector.intake import Feed
from collector.rule import UNSAID, Condition, Finding, Reading, Rule, is_told
from collector.state import HealthState, Reach, Standing, TargetState
from inventory.expectation import Limit
from inventory.inventory import Inventory

_PRESENT = frozenset({HealthState.UP, HealthState.DEGRADED})

# Faults that sit on a line between two devices rather than in one of them.
_ON_THE_LINE = frozenset({"optical_power", "interface_errors"})


class ConditionJudge:
    """One more look by every rule that a changed fact concerns."""

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
        self._limits: dict[tuple[str, str], Limit | None] = {}

    def judge(self, feed: Feed, at: float) -> None:
        """Lets the rules of the feed's metric look at its newest value."""
        for rule in feed.rules:
            limit = self._limit(rule.limit, feed.target.id)
            if limit is None:
                continue
            if rule.path and reachability.reach(feed.target, at) is not Reach.OK:
                continue
            condition = rule.judge(feed.fact, feed.target, limit, at)
            if condition is None:
                continue
            condition = self._believed(condition, feed)
            standing = self._standing(rule, feed)
            step = advance(standing, condition, at)
            if step is not Step.NOTHING or standing.level:
                self._follow(rule, feed.target, standing, step, at)

    def _believed(self, condition: Condition, feed: Feed) -> Condition:
        """The condition, or a fine one where the metric is shown but not proven: it never alarms."""
        if is_told(condition.reading) and self._evidence.unproven(feed.target, feed.fact.metric):
            return replace(condition, reading=Reading.FINE, reason=UNSAID)
        return condition

    def _limit(self, name: str, target: str) -> Limit | None:
        key = (name, target)
        if key not in self._limits:
            self._limits[key] = self._inventory.limit_of(name, target)
        return self._limits[key]

    def _standing(self, rule: Rule, feed: Feed) -> Standing:
        agent = feed.agent.id if rule.path and feed.agent.site != feed.target.site else ""
        instance = "/".join(part for part in (feed.fact.instance, agent) if part)
        key = f"{rule.name}|{feed.fact.metric}|{instance}"
        known = feed.target.standings.get(key)
        if known is None:
            known = Standing(rule.name, instance, agent)
            feed.target.standings[key] = known
        return known

    def _follow(
        self, rule: Rule, target: TargetState, standing: Standing, step: Step, at: float
    ) -> None:
        """Announces what the step changed, and what was held back until now."""
        if step is Step.CLOSED:
            self._announcer.withdraw(self._closed(target, standing), at)
        else:
            finding = self._availability.finding(target, standing)
            untold = step is Step.CHANGED or not self._announcer.holds(finding)
            if untold and not (rule.path and at < self._heard_from_above(target, standing)):
                self._lay_to_cause(rule, target, finding, at)
        if target.state in _PRESENT and step is not Step.NOTHING:
            since = standing.since if step is Step.OPENED else at
            self._availability.become(target, present_state(target), since)

    def _heard_from_above(self, target: TargetState, standing: Standing) -> float:
        """Until when a fault of the way waits for the same fault to show nearer to the centre: two
        looks, in which whoever is nearer has been measured as often.
        """
        if not self._inventory.topology.parents(target.id):
            return 0.0
        return standing.opened_at + 2.0 * reachability.period(target)

    def _lay_to_cause(self, rule: Rule, target: TargetState, finding: Finding, at: float) -> None:
        """A fault of the way is laid to the nearest place to the centre that shows it."""
        if rule.path:
            cause = self._surroundings.nearer_fault(target, rule.name)
            if cause:
                self._announcer.widen(cause, target.id, at)
                return
        self._announcer.speak(finding, self._cause(rule, target, finding), at)

    def _cause(self, rule: Rule, target: TargetState, finding: Finding) -> str:
        if rule.name == "on_battery":
            return f"site:{target.site}"
        if rule.name in _ON_THE_LINE:
            link = self._surroundings.link_at(target.id, finding.instance)
            if link:
                return f"link:{link}"
        return f"device:{target.id}"

    def _closed(self, target: TargetState, standing: Standing) -> Finding:
        """The finding that has just closed, as it was announced last."""
        standing.level = "warning"
        finding = self._availability.finding(target, standing)
        standing.level = ""
        return finding
