"""How things stand, as the engine knows it: what pages, metrics and the API may see of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from collector import accounting, reachability
from collector.fact import DRAWN_POINTS
from collector.feed import target_from
from collector.incident import Incident
from collector.knowledge import Knowledge
from collector.ledger import Ledger
from collector.rule import Finding
from collector.silences import Silence
from collector.state import ILL_FIRST, HealthState, TargetState
from collector.words import Sentence
from inventory.inventory import Inventory
from telemetry.labels import Labels


@dataclass(frozen=True, slots=True)
class Health:
    """How a target is. since: event time of the last change of state; measured_at: of its newest
    measurement, None before the first; cause: the cause that explains it, or empty.
    """

    target: str
    site: str
    state: HealthState
    since: float
    measured_at: float | None
    cause: str
    reason: Sentence | None


@dataclass(frozen=True, slots=True)
class AgentView:
    """What is known of an agent. watermark: up to when (event time) its measurements have arrived;
    heard_at: when anything of it last arrived, by the collector's clock; lagging: it is delivering a
    backlog.
    """

    agent: str
    site: str
    watermark: float
    heard_at: float
    silent: bool
    version: str
    lagging: bool


class View:
    """Reads what the engine knows and changes nothing. inventory: as it is judged by."""

    def __init__(self, inventory: Inventory, knowledge: Knowledge) -> None:
        self.inventory = inventory
        self._knowledge = knowledge
        self._ledger = Ledger(inventory, knowledge)

    @property
    def now(self) -> float:
        """Newest time in the journal, seconds since 1970."""
        return self._knowledge.now

    def health_of(self, target: str) -> Health:
        """How a device or service is now. Raises KeyError when the inventory has no such thing."""
        state = self._knowledge.targets.get(target) or target_from(
            self.inventory, target, Knowledge()
        )
        if state is None:
            raise KeyError(target)
        return Health(
            target=target,
            site=state.site,
            state=self._present(state),
            since=state.since,
            measured_at=state.measured_at or None,
            cause=state.cause,
            reason=_worst_reason(state),
        )

    def _present(self, target: TargetState) -> HealthState:
        if self.inventory.excused(target.id, self.now) is not None:
            return HealthState.EXCUSED
        stale = self.now > reachability.believed_until(target)
        if stale and target.state is not HealthState.UNREACHABLE:
            return HealthState.NOT_MEASURED
        return target.state

    def site_state(self, site: str) -> HealthState:
        """The worst state among the site's devices; a site without any is not measured."""
        states = {self.health_of(d.id).state for d in self.inventory.devices if d.site == site}
        return next((s for s in ILL_FIRST if s in states), HealthState.NOT_MEASURED)

    def seconds_in_states(self, target: str) -> dict[str, float]:
        """Seconds spent in each of the six states since the first measurement of all, up to now."""
        state = self._knowledge.targets.get(target)
        if state is None or not state.account.begun:
            whole = self.now - self._knowledge.begun if self._knowledge.begun else 0.0
            return {s.value: whole if s is HealthState.NOT_MEASURED else 0.0 for s in HealthState}
        return accounting.totals(state, self.now, self._ledger.excused_seconds(state))

    def changes_of(self, target: str) -> list[tuple[float, str]]:
        """The latest changes of state of a target: (since when, which state), oldest first."""
        state = self._knowledge.targets.get(target)
        return list(state.account.changes) if state else []

    def findings(self) -> Sequence[Finding]:
        """The findings that stand, oldest first."""
        found = [
            Finding.of(target, standing)
            for known in (self._knowledge.targets, self._knowledge.agent_states)
            for target in known.values()
            for standing in target.standings.values()
            if standing.level
        ]
        return sorted(found, key=lambda finding: (finding.since, finding.key))

    def open_incidents(self) -> Sequence[Incident]:
        """Incidents that are not resolved, worst and oldest first."""
        found = [i for i in self._knowledge.book.incidents.values() if i.is_open]
        return sorted(found, key=lambda i: (-i.severity.rank, i.opened_at, i.id))

    def incident(self, incident_id: str) -> Incident | None:
        """An incident that is open or was resolved in the last week."""
        return self._knowledge.book.incidents.get(incident_id)

    def silences(self) -> Sequence[Silence]:
        """What nobody wants to be told about for a while, in the order in which it was said."""
        return list(self._knowledge.silences.values())

    def agents(self) -> Sequence[AgentView]:
        """The agents heard of, by id."""
        return [
            AgentView(a.id, a.site, a.watermark, a.heard_at, a.silent, a.version, a.lagging)
            for a in sorted(self._knowledge.agents.values(), key=lambda a: a.id)
        ]

    def latest(self, target: str) -> dict[tuple[str, Labels], tuple[float, float]]:
        """Newest (event time, value) of each of the target's series, by metric and instance labels."""
        state = self._knowledge.targets.get(target)
        facts = sorted(state.facts.values(), key=lambda fact: fact.at) if state else []
        return {(fact.metric, fact.labels): (fact.at, fact.value) for fact in facts if fact.at}

    def recent(self, target: str, metric: str) -> list[tuple[float, float]]:
        """The last points (event time, value) kept for drawing, as the agent sees it that looked
        last.
        """
        state = self._knowledge.targets.get(target)
        facts = [f for f in state.facts.values() if f.metric == metric] if state else []
        newest = max(facts, key=lambda fact: fact.at, default=None)
        return list(newest.window[-DRAWN_POINTS:]) if newest else []


def _worst_reason(target: TargetState) -> Sentence | None:
    """The reason of the gravest finding against the target."""
    order = {"critical": 0, "warning": 1, "info": 2}
    standing = [s for s in target.standings.values() if s.level]
    worst = min(standing, key=lambda s: order[s.level], default=None)
    return worst.reason if worst else None
