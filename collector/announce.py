"""From findings to incidents to messages, and what of it must be said now, later or not at all."""

from __future__ import annotations

from collections.abc import Sequence

from collector.advice import HARMING_RULES, PATH_RULES, harms_the_way, telling
from collector.correlate import Insight
from collector.events import Event, EventKind, Notification
from collector.foresight import FORESEEING_RULES
from collector.incident import Change, Incident
from collector.knowledge import Knowledge
from collector.rule import Finding, Severity
from collector.surroundings import Surroundings
from inventory.inventory import Inventory

LATE_SECONDS = 120.0
"""What is judged longer than this after it happened is history: it is told in a summary."""

INQUIRY_SECONDS = 900.0
"""So long after its end an incident may still be understood better: devices have told by then."""

SUMMARY_QUIET_SECONDS = 15.0
"""Agents come back one after another; the summary waits until this long nobody was catching up."""

SUMMARY_LATEST_SECONDS = 900.0
"""… but no longer than this."""

_EVENT_OF = {
    Change.OPENED: EventKind.INCIDENT_OPENED,
    Change.UPDATED: EventKind.INCIDENT_UPDATED,
    Change.WORSENED: EventKind.INCIDENT_UPDATED,
    Change.ACKNOWLEDGED: EventKind.INCIDENT_UPDATED,
    Change.RESOLVED: EventKind.INCIDENT_RESOLVED,
}

_TOLD = frozenset({Change.OPENED, Change.WORSENED, Change.RESOLVED})


