"""What comes out of the judging engine: events in order."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from collector.incident import Incident
from collector.rule import Finding, Severity


class EventKind(StrEnum):
    """What may come out of the engine."""

    FINDING_OPENED = "finding_opened"
    FINDING_CLOSED = "finding_closed"
    INCIDENT_OPENED = "incident_opened"
    INCIDENT_UPDATED = "incident_updated"
    INCIDENT_RESOLVED = "incident_resolved"
    NOTIFICATION = "notification"


@dataclass(frozen=True, slots=True)
class Notification:
    """A message that the district's people should get.

    id: the same after a replay, so the outbox takes it once. about: opened, worsened, resolved or
    summary. incidents: what it speaks of, as they stood; more than one only for the summary of a
    backlog. held: why it must not be sent (`silenced`), or empty.
    """

    id: str
    about: str
    severity: Severity
    incidents: tuple[Incident, ...]
    held: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """Something changed. at: event time in seconds since 1970; seq, index: the journal entry that
    caused it and the place within it, together unique and in order. A finding comes with the incident
    that it belongs to.
    """

    seq: int
    index: int
    at: float
    kind: EventKind
    finding: Finding | None = None
    incident: Incident | None = None
    notification: Notification | None = None
