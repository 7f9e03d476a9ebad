"""Decides of each target whether it is there, and if not, whose fault that is."""

from __future__ import annotations

from itertools import pairwise

from collector import accounting, reachability
from collector.announce import Announcer
from collector.correlate import Surroundings, Verdict
from collector.knowledge import Knowledge
from collector.rule import Finding, Question, Severity
from collector.state import AGENT_CLASS, HealthState, Reach, Standing, TargetState, Vantage
from collector.words import N_, Sentence
from inventory.device import DeviceClass
from inventory.inventory import Inventory

RULE = "reachability"

_GONE = frozenset({HealthState.DOWN, HealthState.UNREACHABLE})

# Nobody's work stops at once when one of these is off.
_LESSER = frozenset({DeviceClass.PRINTER, DeviceClass.WORKSTATION, DeviceClass.CAMERA})

RECAST_SECONDS = 300.0
"""How long after the start of a failure its cause may still be understood better."""


class Availability:
    """Turns looks at a target into its state, its account and, if the fault is its own, a finding."""

    def __init__(
        self,
        inventory: Inventory,
        knowledge: Knowledge,
        surroundings: Surroundings,
        announcer: Announcer,
    ) -> None:
        self._inventory = inventory
        self._knowledge = knowledge
        self._surroundings = surroundings
        self._announcer = announcer

    def look(self, target: TargetState, at: float) -> None:
        """A vantage has looked at the target at `at` (or a parent it waits for was looked at)."""
        if at < target.clock and at < target.clock - 2.0 * reachability.period(target):
            return  # history as another vantage saw it; the present is known better
        target.clock = max(target.clock, at)
        seen = reachability.reach(target, at)
        if seen is Reach.OK:
            self._answers(target, at)
        elif seen is Reach.FAIL:
            self._fails(target, at)

    def go_stale(self, target: TargetState) -> None:
        """Nobody has measured the target for too long: it is not measured, or beyond reach."""
        parents = self._inventory.topology.parents(target.id)
        cause = self._surroundings.gone_with(parents, self._knowledge.now) if parents else ""
        state = HealthState.UNREACHABLE if cause else HealthState.NOT_MEASURED
        self._knowledge.waiting.pop(target.id, None)
        self.become(target, state, target.clock + reachability.period(target))
        target.cause = cause

    def become(self, target: TargetState, state: HealthState, since: float) -> None:
        """Changes the target's state and settles its account."""
        accounting.change(target, state, since, self.excused_seconds(target))

    def excused_seconds(self, target: TargetState) -> accounting.Excused:
        """How much of a span of time was planned maintenance of the target."""

        def seconds(start: float, end: float) -> float:
            edges = {start, end}
            for window in self._inventory.maintenance:
                bounds = (window.from_.timestamp(), window.until.timestamp())
                edges.update(t for t in bounds if start < t < end)
            ordered = sorted(edges)
            return sum(
                b - a
                for a, b in pairwise(ordered)
                if self._inventory.excused(target.id, (a + b) / 2.0)
            )

        return seconds

    def _answers(self, target: TargetState, at: float) -> None:
        standing = target.standings.get(RULE)
        announced = standing is not None and standing.level != ""
        if announced and not reachability.steady(target):
            self._forgive_those_behind(target, at)
            return
        self._knowledge.waiting.pop(target.id, None)
        was_gone = target.state in _GONE
        if standing is not None and announced:
            finding = self.finding(target, standing)
            standing.level = ""
            self._announcer.withdraw(finding, at)
        if target.state not in (HealthState.UP, HealthState.DEGRADED):
            self.become(target, present_state(target), _good_since(target, at))
            target.cause = ""
        if was_gone or announced:
            self._forgive_those_behind(target, at)

    def _forgive_those_behind(self, target: TargetState, at: float) -> None:
        """What could not be reached through this target must be measured again before it speaks."""
        for name in self._inventory.topology.descendants(target.id):
            child = self._knowledge.targets.get(name)
            for vantage in child.vantages.values() if child else ():
                vantage.forgive(at)
        for agent in self._knowledge.agents.values():
            if target.id in self._surroundings.doors_of(agent.site):
                agent.not_before = self._knowledge.now

    def _fails(self, target: TargetState, at: float) -> None:
        standing = target.standings.get(RULE)
        if standing is not None and standing.level:
            self._still_fails(target, standing, at)
            return
        explanation = self._surroundings.explain(target, at)
        if explanation.verdict is Verdict.WAIT:
            self._knowledge.waiting[target.id] = True
            return
        self._knowledge.waiting.pop(target.id, None)
        since = reachability.failing_since(target, at)
        target.cause = explanation.cause
        if explanation.verdict is Verdict.BEHIND:
            self.become(target, HealthState.UNREACHABLE, since)
            self._announcer.widen(explanation.cause, target.id, at)
        else:
            self._declare_down(target, since, at)

    def _declare_down(self, target: TargetState, since: float, at: float) -> None:
        standing = target.standings.setdefault(RULE, Standing(RULE, "", ""))
        standing.level = self._severity(target).value
        standing.since = standing.bad_since = since
        standing.reason = self._reason(target)
        self.become(target, HealthState.DOWN, since)
        self._lay_to_cause(target, standing, at)

    def _lay_to_cause(self, target: TargetState, standing: Standing, at: float) -> None:
        affected = self._surroundings.behind(target.id, standing.since)
        for name in affected:
            self._cut_off(name, target.cause, standing.since)
        self._announcer.speak(self.finding(target, standing), target.cause, at, affected)

    def _cut_off(self, name: str, cause: str, since: float) -> None:
        """Every way to a target is broken and nobody has had an answer of it since: it need not be
        measured to be called unreachable, and what it answers later puts it right.
        """
        target = self._knowledge.targets.get(name)
        if target is not None and target.state in (HealthState.UP, HealthState.DEGRADED):
            self.become(target, HealthState.UNREACHABLE, since)
            target.cause = cause

    def _still_fails(self, target: TargetState, standing: Standing, at: float) -> None:
        """Names the cause better if it can be, speaks if maintenance had silenced it before."""
        finding = self.finding(target, standing)
        if target.state is not HealthState.DOWN:
            self.become(target, HealthState.DOWN, at)
            target.cause = target.cause or f"device:{target.id}"
        if not self._announcer.holds(finding):
            self._lay_to_cause(target, standing, at)
            return
        if target.cause == f"device:{target.id}" and at - standing.since < RECAST_SECONDS:
            cause = self._surroundings.cause_of(target, standing.since)
            if cause != target.cause:
                self._announcer.recast(finding, target.cause, cause, at)
                self._pass_on(target.cause, cause)

    def _pass_on(self, old: str, new: str) -> None:
        """Those laid to the old name of a cause are laid to the new one."""
        for target in self._knowledge.targets.values():
            if target.cause == old:
                target.cause = new

    def finding(self, target: TargetState, standing: Standing) -> Finding:
        """The finding that a standing of this target stands for."""
        kind = AGENT_CLASS if target.class_ == AGENT_CLASS else "device"
        return Finding(
            rule=standing.rule,
            subject=f"{kind}:{target.id}",
            site=target.site,
            instance=standing.instance,
            severity=Severity(standing.level),
            since=standing.since,
            reason=standing.reason,
            question=Question(standing.question),
        )

    def _severity(self, target: TargetState) -> Severity:
        children = self._inventory.topology.children(target.id)
        lesser = target.class_ in _LESSER and not children
        return Severity.WARNING if lesser else Severity.CRITICAL

    def _reason(self, target: TargetState) -> Sentence:
        """What was measured: how often nothing came back, seen from how many places."""
        vantages = [v for v in reachability.deciding(target) if not v.ok]
        if target.class_ == reachability.SERVICE_CLASS:
            return Sentence(
                N_("{count} requests in a row failed, asked from {places} place(s)."),
                _counts(vantages),
            )
        return Sentence(
            N_("It left {count} checks in a row without an answer, asked from {places} place(s)."),
            _counts(vantages),
        )


def present_state(target: TargetState) -> HealthState:
    """Up, or degraded while a finding of some weight stands against it."""
    bad = any(
        s.level in (Severity.WARNING.value, Severity.CRITICAL.value)
        for s in target.standings.values()
        if s.rule != RULE
    )
    return HealthState.DEGRADED if bad else HealthState.UP


def _good_since(target: TargetState, at: float) -> float:
    return min(
        (v.good_since for v in reachability.deciding(target) if v.ok and v.fresh(at)), default=at
    )


def _counts(vantages: list[Vantage]) -> dict[str, str]:
    fails = max((v.fails for v in vantages), default=0)
    return {"count": str(fails), "places": str(len({v.agent for v in vantages}))}