class Announcer:
    """Keeps the incident book and collects the events of one journal entry until they are taken."""

    def __init__(
        self, inventory: Inventory, knowledge: Knowledge, surroundings: Surroundings
    ) -> None:
        self._inventory = inventory
        self._knowledge = knowledge
        self._surroundings = surroundings
        self._pending: list[Event] = []
        self._places: dict[str, int] = {}
        self._to_tell: dict[tuple[str, str], float] = {}

    def holds(self, finding: Finding) -> bool:
        """Whether the finding already belongs to an open incident."""
        return self._knowledge.book.holding(finding.key) is not None

    def says_less(self, finding: Finding) -> bool:
        """Whether the open incident tells the same finding as less grave, or by a weaker question."""
        incident = self._knowledge.book.holding(finding.key)
        told = [f for f in incident.findings if f.key == finding.key] if incident else []
        return any(one.weight < finding.weight for one in told)

    def harms_the_way(self, cause: str) -> bool:
        """Whether an open incident of a line still holds a finding by which what goes over it suffers:
        not one that only foresees trouble.
        """
        incident = self._knowledge.book.open_for(cause)
        if incident is None:
            return False
        return any(harms_the_way(one) and self.holds(one) for one in incident.findings)

    def is_open(self, cause: str) -> bool:
        """Whether an incident of this cause is open."""
        return self._knowledge.book.open_for(cause) is not None

    def ended_since(self, cause: str, moment: float) -> bool:
        """Whether an incident of bad ways, or of a line that makes them, was resolved since then."""
        return any(
            finding.rule in HARMING_RULES
            for incident in self._knowledge.book.ended_since(cause, moment)
            for finding in incident.findings
        )

    def cause_holding(self, rule: str, target: str) -> str:
        """The cause to which a rule's finding about a target was laid, empty while it was not."""
        owner = self._knowledge.book.owner
        prefix = f"{rule}|device:{target}|"
        held = (number for key, number in owner.items() if key.startswith(prefix))
        incident = self._knowledge.book.incidents.get(next(held, ""))
        return incident.cause if incident is not None else ""

    def speak(self, finding: Finding, cause: str, at: float, affected: Sequence[str] = ()) -> None:
        """Lays a finding to its cause, unless planned maintenance excuses it."""
        if self._excused(finding, at):
            return
        cause = self._with_outage(finding, cause, at)
        self._explain_silence(finding, cause, at)
        words = telling(self._inventory, finding, cause)
        late = self._is_late(at)
        incident, change = self._knowledge.book.add(finding, cause, at, affected, words, late)
        self._note(at, EventKind.FINDING_OPENED, finding=finding, incident=incident)
        self._changed(incident, change, at)

    def _with_outage(self, finding: Finding, cause: str, at: float) -> str:
        """The cause, or that of the outage of which the finding is a part: a port that hears nothing any
        more from where all is gone. When only the box there had been blamed, it tells that it was the
        line. What is foreseen of a line has no part in it.
        """
        kind, _, name = cause.partition(":")
        link = self._inventory.link(name) if kind == "link" else None
        if link is None or finding.rule == "reachability" or finding.rule in FORESEEING_RULES:
            return cause
        far = f"device:{link.end_devices[1]}"
        outage = self._knowledge.book.holding(("reachability", far, ""))
        if outage is None or not outage.is_open:
            return cause
        if outage.cause == far:
            self.understand(outage, outage.lead, Insight(cause), at)
            return cause
        return outage.cause

    def _explain_silence(self, finding: Finding, cause: str, at: float) -> None:
        """A backlog tells that what the measuring computer hangs on was dead when it fell silent: the
        silence was told already, and is the same trouble.
        """
        hangs = self._inventory.topology.children(finding.target)
        if finding.rule != "reachability" or cause != finding.subject or not hangs:
            return
        for incident in list(self._knowledge.book.incidents.values()):
            silent = incident.rule == "agent_silent" and incident.cause.startswith("agent:")
            at_once = abs(incident.since - finding.since) <= LATE_SECONDS
            if silent and at_once and incident.site == finding.site:
                self.understand(incident, incident.lead, Insight(cause), at)

    def withdraw(self, finding: Finding, at: float) -> None:
        """The finding is over."""
        holding = self._knowledge.book.holding(finding.key)
        if holding is None:
            return
        self._note(at, EventKind.FINDING_CLOSED, finding=finding, incident=holding)
        ended = self._knowledge.book.remove(finding.key, at, self._knowledge.now)
        if ended is not None:
            self._changed(*ended, at)

    def widen(self, cause: str, target: str, at: float) -> None:
        """One more target turns out to suffer from an open cause."""
        incident = self._knowledge.book.open_for(cause)
        if incident is None or target in incident.affected or cause == f"device:{target}":
            return
        changed = self._knowledge.book.reach(incident, (*incident.affected, target), at)
        if changed is not None:
            self._changed(changed, Change.UPDATED, at)

    def recast(self, finding: Finding, insight: Insight, at: float) -> bool:
        """The cause of the incident that holds the finding is better understood now. False when it
        cannot be: there is none, or the better cause has an open incident of its own.
        """
        book = self._knowledge.book
        incident = book.holding(finding.key)
        return incident is not None and self.understand(incident, finding, insight, at)

    def understand(self, incident: Incident, finding: Finding, insight: Insight, at: float) -> bool:
        """The same for an incident that may be over already."""
        book = self._knowledge.book
        other = book.open_for(insight.cause)
        if other is not None and other.id != incident.id and not book.is_only_wear(other):
            return False
        words = telling(self._inventory, finding, insight.cause, insight.carrier)
        renamed = book.rename(incident, insight.cause, at, words, insight.reason)
        self._changed(renamed, Change.UPDATED, at)
        return True

    def recast_path(self, old_cause: str, finding: Finding, cause: str, at: float) -> None:
        """An incident of nothing but bad ways to its cause belongs to what has just been found."""
        incident = self._knowledge.book.open_for(old_cause)
        if incident is not None and all(f.rule in PATH_RULES for f in incident.findings):
            self.understand(incident, finding, Insight(cause), at)

    def acknowledge(self, incident_id: str, who: str, note: str, at: float) -> None:
        """Somebody has taken an incident on."""
        incident = self._knowledge.book.acknowledge(incident_id, who, note, at)
        if incident is not None:
            self._changed(incident, Change.ACKNOWLEDGED, at)

    def take_events(self, seq: int) -> list[Event]:
        """The events since the last call, numbered for the journal entry that caused them."""
        for incident in self._knowledge.book.settle(self._knowledge.now):
            self._changed(incident, Change.RESOLVED, self._knowledge.now)
        self._tell_each()
        self._tell_summary()
        events = [
            Event(seq, index, e.at, e.kind, e.finding, e.incident, e.notification)
            for index, e in enumerate(self._pending)
        ]
        self._pending.clear()
        self._places.clear()
        return events

    def _changed(self, incident: Incident, change: Change, at: float) -> None:
        """Notes the change; updates of the same moment melt into one event."""
        place = self._places.get(incident.id)
        if change is Change.UPDATED and place is not None and self._pending[place].at == at:
            before = self._pending[place]
            self._pending[place] = Event(0, 0, at, before.kind, incident=incident)
        else:
            self._places[incident.id] = len(self._pending)
            self._note(at, _EVENT_OF[change], incident=incident)
        if change is Change.RESOLVED:
            self._knowledge.inquiries[incident.id] = self._knowledge.now + INQUIRY_SECONDS
        if change in _TOLD and incident.severity is not Severity.INFO:
            self._to_tell[(incident.id, change.value)] = at

    def _tell_each(self) -> None:
        """Messages about what is happening now; history goes to the summary."""
        for (incident_id, about), at in self._to_tell.items():
            incident = self._knowledge.book.incidents.get(incident_id)
            if incident is None:
                continue
            if (
                self._is_late(at)
                or incident_id in self._knowledge.summary
                or self._catching_up(incident)
            ):
                self._defer(incident_id)
            else:
                self._notify(f"{incident.id}/{about}/{incident.revision}", about, (incident,), at)
        self._to_tell.clear()

    def _catching_up(self, incident: Incident) -> bool:
        """An office that is back with a backlog is told of together with what the backlog says."""
        agents = (f.target for f in incident.findings if f.subject.startswith("agent:"))
        known = self._knowledge.agents
        return any(agent in known and known[agent].lagging for agent in agents)

    def _defer(self, incident_id: str) -> None:
        knowledge = self._knowledge
        if not knowledge.summary:
            knowledge.summary_latest = knowledge.now + SUMMARY_LATEST_SECONDS
        knowledge.summary[incident_id] = True
        knowledge.summary_due = knowledge.now + SUMMARY_QUIET_SECONDS

    def _tell_summary(self) -> None:
        """One message for all that a backlog brought, once it has arrived."""
        knowledge = self._knowledge
        if knowledge.catching_up:
            knowledge.summary_due = knowledge.now + SUMMARY_QUIET_SECONDS
        due = min(knowledge.summary_due, knowledge.summary_latest)
        if not knowledge.summary or knowledge.now < due:
            return
        known = knowledge.book.incidents
        incidents = tuple(known[name] for name in knowledge.summary if name in known)
        knowledge.summary.clear()
        if incidents:
            last = max(incidents, key=lambda incident: incident.updated_at)
            self._notify(f"summary/{last.id}/{last.revision}", "summary", incidents, knowledge.now)

    def _notify(self, name: str, about: str, incidents: tuple[Incident, ...], at: float) -> None:
        silences = self._knowledge.silences.values()
        wanted = [
            i for i in incidents if not any(s.covers(i, self._knowledge.now) for s in silences)
        ]
        severity = max((i.severity for i in incidents), key=lambda severity: severity.rank)
        held = "" if wanted else "silenced"
        message = Notification(name, about, severity, tuple(wanted) or incidents, held)
        self._note(at, EventKind.NOTIFICATION, notification=message)

    def _note(
        self,
        at: float,
        kind: EventKind,
        finding: Finding | None = None,
        incident: Incident | None = None,
        notification: Notification | None = None,
    ) -> None:
        self._pending.append(Event(0, 0, at, kind, finding, incident, notification))

    def _is_late(self, at: float) -> bool:
        return self._knowledge.now - at > LATE_SECONDS

    def _excused(self, finding: Finding, at: float) -> bool:
        """Whether planned maintenance covers the target. An agent is excused with all of its site, or
        with a device of it on which others hang: the measuring computer may be one of those.
        """
        if finding.subject.startswith("device:"):
            return self._inventory.excused(finding.target, at) is not None
        topology = self._inventory.topology
        devices = [d.id for d in self._inventory.devices if d.site == finding.site]
        excused = [d for d in devices if self._inventory.excused(d, at) is not None]
        return bool(excused) and (excused == devices or any(map(topology.children, excused)))
