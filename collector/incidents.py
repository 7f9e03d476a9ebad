"""The book of incidents: one fault, one incident, however often it comes and goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from collector.foresight import goes_on, only_wear, passes
from collector.incident import Change, Incident, IncidentState, Telling, joined, opened
from collector.rule import Finding
from collector.words import Sentence

REOPEN_SECONDS = 7200.0
"""The same cause within this time is the same trouble again, not a new one: it flaps, or starts anew
and anew.
"""

SETTLE_SECONDS = 900.0
"""An incident that has come back already is believed to be over only after so long without a return:
what comes and goes is told of as one trouble, not as many.
"""

KEPT_SECONDS = 7 * 86400.0
"""How long the engine remembers a resolved incident; the database keeps it for good."""


@dataclass(slots=True)
class IncidentBook:
    """All incidents that are open or were lately. Pure memory, part of the engine's snapshot.

    by_cause: the latest incident of each cause, also under names that its cause had before it was
    understood better; an outage before what wears on at the same element. owner: which incident an
    active finding belongs to, by the finding's key joined with `|`. settling: incidents in which all is
    well, and that are watched until they are believed.
    """

    incidents: dict[str, Incident] = field(default_factory=dict)
    by_cause: dict[str, str] = field(default_factory=dict)
    owner: dict[str, str] = field(default_factory=dict)
    settling: dict[str, bool] = field(default_factory=dict)

    def open_for(self, cause: str) -> Incident | None:
        """The open incident of a cause."""
        incident = self.incidents.get(self.by_cause.get(cause, ""))
        return incident if incident is not None and incident.is_open else None

    def holding(self, finding_key: tuple[str, str, str]) -> Incident | None:
        """The incident to which an active finding belongs."""
        return self.incidents.get(self.owner.get("|".join(finding_key), ""))

    def lately(self, finding_key: tuple[str, str, str], at: float) -> Incident | None:
        """The newest incident that has told of this finding and is open, or ended so short a time ago
        that the finding would be the same trouble again.
        """
        told = [
            incident
            for incident in self.incidents.values()
            if (incident.is_open or at - (incident.resolved_at or at) <= REOPEN_SECONDS)
            and any(finding.key == finding_key for finding in incident.findings)
        ]
        return max(told, key=lambda incident: incident.opened_at, default=None)

    def add(
        self,
        finding: Finding,
        cause: str,
        at: float,
        affected: Sequence[str],
        telling: Telling,
        late: bool,
    ) -> tuple[Incident, Change]:
        """Lays a finding to a cause: opens, reopens or updates the cause's incident."""
        known = self._known(finding, cause, at)
        if known is None:
            incident, change = opened(finding, cause, at, affected, telling, late), Change.OPENED
        else:
            incident, change = joined(known, finding, at, affected, telling, late)
            self.settling.pop(incident.id, None)
        self._keep(incident)
        self.owner["|".join(finding.key)] = incident.id
        return incident, change

    def _known(self, finding: Finding, cause: str, at: float) -> Incident | None:
        """The incident of the cause to which the finding belongs: the one that tells it already, if any;
        None when it is the first of its own.
        """
        holding = self.holding(finding.key)
        if holding is not None and holding.is_open and holding.cause == cause:
            return holding
        known = self.incidents.get(self.by_cause.get(cause, ""))
        if known is not None and self._are_two(finding, known):
            others = [
                incident
                for incident in self.incidents.values()
                if incident.cause == cause and not self._are_two(finding, incident)
            ]
            known = max(others, key=lambda other: (other.is_open, other.opened_at), default=None)
        if known is None or (not known.is_open and at - (known.resolved_at or at) > REOPEN_SECONDS):
            return None
        return known

    def _are_two(self, finding: Finding, incident: Incident) -> bool:
        """Whether they are two troubles though their cause is the same: what will fail some day has not
        made the outage or the bad way of today, and goes on when that is over.
        """
        if passes(finding):
            return only_wear(self._held(incident) or incident.findings)
        return goes_on(finding) and _passes(incident)

    def _held(self, incident: Incident) -> tuple[Finding, ...]:
        """What of an incident has not ended."""
        return tuple(
            finding
            for finding in incident.findings
            if self.owner.get("|".join(finding.key)) == incident.id
        )

    def is_only_wear(self, incident: Incident) -> bool:
        """Whether an incident tells of nothing that has failed."""
        return only_wear(self._held(incident))

    def ended_since(self, cause: str, moment: float) -> list[Incident]:
        """The incidents of a cause that were resolved since then."""
        latest = self.by_cause.get(cause, "")
        return [
            incident
            for incident in self.incidents.values()
            if (incident.cause == cause or incident.id == latest)
            and incident.resolved_at is not None
            and incident.resolved_at >= moment
        ]

    def remove(
        self, finding_key: tuple[str, str, str], at: float, now: float
    ) -> tuple[Incident, Change] | None:
        """An active finding is over; with the last one the incident is resolved. One that has come back
        before is watched for a while first: see `settle`.
        """
        incident_id = self.owner.pop("|".join(finding_key), None)
        if incident_id is None:
            return None
        incident = self.incidents[incident_id]
        changed = replace(incident, updated_at=at, revision=incident.revision + 1)
        if incident_id in self.owner.values():
            self._keep(changed)
            return changed, Change.UPDATED
        if incident.returns and now - at < SETTLE_SECONDS:
            watched = replace(changed, calm_since=at)
            self._keep(watched)
            self.settling[incident_id] = True
            return watched, Change.UPDATED
        return self._resolve(changed, at), Change.RESOLVED

    def settle(self, now: float) -> list[Incident]:
        """Resolves what came back before and has now stayed well for long enough."""
        calm = [self.incidents[incident_id] for incident_id in self.settling]
        over = [i for i in calm if now - (i.calm_since or 0.0) >= SETTLE_SECONDS]
        for incident in over:
            del self.settling[incident.id]
        return [
            self._resolve(
                replace(incident, updated_at=now, revision=incident.revision + 1),
                incident.calm_since or now,
            )
            for incident in over
        ]

    def _resolve(self, incident: Incident, at: float) -> Incident:
        resolved = replace(
            incident,
            state=IncidentState.RESOLVED,
            resolved_at=max(at, incident.since),
            calm_since=None,
        )
        self._keep(resolved)
        for other in self.incidents.values():
            if other.is_open and self.by_cause.get(other.cause) == resolved.id:
                self.by_cause[other.cause] = other.id
        return resolved

    def rename(
        self,
        incident: Incident,
        cause: str,
        at: float,
        telling: Telling,
        reason: Sentence | None = None,
    ) -> Incident:
        """The same trouble, better understood: its cause is another than was thought at first.

        What is laid to the old name of the cause from now on still belongs to it.
        """
        renamed = replace(
            incident,
            cause=cause,
            headline=telling.headline,
            advice=telling.advice,
            reason=reason or incident.reason,
            updated_at=at,
            revision=incident.revision + 1,
        )
        self._keep(renamed)
        return renamed

    def reach(self, incident: Incident, affected: Sequence[str], at: float) -> Incident | None:
        """Sets whom the incident hits; None when that is what it already says."""
        if tuple(affected) == incident.affected:
            return None
        changed = replace(
            incident, affected=tuple(affected), updated_at=at, revision=incident.revision + 1
        )
        self._keep(changed)
        return changed

    def acknowledge(self, incident_id: str, who: str, note: str, at: float) -> Incident | None:
        """Somebody has taken it on; None when there is no such open incident."""
        incident = self.incidents.get(incident_id)
        if incident is None or not incident.is_open:
            return None
        changed = replace(
            incident,
            state=IncidentState.ACKNOWLEDGED,
            acknowledged_by=who,
            note=note,
            updated_at=at,
            revision=incident.revision + 1,
        )
        self._keep(changed)
        return changed

    def forget(self, before: float) -> None:
        """Drops incidents resolved before a moment."""
        gone = [i for i in self.incidents.values() if i.resolved_at and i.resolved_at < before]
        for incident in gone:
            del self.incidents[incident.id]
        if gone:
            known = self.by_cause.items()
            self.by_cause = {cause: name for cause, name in known if name in self.incidents}

    def _keep(self, incident: Incident) -> None:
        self.incidents[incident.id] = incident
        known = self.open_for(incident.cause)
        if known is None or _passes(incident) or not _passes(known):
            self.by_cause[incident.cause] = incident.id


def _passes(incident: Incident) -> bool:
    return any(passes(finding) for finding in incident.findings)
