"""The judging engine: a pure, deterministic function of the ordered journal.

No wall clock, no randomness, no I/O: a restart is snapshot and replay of the tail, and the same entries
give the same events, byte for byte.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from collector.incidents import Incident
from collector.journal import Entry
from collector.rule import Finding, Severity
from collector.state import HealthState
from collector.words import Sentence
from inventory.inventory import Inventory


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
    """A message that the district's people should get. Its id is the same after a replay, so the outbox
    takes it once. incidents: what it speaks of, as they stood; more than one only for a summary of a backlog.
    about: opened, worsened, resolved, acknowledged or summary.
    """

    id: str
    about: str
    severity: Severity
    incidents: tuple[Incident, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """Something changed. at: event time in seconds since 1970; seq, index: the journal entry that caused it
    and the place within it, together unique and in order.
    """

    seq: int
    index: int
    at: float
    kind: EventKind
    finding: Finding | None = None
    incident: Incident | None = None
    notification: Notification | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """How a target is. since: event time of the last change of state; measured_at: of its newest
    measurement, None before the first; cause: the incident's cause that explains it, or empty.
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
    heard_at: when anything of it last arrived, by the collector's clock.
    """

    agent: str
    site: str
    watermark: float
    heard_at: float
    silent: bool
    version: str


class Engine:
    """Judges journal entries in order. Start it empty or from a snapshot, then `apply` each entry once."""

    inventory: Inventory
    now: float
    """Newest time seen in the journal, seconds since 1970."""
    seq: int
    """The last entry applied."""

    def __init__(self, inventory: Inventory) -> None:
        raise NotImplementedError

    def apply(self, entry: Entry) -> list[Event]:
        """Judges one entry and returns what changed, in order."""
        raise NotImplementedError

    def snapshot(self) -> bytes:
        """All that the engine knows, as JSON; the same knowledge gives the same bytes."""
        raise NotImplementedError

    @classmethod
    def restore(cls, inventory: Inventory, snapshot: bytes) -> Engine:
        """The engine as it stood at `snapshot`."""
        raise NotImplementedError

    def health_of(self, target: str) -> Health:
        """How a device or service is now."""
        raise NotImplementedError

    def site_state(self, site: str) -> HealthState:
        """The worst state among the site's targets that is its own (unreachable counts as down)."""
        raise NotImplementedError

    def findings(self) -> Sequence[Finding]:
        """The findings that stand, oldest first."""
        raise NotImplementedError

    def open_incidents(self) -> Sequence[Incident]:
        """Incidents that are not resolved, worst and oldest first."""
        raise NotImplementedError

    def incident(self, incident_id: str) -> Incident | None:
        """An incident that is open or was resolved in the last week."""
        raise NotImplementedError

    def agents(self) -> Sequence[AgentView]:
        """The agents heard of, by id."""
        raise NotImplementedError

    def latest(
        self, target: str
    ) -> dict[tuple[str, tuple[tuple[str, str], ...]], tuple[float, float]]:
        """Newest (event time, value) of each of the target's series: key is metric and instance labels."""
        raise NotImplementedError

    def recent(self, target: str, metric: str) -> list[tuple[float, float]]:
        """The last points (event time, value; at most 60) kept for drawing, of the worst-off instance."""
        raise NotImplementedError
