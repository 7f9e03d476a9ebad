"""What a program is reminded of: what is open, and stays so."""

from __future__ import annotations

import json

from collector.evaluate import Engine
from collector.journal import Entry, EntryKind
from collector.worth_telling import worth_telling
from tests.collector.backlog import BACK, TWO_AGENTS, cut_off
from tests.collector.engine.timetable import START, Timetable, district, run


def test_what_is_open_unless_silenced() -> None:
    """One fault is one incident; whoever silences it is not reminded either."""
    engine, _ = run(Timetable().fail("bac-binh-switch", 300.0), 600.0)
    (incident,) = worth_telling(engine.view)
    assert incident.cause == "device:bac-binh-switch"
    said = {
        "id": "s1",
        "what": "device:bac-binh-switch",
        "from": START,
        "until": START + 9000.0,
        "why": "",
    }
    at_ms = round((START + 610.0) * 1000)
    entry = Entry(engine.seq + 1, EntryKind.SILENCE, at_ms, "lan", json.dumps(said).encode())
    engine.apply(entry)
    assert engine.view.open_incidents()
    assert worth_telling(engine.view) == []


def test_nothing_open() -> None:
    """Nothing to be reminded of."""
    assert worth_telling(Engine(district()).view) == []


def test_a_backlog_is_waited_for() -> None:
    """A switch that died and came back during the cut is at no moment told as dead now."""
    table = Timetable(agents=TWO_AGENTS).fail("bac-binh-switch", 1200.0, 2400.0)
    engine = Engine(table.inventory)
    opened, told = set(), set()
    for entry in cut_off(table, 4500.0):
        engine.apply(entry)
        if entry.at_ms / 1000 >= START + BACK:
            opened |= {incident.cause for incident in engine.view.open_incidents()}
            told |= {incident.cause for incident in worth_telling(engine.view)}
    assert "device:bac-binh-switch" in opened
    assert "device:bac-binh-switch" not in told
