"""The engine is a function of the journal: restarts, snapshots and repeats change nothing."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.evaluate import Engine
from collector.journal import Entry, EntryKind
from telemetry.errors import SnapshotError
from telemetry.remotewrite import encode
from telemetry.sample import batch_of
from tests.collector.engine.timetable import START, Timetable, district

pytestmark = pytest.mark.no_cover  # the same lines a thousand times over; other trials cover them


@cache
def journal() -> tuple[Entry, ...]:
    """An eventful half hour as journal entries, a tick between the batches."""
    table = Timetable().fail("bac-binh-switch", 300.0, 700.0).fail("olt", 1000.0, 1300.0)
    table.series(
        "quang-son-router", "device_cpu_utilization_ratio", lambda at: 0.95, every=60.0, cpu="1"
    )
    samples = table.samples(1800.0)
    entries: list[Entry] = []
    for number in range(0, 1800, 10):
        low, high = (START + number) * 1000, (START + number + 10) * 1000
        part = [s for s in samples if low < s.timestamp_ms <= high]
        kind = EntryKind.SAMPLES if part else EntryKind.TICK
        payload = encode(batch_of(part)) if part else b""
        entries.append(Entry(len(entries) + 1, kind, round(high), "centre", payload))
    return tuple(entries)


@cache
def uninterrupted() -> tuple[str, bytes]:
    """Events and final snapshot of an engine that never stopped."""
    engine = Engine(district())
    events = [event for entry in journal() for event in engine.apply(entry)]
    assert events
    return repr(events), engine.snapshot()


@settings(max_examples=15, deadline=None)
@given(st.sets(st.integers(1, 179), max_size=4))
def test_restarts_change_nothing(cuts: set[int]) -> None:
    """Stopped and restored from a snapshot at any places, it says and knows the same, byte for byte."""
    engine = Engine(district())
    events = []
    for place, entry in enumerate(journal()):
        if place in cuts:
            snapshot = engine.snapshot()
            engine = Engine.restore(district(), snapshot)
            assert engine.snapshot() == snapshot
        events += engine.apply(entry)
    assert (repr(events), engine.snapshot()) == uninterrupted()


def test_repeated_samples_change_nothing() -> None:
    """A batch that comes twice says nothing new."""
    once, twice = Engine(district()), Engine(district())
    for entry in journal():
        first = once.apply(entry)
        assert twice.apply(entry) == first
        assert twice.apply(entry) == []
    assert once.open_incidents() == twice.open_incidents()


def test_events_are_numbered_in_order() -> None:
    """Sequence and index are unique and rising, so a store can take each event once."""
    engine = Engine(district())
    places = [(e.seq, e.index) for entry in journal() for e in engine.apply(entry)]
    assert places == sorted(set(places))


def test_snapshot_of_another_version() -> None:
    """What another version wrote is not taken for one's own: the journal tells it anew."""
    old = Engine(district()).snapshot().replace(b'"format":', b'"was":')
    with pytest.raises(SnapshotError):
        Engine.restore(district(), old)
