"""Incidents: one fault, one incident, from the first finding until all is well again."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from collector.rule import Finding, Severity
from collector.words import Sentence


class IncidentState(StrEnum):
    """Where an incident stands."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Incident:
    """What people are told about: one cause and everything that follows from it.

    id: short, stable, the same after a replay. cause: `device:ID`, `link:ID`, `site:ID` or `agent:ID`.
    since: event time (seconds since 1970) at which the trouble began; opened_at: when it was declared;
    resolved_at: event time of the end. affected: ids of the targets that suffer from the cause, the cause's
    own device not among them. late: told by a backlog, after the fact. revision: rises with every change.
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
