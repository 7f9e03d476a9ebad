"""What the judging engine said, kept in the database: events, incidents, snapshots of the engine.

Owner of the tables `events`, `incidents` and `snapshots`. After a restart the engine says the
newest part again; an event is known by (seq, index), so what is written twice is there once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from pydantic import TypeAdapter

from collector.database import Database, events, incidents, snapshots, upsert
from collector.events import Event, EventKind
from collector.incident import Incident, IncidentState

KEPT_SNAPSHOTS = 3
"""The newest may turn out to be of no use to an older program; the one before it then serves."""

_EVENT = TypeAdapter(Event)
_INCIDENT = TypeAdapter(Incident)
_INCIDENT_KINDS = (
    EventKind.INCIDENT_OPENED,
    EventKind.INCIDENT_UPDATED,
    EventKind.INCIDENT_RESOLVED,
)
_FINDING_KINDS = (EventKind.FINDING_OPENED, EventKind.FINDING_CLOSED)

Alongside = Callable[[sa.Connection, Sequence[Event]], None]
"""Writes something that must stand or fall with the events; gets only those that are new."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The engine's knowledge after the journal entry `seq`."""

    seq: int
    engine: bytes


def _nothing(connection: sa.Connection, fresh: Sequence[Event]) -> None:
    """Nothing is written alongside."""


class Store:
    """Incidents and events on disk. Calls block on the disk; safe to use from several threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, said: Sequence[Event], alongside: Alongside = _nothing) -> list[Event]:
        """Keeps what the engine said, in one transaction; returns the events that were new."""
        with self._database.write() as connection:
            fresh = [event for event in said if _insert(connection, event)]
            for event in fresh:
                if event.incident is not None:
                    _put_incident(connection, event.seq, event.incident)
            alongside(connection, fresh)
        return fresh

    def save_snapshot(self, seq: int, engine: bytes, now: float) -> None:
        """Keeps the engine's knowledge after `seq`, and forgets all but the newest few."""
        with self._database.write() as connection:
            row = {"seq": seq, "taken_at": now, "engine": engine}
            connection.execute(
                upsert(connection, snapshots)
                .values(row)
                .on_conflict_do_update(index_elements=["seq"], set_=row)
            )
            newest = sa.select(snapshots.c.seq).order_by(snapshots.c.seq.desc())
            kept = list(connection.scalars(newest.limit(KEPT_SNAPSHOTS)))
            connection.execute(sa.delete(snapshots).where(snapshots.c.seq < min(kept)))

    def snapshots(self) -> list[Snapshot]:
        """The snapshots, newest first."""
        with self._database.read() as connection:
            rows = connection.execute(
                sa.select(snapshots.c.seq, snapshots.c.engine).order_by(snapshots.c.seq.desc())
            )
            return [Snapshot(row.seq, row.engine) for row in rows]

    def incident(self, incident_id: str) -> Incident | None:
        """An incident as it stood last, however old."""
        with self._database.read() as connection:
            text = connection.scalar(
                sa.select(incidents.c.document).where(incidents.c.id == incident_id)
            )
        return _INCIDENT.validate_json(text) if text is not None else None

    def resolved_incidents(self, limit: int = 100) -> list[Incident]:
        """The incidents that are over, the latest first."""
        with self._database.read() as connection:
            rows = connection.scalars(
                sa.select(incidents.c.document)
                .where(incidents.c.state == IncidentState.RESOLVED.value)
                .order_by(incidents.c.resolved_at.desc(), incidents.c.id)
                .limit(limit)
            )
            return [_INCIDENT.validate_json(text) for text in rows]

    def history(self, incident: Incident) -> list[Event]:
        """Everything that happened to an incident, in order."""
        named = f'%"id":"{incident.id}"%'
        query = (
            sa.select(events.c.document)
            .where(events.c.kind.in_([kind.value for kind in _INCIDENT_KINDS]))
            .where(events.c.at >= incident.opened_at, events.c.at <= incident.updated_at)
            .where(events.c.document.like(named))
        )
        return [e for e in self._events(query) if e.incident and e.incident.id == incident.id]

    def findings_of(self, target: str, since: float, limit: int = 100) -> list[Event]:
        """The findings of one target that came and went since `since`, in order."""
        query = (
            sa.select(events.c.document)
            .where(events.c.kind.in_([kind.value for kind in _FINDING_KINDS]))
            .where(events.c.at >= since)
            .where(events.c.document.like(f'%"subject":"%:{target}"%'))
            .limit(limit)
        )
        return [e for e in self._events(query) if e.finding and e.finding.target == target]

    def _events(self, query: sa.Select[str]) -> list[Event]:
        with self._database.read() as connection:
            texts = connection.scalars(query.order_by(events.c.seq, events.c.idx))
            return [_EVENT.validate_json(text) for text in texts]


def _insert(connection: sa.Connection, event: Event) -> bool:
    """Whether the event was new."""
    written = connection.execute(
        upsert(connection, events)
        .values(
            seq=event.seq,
            idx=event.index,
            at=event.at,
            kind=event.kind.value,
            document=_EVENT.dump_json(event).decode(),
        )
        .on_conflict_do_nothing()
    )
    return written.rowcount == 1


def _put_incident(connection: sa.Connection, seq: int, incident: Incident) -> None:
    row = {
        "id": incident.id,
        "cause": incident.cause,
        "site": incident.site,
        "state": incident.state.value,
        "opened_at": incident.opened_at,
        "resolved_at": incident.resolved_at,
        "seq": seq,
        "document": _INCIDENT.dump_json(incident).decode(),
    }
    connection.execute(
        upsert(connection, incidents)
        .values(row)
        .on_conflict_do_update(index_elements=["id"], set_=row, where=incidents.c.seq <= row["seq"])
    )
