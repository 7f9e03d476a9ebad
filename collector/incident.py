"""One incident: what people are told about, from the first finding until all is well again."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

from collector.rule import Finding, Question, Severity
from collector.words import Sentence


class IncidentState(StrEnum):
    """Where an incident stands."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Incident:
    """What people are told about: one cause and everything that follows from it.

    id: short, stable, the same after a replay. cause: `device:ID`, `link:ID`, `site:ID` or
    `agent:ID`. since: event time (seconds since 1970) at which the trouble began; opened_at: when it
    was declared; resolved_at: event time of the end. affected: ids of the targets that suffer from the
    cause, the cause's own device not among them. late: told by a backlog, after the fact. revision:
    rises with every change. question: which of the three gave it its reason. returns: how often it
    came back after all was well; calm_since: since when all has been well, while it is still watched
    because it came back before.
    """

    id: str
    cause: str
    site: str
    state: IncidentState
    severity: Severity
    rule: str
    since: float
    opened_at: float
    updated_at: float
    resolved_at: float | None
    headline: Sentence
    reason: Sentence
    advice: Sentence
    findings: tuple[Finding, ...]
    affected: tuple[str, ...]
    late: bool
    acknowledged_by: str
    note: str
    revision: int
    question: Question = Question.LIMIT
    returns: int = 0
    calm_since: float | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is not resolved; an acknowledged incident is still open."""
        return self.state is not IncidentState.RESOLVED

    @property
    def lead(self) -> Finding:
        """The finding that gave the incident its headline, as it was told last."""
        told = [f for f in self.findings if f.rule == self.rule]
        return told[0] if told else self.findings[0]


class Change(StrEnum):
    """What happened to an incident within one moment."""

    OPENED = "opened"
    UPDATED = "updated"
    WORSENED = "worsened"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Telling:
    """The words of an incident: what is wrong, why we think so, what to try first."""

    headline: Sentence
    advice: Sentence


def opened(
    finding: Finding,
    cause: str,
    at: float,
    affected: Sequence[str],
    telling: Telling,
    late: bool,
) -> Incident:
    """A new incident with its first finding."""
    return Incident(
        id=incident_id(cause, at),
        cause=cause,
        site=finding.site,
        state=IncidentState.OPEN,
        severity=finding.severity,
        rule=finding.rule,
        since=finding.since,
        opened_at=at,
        updated_at=at,
        resolved_at=None,
        headline=telling.headline,
        reason=finding.reason,
        advice=telling.advice,
        findings=(finding,),
        affected=tuple(affected),
        late=late,
        acknowledged_by="",
        note="",
        revision=1,
        question=finding.question,
    )


def joined(
    known: Incident,
    finding: Finding,
    at: float,
    affected: Sequence[str],
    telling: Telling,
    late: bool,
) -> tuple[Incident, Change]:
    """The incident with one more finding; a worse one takes over the headline. What a backlog tells is
    the same trouble, seen better: it has not come back.
    """
    others = tuple(f for f in known.findings if f.key != finding.key)
    worse = finding.severity.rank > known.severity.rank
    reopened = not known.is_open
    returned = (reopened and not late) or known.calm_since is not None
    leads = worse or reopened or _speaks_stronger(known, finding)
    incident = replace(
        known,
        state=IncidentState.OPEN if worse or reopened else known.state,
        severity=finding.severity if leads else known.severity,
        rule=finding.rule if leads else known.rule,
        headline=telling.headline if leads else known.headline,
        reason=finding.reason if leads else known.reason,
        question=finding.question if leads else known.question,
        advice=telling.advice if leads else known.advice,
        findings=(*others, finding),
        affected=tuple(dict.fromkeys((*known.affected, *affected))),
        updated_at=at,
        resolved_at=None,
        revision=known.revision + 1,
        returns=known.returns + returned,
        calm_since=None,
    )
    if reopened:
        return incident, Change.OPENED
    return incident, Change.WORSENED if worse else Change.UPDATED


def _speaks_stronger(known: Incident, finding: Finding) -> bool:
    """Whether what gave the incident its headline is now known by another question."""
    told = next((f for f in known.findings if f.key == finding.key), None)
    leading = finding.rule == known.rule and finding.severity is known.severity
    return leading and told is not None and told.question is not finding.question


def incident_id(cause: str, opened_at: float) -> str:
    """A short id that sorts by time and is the same after a replay: `20261122-0801-k3f9`."""
    moment = datetime.fromtimestamp(opened_at, UTC).strftime("%Y%m%d-%H%M")
    digest = hashlib.sha256(f"{cause}@{opened_at:.3f}".encode()).hexdigest()[:4]
    return f"{moment}-{digest}"
