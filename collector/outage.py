"""Tells of what does not answer, and lays each outage to what began it, better if it can be."""

from __future__ import annotations

from collector import reachability
from collector.announce import LATE_SECONDS, Announcer
from collector.common_cause import CommonCauses
from collector.correlate import Explainer, Insight
from collector.knowledge import Knowledge
from collector.ledger import Ledger
from collector.lifeline import Lifeline, Lifelines
from collector.outage_words import UNTRACED, OutageWords
from collector.restless import Restless
from collector.rule import Finding
from collector.state import HealthState, Standing, TargetState
from collector.surroundings import Surroundings
from collector.vantage import Vantage
from collector.viewpoint import Viewpoints, Way
from collector.words import N_, Sentence
from inventory.inventory import Inventory

RULE = "reachability"

RECAST_SECONDS = 300.0
"""How long after the start of a failure its cause may still be understood better."""

OTHER_WAY_SECONDS = 900.0
"""The same for what answers over another way."""


def announced(target: TargetState) -> Standing | None:
    """The outage that is told of a target, None while there is none."""
    standing = target.standings.get(RULE)
    return standing if standing is not None and standing.level else None


class Outages:
    """From a target that is known not to answer to a finding that is laid to a cause."""

    def __init__(
        self,
        inventory: Inventory,
        knowledge: Knowledge,
        announcer: Announcer,
        ledger: Ledger,
        viewpoints: Viewpoints,
    ) -> None:
        self._inventory = inventory
        self._knowledge = knowledge
        self._announcer = announcer
        self._ledger = ledger
        self._viewpoints = viewpoints
        self._explainer = Explainer(inventory, knowledge.targets, knowledge.agents)
        self._surroundings = Surroundings(inventory, knowledge.targets, knowledge.agents)
        self._common = CommonCauses(inventory, knowledge.targets, viewpoints)
        self._restless = Restless(inventory.topology, knowledge.targets, knowledge.book)
        self._lifelines = Lifelines(inventory, knowledge, viewpoints)
        self._words = OutageWords(inventory)

    def declare(self, target: TargetState, cause: str, since: float, at: float) -> None:
        """The target is down since `since`, and the trouble begins here."""
        standing = self._stand(target, since, self._words.unanswered(target))
        self._ledger.become(target, HealthState.DOWN, since)
        lifeline = self._lifeline(target, cause, since, at)
        if lifeline is not None:
            cause, standing.reason = f"link:{lifeline.link.id}", lifeline.reason
        cause = self._with_common_cause(target, standing, cause, at)
        target.cause = self._as_before(target, standing, cause, at)
        self._lay_to_cause(target, standing, at)

    def end(self, target: TargetState, standing: Standing, at: float) -> None:
        """What was told is over."""
        finding = Finding.of(target, standing)
        standing.level = ""
        self._announcer.withdraw(finding, at)

    def shut_out(self, target: TargetState, agent: str, at: float) -> None:
        """Its own office reaches it, `agent` at another place does not: if the way ends here, the line is
        cut.
        """
        link = self._viewpoints.line_into(target.id, at)
        cause = f"link:{link.id}" if link is not None else f"device:{target.id}"
        told = announced(target)
        if told is not None:
            if target.cause == f"device:{target.id}" != cause:
                insight = Insight(cause, self._words.shut_out(target, agent))
                self._recast(target, told, insight, at)
            return
        way = self._viewpoints.way(target, agent, at)
        if way is Way.UNSURE:
            self._knowledge.waiting[target.id] = True
        if way is not Way.HERE:
            return
        since = self._viewpoints.lost_since(target, agent)
        restless = self._restless.above(target.id, since, at)
        if restless:
            self._announcer.widen(restless, target.id, at)
            return
        standing = self._stand(target, since, self._words.shut_out(target, agent))
        target.cause = self._with_common_cause(target, standing, cause, at)
        affected = self._inventory.topology.cut_off_by([target.id])
        self._announcer.speak(Finding.of(target, standing), target.cause, at, affected)

    def was_alive(self, target: TargetState, vantage: Vantage) -> None:
        """Its own office reached what nobody else did: the way to it was cut, not the device dead."""
        standing = announced(target)
        if standing is None or target.cause != f"device:{target.id}":
            return
        agent = self._knowledge.agents[vantage.agent]
        link = self._viewpoints.line_into(target.id, self._knowledge.now)
        if agent.site == target.site and vantage.at > standing.since and link is not None:
            words = N_(
                "Its own office reached it all the while: not the device was dead but the way to it."
            )
            insight = Insight(f"link:{link.id}", Sentence(words))
            self._recast(target, standing, insight, self._knowledge.now)

    def still_fails(self, target: TargetState, standing: Standing, at: float) -> None:
        """Names the cause better if it can be, speaks if maintenance had silenced it before."""
        finding = Finding.of(target, standing)
        if target.state is not HealthState.DOWN:
            self._ledger.become(target, HealthState.DOWN, reachability.failing_since(target, at))
            target.cause = target.cause or f"device:{target.id}"
        if not self._announcer.holds(finding):
            self._lay_to_cause(target, standing, at)
            return
        lifeline = self._lifeline(target, target.cause, standing.since, at)
        if lifeline is not None:
            insight = Insight(f"link:{lifeline.link.id}", lifeline.reason)
            self._recast(target, standing, insight, at)
        if at - standing.since >= RECAST_SECONDS:
            return
        self._note_trace(target, standing, at)
        if target.cause == f"device:{target.id}":
            cause = self._explainer.cause_of(target, standing.since)
            if cause != target.cause:
                self._recast(target, standing, Insight(cause), at)

    def _lifeline(
        self, target: TargetState, cause: str, since: float, at: float
    ) -> Lifeline | None:
        """What proves that a target's line is cut and not the target dead, as long as nothing else has
        told which. A router needs a while until it has found its way over the mobile network.
        """
        if cause != f"device:{target.id}" or at - since >= OTHER_WAY_SECONDS:
            return None
        if self._knowledge.now - at > LATE_SECONDS:
            return None
        return self._lifelines.beside(target, since, at)

    def _stand(self, target: TargetState, since: float, reason: Sentence) -> Standing:
        standing = target.standings.setdefault(RULE, Standing(RULE, "", ""))
        standing.level = self._words.severity(target).value
        standing.since = standing.bad_since = since
        standing.reason = reason
        return standing

    def _as_before(self, target: TargetState, standing: Standing, cause: str, at: float) -> str:
        """The line, when it flaps: its port goes up and down, or it was found to be the line's fault a
        short time ago.
        """
        if cause != f"device:{target.id}":
            return cause
        before = self._knowledge.book.lately(Finding.of(target, standing).key, at)
        if before is not None and before.cause.startswith("link:"):
            return before.cause
        return self._restless.own_line(target.id) or cause

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
            self._ledger.take_back(target)
        if target.state not in (HealthState.UP, HealthState.DEGRADED):
            return
        if all(vantage.ok for vantage in reachability.deciding(target)):
            self._ledger.assume(target, HealthState.UNREACHABLE, since, since)
        else:
            self._ledger.become(target, HealthState.UNREACHABLE, since)
        target.cause = cause

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

    def _pass_on(self, old: str, new: str) -> None:
        """Those laid to the old name of a cause are laid to the new one."""
        for target in self._knowledge.targets.values():
            if target.cause == old:
                target.cause = new
