"""Decides of each target whether it is there, and if not, whose fault that is."""

from __future__ import annotations

from dataclasses import dataclass

from collector import reachability
from collector.announce import Announcer
from collector.common_cause import CommonCauses
from collector.correlate import Insight, Surroundings, Verdict
from collector.knowledge import Knowledge
from collector.ledger import Ledger
from collector.outage_words import UNTRACED, OutageWords
from collector.rule import Finding, Severity
from collector.state import HealthState, Standing, TargetState
from collector.vantage import Reach, Vantage
from collector.viewpoint import Viewpoints, Way
from collector.words import N_, Sentence
from inventory.inventory import Inventory

RULE = "reachability"

_GONE = frozenset({HealthState.DOWN, HealthState.UNREACHABLE})
_NOT_THERE = _GONE | {HealthState.NOT_MEASURED}

RECAST_SECONDS = 300.0
"""How long after the start of a failure its cause may still be understood better."""


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
    ) -> None:
        self._inventory = inventory
        self._knowledge = knowledge
        self._surroundings = surroundings
        self._announcer = announcer
        self._viewpoints = Viewpoints(inventory, knowledge.targets, knowledge.agents)
        self._common = CommonCauses(inventory, knowledge.targets, self._viewpoints)
        self.ledger = Ledger(inventory, knowledge)
        self._words = OutageWords(inventory)

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
                self._is_shut_out(target, agent, at)
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
        if cause or not self._is_announced(target):
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
            if any(moved.get(state) for state in _GONE):
                self._was_alive(target, vantage)
        elif vantage.fails >= vantage.misses_wanted:
            since = vantage.failing_since
            self.ledger.redecide(target, HealthState.DOWN, since, at, {HealthState.NOT_MEASURED})

    def _was_alive(self, target: TargetState, vantage: Vantage) -> None:
        """Its own office reached what nobody else did: the way to it was cut, not the device dead."""
        standing = target.standings.get(RULE)
        if standing is None or not standing.level or target.cause != f"device:{target.id}":
            return
        agent = self._knowledge.agents[vantage.agent]
        link = self._viewpoints.line_into(target.id, self._knowledge.now)
        if agent.site == target.site and vantage.at > standing.since and link is not None:
            words = N_(
                "Its own office reached it all the while: not the device was dead but the way to it."
            )
            insight = Insight(f"link:{link.id}", Sentence(words))
            self._recast(target, standing, insight, self._knowledge.now)

    def _answers(self, target: TargetState, at: float) -> None:
        standing = target.standings.get(RULE)
        announced = standing is not None and standing.level != ""
        if standing is not None and announced:
            if not reachability.steady(target, standing.since, at):
                self._forgive_those_behind(target, at)
                return
            finding = Finding.of(target, standing)
            standing.level = ""
            self._announcer.withdraw(finding, at)
        was_gone = target.state in _GONE
        self._is_there(target, at)
        if was_gone or announced:
            self._forgive_those_behind(target, at)

    def _is_there(self, target: TargetState, at: float) -> None:
        """Somebody has an answer."""
        self._knowledge.waiting.pop(target.id, None)
        if target.state not in (HealthState.UP, HealthState.DEGRADED):
            self.ledger.become(target, present_state(target), reachability.good_since(target, at))
            if not self._is_announced(target):
                target.cause = ""

    def _is_shut_out(self, target: TargetState, agent: str, at: float) -> None:
        """Its own office reaches it, another place does not: if the way ends here, the line is cut."""
        standing = target.standings.get(RULE)
        link = self._viewpoints.line_into(target.id, at)
        cause = f"link:{link.id}" if link is not None else f"device:{target.id}"
        self._is_there(target, at)
        if standing is not None and standing.level:
            if target.cause == f"device:{target.id}" != cause:
                insight = Insight(cause, self._words.shut_out(target, agent))
                self._recast(target, standing, insight, at)
            return
        way = self._viewpoints.way(target, agent, at)
        if way is Way.UNSURE:
            self._knowledge.waiting[target.id] = True
        if way is not Way.HERE:
            return
        standing = target.standings.setdefault(RULE, Standing(RULE, "", ""))
        standing.level = self._words.severity(target).value
        standing.since = standing.bad_since = self._viewpoints.lost_since(target, agent)
        standing.reason = self._words.shut_out(target, agent)
        target.cause = self._with_common_cause(target, standing, cause, at)
        affected = self._inventory.topology.cut_off_by([target.id])
        self._announcer.speak(Finding.of(target, standing), target.cause, at, affected)

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
            self.ledger.become(target, HealthState.UNREACHABLE, since)
            self._announcer.widen(explanation.cause, target.id, at)
        else:
            self._declare_down(target, since, at)

    def _declare_down(self, target: TargetState, since: float, at: float) -> None:
        standing = target.standings.setdefault(RULE, Standing(RULE, "", ""))
        standing.level = self._words.severity(target).value
        standing.since = standing.bad_since = since
        standing.reason = self._words.unanswered(target)
        self.ledger.become(target, HealthState.DOWN, since)
        cause = self._with_common_cause(target, standing, target.cause, at)
        target.cause = self._as_before(target, standing, cause, at)
        self._lay_to_cause(target, standing, at)

    def _as_before(self, target: TargetState, standing: Standing, cause: str, at: float) -> str:
        """The line, when it was found to be the line's fault a short time ago: it flaps."""
        before = self._knowledge.book.lately(Finding.of(target, standing).key, at)
        if cause != f"device:{target.id}" or before is None or not before.cause.startswith("link:"):
            return cause
        return before.cause

    def _with_common_cause(
        self, target: TargetState, standing: Standing, cause: str, at: float
    ) -> str:
        """The cause, or what it has in common with other lines that went dark at the same moment."""
        if cause.startswith("site:"):
            return cause
        common = self._common.of(target, standing.since, RULE, at)
        if common is None:
            return cause
        told = common.first.standings.get(RULE)
        if common.first is target or told is None:
            return common.causes[0]
        for shared in common.causes:
            insight = Insight(shared, common.reason, common.carrier)
            if self._recast(common.first, told, insight, at):
                return shared
        return cause

    def _lay_to_cause(self, target: TargetState, standing: Standing, at: float) -> None:
        affected = self._surroundings.behind(target.id, standing.since)
        for name in affected:
            self._cut_off(name, target.cause, standing.since)
        self._announcer.speak(Finding.of(target, standing), target.cause, at, affected)

    def _cut_off(self, name: str, cause: str, since: float) -> None:
        """Every way to a target is broken and nobody has had an answer of it since: it need not be
        measured to be called unreachable, and what it answers later puts it right.
        """
        target = self._knowledge.targets.get(name)
        if target is None:
            return
        unheard = target.state is HealthState.NOT_MEASURED and target.assumed_from
        if unheard and since < target.since:
            self.ledger.take_back(target)
        if target.state not in (HealthState.UP, HealthState.DEGRADED):
            return
        if all(vantage.ok for vantage in reachability.deciding(target)):
            self.ledger.assume(target, HealthState.UNREACHABLE, since, since)
        else:
            self.ledger.become(target, HealthState.UNREACHABLE, since)
        target.cause = cause

    def _still_fails(self, target: TargetState, standing: Standing, at: float) -> None:
        """Names the cause better if it can be, speaks if maintenance had silenced it before."""
        finding = Finding.of(target, standing)
        if target.state is not HealthState.DOWN:
            self.ledger.become(target, HealthState.DOWN, reachability.failing_since(target, at))
            target.cause = target.cause or f"device:{target.id}"
        if not self._announcer.holds(finding):
            self._lay_to_cause(target, standing, at)
            return
        if at - standing.since >= RECAST_SECONDS:
            return
        self._note_trace(target, standing, at)
        if target.cause == f"device:{target.id}":
            cause = self._surroundings.cause_of(target, standing.since)
            if cause != target.cause:
                self._recast(target, standing, Insight(cause), at)

    def _note_trace(self, target: TargetState, standing: Standing, at: float) -> None:
        """A trace that came after the finding was told goes into its reason."""
        old, reason = standing.reason, self._words.unanswered(target)
        if reason.template == old.template or old.template != UNTRACED:
            return
        standing.reason = reason
        incident = self._knowledge.book.holding(Finding.of(target, standing).key)
        if incident is not None and incident.reason == old:
            self._recast(target, standing, Insight(target.cause, reason), at)

    def _recast(self, target: TargetState, standing: Standing, insight: Insight, at: float) -> bool:
        """Lays the target's incident to a better cause; False when that is taken already."""
        old = target.cause
        if not self._announcer.recast(Finding.of(target, standing), insight, at):
            return False
        self._pass_on(old, insight.cause)
        return True

    def _is_announced(self, target: TargetState) -> bool:
        standing = target.standings.get(RULE)
        return standing is not None and standing.level != ""

    def _pass_on(self, old: str, new: str) -> None:
        """Those laid to the old name of a cause are laid to the new one."""
        for target in self._knowledge.targets.values():
            if target.cause == old:
                target.cause = new


def present_state(target: TargetState) -> HealthState:
    """Up, or degraded while a finding of some weight stands against it."""
    bad = any(
        s.level in (Severity.WARNING.value, Severity.CRITICAL.value)
        for s in target.standings.values()
        if s.rule != RULE
    )
    return HealthState.DEGRADED if bad else HealthState.UP
