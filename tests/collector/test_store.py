"""What the engine said is kept once, whatever happens in between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from collector.database import Database, open_database
from collector.events import Event, EventKind
from collector.incident import IncidentState
from collector.store import KEPT_SNAPSHOTS, Store
from collector.web.timeline import incident_lines
from telemetry.errors import DatabaseError
from tests.collector.fakes import START, events_of, incident, resolved
from tests.collector.test_phrases import phrases


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(f"sqlite:///{tmp_path / 'collector.db'}", START)
    yield opened
    opened.close()


def test_said_twice_is_kept_once(database: Database) -> None:
    """After a restart the engine says the newest part again; nothing comes of it."""
    store, written = Store(database), []

    def alongside(connection: sa.Connection, fresh: Sequence[Event]) -> None:
        written.append(len(fresh))

    said = events_of(7, "opened", incident())
    assert store.record(said, alongside) == said
    assert store.record(said, alongside) == []
    more = events_of(8, "resolved", resolved(incident(), START + 600))
    assert store.record([*said, *more], alongside) == more
    assert written == [2, 0, 2]


def test_an_older_word_does_not_undo_a_newer(database: Database) -> None:
    """Whatever comes in which order, the incident stands as it stood last."""
    store = Store(database)
    over = resolved(incident(), START + 600)
    store.record(events_of(9, "resolved", over))
    store.record(events_of(7, "opened", incident()))
    assert store.incident(over.id) == over


def test_events_stand_or_fall_with_their_messages(database: Database) -> None:
    """When the messages cannot be kept, the events are not kept either, and come again."""
    store = Store(database)

    def broken(connection: sa.Connection, fresh: Sequence[Event]) -> None:
        raise RuntimeError("the power fails here")

    with pytest.raises(RuntimeError):
        store.record(events_of(7, "opened", incident()), broken)
    assert store.incident(incident().id) is None
    assert len(store.record(events_of(7, "opened", incident()))) == 2


def test_lists_for_pages(database: Database) -> None:
    """Those that are over, the latest first, no more than asked for."""
    store = Store(database)
    for number in range(5):
        over = resolved(incident(f"i{number}"), START + 600 + number)
        store.record(events_of(number + 1, "resolved", over))
    store.record(events_of(9, "opened", incident("open")))
    assert [one.id for one in store.resolved_incidents(3)] == ["i4", "i3", "i2"]
    assert store.incident("never") is None


def test_history_is_told_line_by_line(database: Database) -> None:
    """An incident's own events in order, told as people would; what says nothing is left out."""
    store = Store(database)
    first = incident()
    wider = replace(first, affected=("room", "pc", "x"), updated_at=START + 90, revision=2)
    same = replace(wider, updated_at=START + 100, revision=3)
    taken = replace(
        same,
        state=IncidentState.ACKNOWLEDGED,
        acknowledged_by="Chị Hoa",
        note="Đang đến",
        updated_at=START + 120,
        revision=4,
    )
    over = resolved(taken, START + 600)
    again = replace(first, updated_at=START + 700, revision=6)
    steps = [
        (EventKind.INCIDENT_OPENED, first),
        (EventKind.INCIDENT_UPDATED, wider),
        (EventKind.INCIDENT_UPDATED, same),
        (EventKind.INCIDENT_UPDATED, taken),
        (EventKind.INCIDENT_RESOLVED, over),
        (EventKind.INCIDENT_OPENED, again),
    ]
    said = [Event(5, n, one.updated_at, kind, incident=one) for n, (kind, one) in enumerate(steps)]
    store.record([*said, *events_of(6, "opened", incident("20261123-0213-bbbb"))])
    history = store.history(again)
    assert history == said
    assert [(line.text, line.mood) for line in incident_lines(phrases("vi"), history)] == [
        ("It left 3 checks in a row without an answer.", "bad"),
        ("Số thiết bị bị ngắt lúc này: 3", "bad"),
        ("Chị Hoa đang xử lý: Đang đến", "plain"),
        ("Đã xong", "good"),
        ("Tái diễn: It left 3 checks in a row without an answer.", "bad"),
    ]


def test_findings_of_one_device(database: Database) -> None:
    """Only that device's, and only since the time asked for."""
    store, found = Store(database), incident().findings[0]
    other = replace(found, subject="device:switch-2")
    said = [
        Event(1, 0, START, EventKind.FINDING_OPENED, finding=found),
        Event(1, 1, START + 5, EventKind.FINDING_OPENED, finding=other),
        Event(2, 0, START + 60, EventKind.FINDING_CLOSED, finding=found),
    ]
    store.record(said)
    assert store.findings_of("switch", START) == [said[0], said[2]]
    assert store.findings_of("switch", START + 1) == [said[2]]


def test_snapshots(database: Database) -> None:
    """The newest first; a few older ones stay in case that it is of no use."""
    store = Store(database)
    for seq in (10, 20, 30, 40, 50):
        store.save_snapshot(seq, f"at {seq}".encode(), START)
    store.save_snapshot(50, b"again", START)
    kept = store.snapshots()
    assert [one.seq for one in kept] == [50, 40, 30][:KEPT_SNAPSHOTS]
    assert kept[0].engine == b"again"


def test_a_broken_database_is_one_sentence(tmp_path: Path) -> None:
    """A database without tables is an error that a person can read."""
    store = Store(Database(f"sqlite:///{tmp_path / 'empty.db'}"))
    with pytest.raises(DatabaseError):
        store.record(events_of(1, "opened", incident()))
