"""The engine is a function of the journal: restarts, snapshots and repeats change nothing."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.evaluate import Engine
from collector.events import EventKind
from collector.journal import Entry, EntryKind
from collector.untimely import Untimely
from telemetry.errors import SnapshotError
from tests.collector.engine.courier import HOUR, Courier, watched_doors
from tests.collector.engine.timetable import START, district

pytestmark = pytest.mark.no_cover  # the same lines a thousand times over; other trials cover them


@cache
def journal() -> tuple[Entry, ...]:
    """An eventful hour as journal entries: deaths, a silent agent, its backlog, what devices tell."""
    table = watched_doors(offline={"bac-binh": [(2500.0, 2600.0)]})
    table.fail("bac-binh-switch", 300.0, 700.0).fail("olt", 1000.0, 1300.0)
    table.fail("bac-binh-onu", 1500.0, 1900.0).fail("quang-son-room", 200.0, 3000.0)
    table.selves["bac-binh"] = {
        "agent_boot_timestamp_seconds": lambda at: START - 1000.0,
        "agent_start_timestamp_seconds": lambda at: START + (2600.0 if at > 2600.0 else 0.0),
        "agent_last_stop_clean": lambda at: float(at < 2600.0),
    }
    hot = {"cpu": "1"}
    table.series("quang-son-router", "device_cpu_utilization_ratio", lambda at: 0.95, **hot)
    table.series("bac-binh-onu", "device_uptime_seconds", lambda at: 1e6 + at)
    table.series("olt", "optical_receive_power_dbm", lambda at: -20.0 - at / 900, interface="pon-1")
    table.series("core", "interface_receive_errors_total", lambda at: at // 7, interface="ge1")
    table.series("core", "interface_receive_packets_total", lambda at: at * 90, interface="ge1")
    courier = Courier(table, HOUR)
    courier.live(0.0, 1400.0, ("centre", "bac-binh"))
    courier.live(1400.0, 2200.0, ("centre",))
    while courier.deliver("bac-binh", 2200.0, at_most=150):
        pass
    courier.live(2200.0, 2900.0, ("centre", "bac-binh"))
    for at in range(2900, 2960, 10):
        wrong = Untimely("bac-binh", START + at + 5000.0).payload()
        courier.apply(float(at), EntryKind.CLOCK, "bac-binh", wrong)
    courier.live(2960.0, 3000.0, ("centre", "bac-binh"))
    return tuple(courier.entries)


@cache
def uninterrupted() -> tuple[str, bytes]:
    """Events and final snapshot of an engine that never stopped."""
    engine = Engine(district())
    events = [event for entry in journal() for event in engine.apply(entry)]
    assert {event.kind for event in events} == set(EventKind)
    return repr(events), engine.snapshot()


@settings(max_examples=8, deadline=None)
@given(st.sets(st.integers(1, 1100), max_size=5))
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


@pytest.mark.parametrize("seed", ["0", "1", "4242"])
def test_another_machine_says_the_same(seed: str) -> None:
    """Another process, in which sets and hashes fall out otherwise, says and knows the same bytes."""
    program = (
        "import hashlib\n"
        "from tests.collector.engine.test_determinism import uninterrupted\n"
        "said, known = uninterrupted()\n"
        "print(hashlib.sha256(said.encode() + known).hexdigest())\n"
    )
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    told = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    said, known = uninterrupted()
    assert told.stdout.strip() == hashlib.sha256(said.encode() + known).hexdigest()


def test_repeated_samples_change_nothing() -> None:
    """A batch that comes twice says nothing new."""
    once, twice = Engine(district()), Engine(district())
    for entry in journal():
        first = once.apply(entry)
        assert twice.apply(entry) == first
        assert twice.apply(entry) == []
    assert once.view.open_incidents() == twice.view.open_incidents()


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
