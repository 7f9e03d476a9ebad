"""Decides of each target whether it is there, and if not, whose fault that is."""

from __future__ import annotations

from dataclasses import dataclass

from collector import reachability
from collector.announce import Announcer
from collector.blindness import Blindness, Sight
from collector.correlate import Explainer, Verdict
from collector.knowledge import Knowledge
from collector.ledger import Ledger
from collector.outage import RULE, Outages, announced
from collector.restless import Restless
from collector.rule import Severity
from collector.state import GONE, HealthState, TargetState
from collector.surroundings import Surroundings
from collector.vantage import Reach, Vantage
from collector.viewpoint import Viewpoints
from inventory.inventory import Inventory

_NOT_THERE = GONE | {HealthState.NOT_MEASURED}


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a target: when, whether it answered, and how often the inventory wants it looked at."""

    at: float
    ok: bool
    interval: float


class Availability:
    """Turns looks at a target into its state, its account and, if the fault is its own, a finding."""

    def __init__(
        self,
        inventory: Inventory,
        knowledge: Knowledge,
        surroundings: Surroundings,
        announcer: Announcer,
        blindness: Blindness,
    ) -> None:
        self._inventory = inventory
        self._knowledge = knowledge
        self._surroundings = surroundings
        self._announcer = announcer
        self._blindness = blindness
        self._viewpoints = Viewpoints(inventory, knowledge.targets, knowledge.agents)
        self._explainer = Explainer(inventory, knowledge.targets, knowledge.agents)
        self._restless = Restless(inventory.topology, knowledge.targets, knowledge.book)
        self.ledger = Ledger(inventory, knowledge)
        self._outages = Outages(inventory, knowledge, announcer, self.ledger, self._viewpoints)

    def observe(self, target: TargetState, vantage: Vantage, look: Look) -> None:
        """Takes one look of a vantage: silence before it is judged as of then, not as of now."""
        believed = reachability.believed_until(target)
        if target.assumed_from and look.at <= believed:
            agrees = target.state is HealthState.UNREACHABLE and not look.ok
            if look.at >= target.assumed_from and not agrees:
                self.ledger.take_back(target)
        elif look.at > believed and target.clock:
            target.assumed_from = 0.0  # nobody measured meanwhile: what was assumed stands
            if target.state is not HealthState.NOT_MEASURED:
                self.go_stale(target)
                target.assumed_from = 0.0
        before = vantage.at
        vantage.observe(look.at, look.ok, look.interval)
        if look.at < target.clock and self._is_history(target, look.at):
            self._take_history(target, vantage, before)

    def look(self, target: TargetState, at: float) -> None:
        """A vantage has looked at the target at `at` (or a parent it waits for was looked at)."""
        if at < target.clock and self._is_history(target, at):
            return  # as another vantage saw it; the present is known better
        target.clock = max(target.clock, at)
        if at < target.assumed_from:
            return
        seen = reachability.reach(target, at)
        if seen is Reach.OK:
            agent = self._viewpoints.shut_out(target, at)
            if agent:
                self._is_there(target, at)
                self._outages.shut_out(target, agent, at)
            else:
                self._answers(target, at)
        elif seen is Reach.FAIL:
            self._fails(target, at)

    def go_stale(self, target: TargetState) -> None:
        """Nobody has measured the target for too long: it is not measured, or beyond reach."""
        parents = self._inventory.topology.parents(target.id)
        cause = self._surroundings.gone_with(parents, self._knowledge.now) if parents else ""
        state = HealthState.UNREACHABLE if cause else HealthState.NOT_MEASURED
        self._knowledge.waiting.pop(target.id, None)
        self.ledger.assume(
            target, state, target.clock + reachability.period(target), target.clock + 0.001
        )
        if cause or announced(target) is None:
            target.cause = cause

    def _is_history(self, target: TargetState, at: float) -> bool:
        return at < target.clock - 2.0 * reachability.period(target)

    def _take_history(self, target: TargetState, vantage: Vantage, before: float) -> None:
        """What a vantage saw while others were heard of: an answer tells that the target was there, and
        failures tell what was not measured otherwise.
        """
        if not any(vantage is look for look in reachability.deciding(target)):
            return
        at = vantage.at
        if vantage.ok:
            start = before if before and vantage.goods > 1 else at
            moved = self.ledger.redecide(target, HealthState.UP, start, at, _NOT_THERE)
            if any(moved.get(state) for state in GONE):
                self._outages.was_alive(target, vantage)
        elif vantage.fails >= vantage.misses_wanted:
            since = vantage.failing_since
            self.ledger.redecide(target, HealthState.DOWN, since, at, {HealthState.NOT_MEASURED})

    def _answers(self, target: TargetState, at: float) -> None:
        told = announced(target)
        if told is not None:
            if not reachability.steady(target, told.since, at):
                self._forgive_those_behind(target, at)
                return
            self._outages.end(target, told, at)
        was_gone = target.state in GONE
        self._is_there(target, at)
        if was_gone or told is not None:
            self._forgive_those_behind(target, at)

    def _is_there(self, target: TargetState, at: float) -> None:
        """Somebody has an answer."""
        self._knowledge.waiting.pop(target.id, None)
        if target.state not in (HealthState.UP, HealthState.DEGRADED):
            self.ledger.become(target, present_state(target), reachability.good_since(target, at))
            if announced(target) is None:
                target.cause = ""

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
        told = announced(target)
        if told is not None:
            self._outages.still_fails(target, told, at)
            return
        sight = self._blindness.sight(target, at)
        if sight is Sight.BLIND:
            self._is_not_seen(target, at)
            return
        if sight is Sight.UNSURE:
            self._knowledge.waiting[target.id] = True
            return
        explanation = self._explainer.explain(target, at)
        if explanation.verdict is Verdict.WAIT:
            self._knowledge.waiting[target.id] = True
            return
        self._knowledge.waiting.pop(target.id, None)
        since = reachability.failing_since(target, at)
        target.cause = explanation.cause
        if explanation.verdict is Verdict.OWN and target.cause == f"device:{target.id}":
            target.cause = self._restless.above(target.id, since, at) or target.cause
        if explanation.verdict is Verdict.BEHIND or target.cause != explanation.cause:
            self.ledger.become(target, HealthState.UNREACHABLE, since)
            self._announcer.widen(target.cause, target.id, at)
        else:
            self._outages.declare(target, explanation.cause, since, at)

    def _is_not_seen(self, target: TargetState, at: float) -> None:
        """Those who look at it see nothing at all: it is not measured."""
        self._knowledge.waiting.pop(target.id, None)
        if target.state in (HealthState.UP, HealthState.DEGRADED):
            since = reachability.failing_since(target, at)
            self.ledger.become(target, HealthState.NOT_MEASURED, since)


def present_state(target: TargetState) -> HealthState:
    """Up, or degraded while a finding of some weight stands against it."""
    bad = any(
        s.level in (Severity.WARNING.value, Severity.CRITICAL.value)
        for s in target.standings.values()
        if s.rule != RULE
    )
    return HealthState.DEGRADED if bad else HealthState.UP
