"""An office that is cut off for an hour and then delivers what its agent measured meanwhile."""

from __future__ import annotations

from collector.journal import Entry, EntryKind
from telemetry.remotewrite import encode
from telemetry.sample import Sample, batch_of
from tests.collector.engine.timetable import START, Timetable

BOXES = ("router", "switch", "ups", "room", "pc", "printer", "camera")
TWO_AGENTS = {"centre": ("core", "olt"), "bac-binh": tuple(f"bac-binh-{box}" for box in BOXES)}
CUT, BACK = 600.0, 4200.0
"""While the office is cut off, its agent measures on; then it delivers ten minutes at a time."""


def cut_off(table: Timetable, until: float) -> list[Entry]:
    """What the centre's agent says every ten seconds, and the office's, late where it was cut off."""
    samples = table.samples(until)
    rows: list[tuple[float, str, list[Sample]]] = []
    for number in range(int(until) // 10):
        low, high = (START + number * 10) * 1000, (START + number * 10 + 10) * 1000
        part = [s for s in samples if low < s.timestamp_ms <= high]
        for agent in ("centre", "bac-binh"):
            own = [s for s in part if s.series.label("agent") == agent]
            at = number * 10 + 10.0
            if agent == "bac-binh" and CUT < at <= BACK:
                at = BACK + (at - CUT) // 600 * 2
            rows.append((at, agent, own))
    rows.sort(key=lambda row: row[0])
    return [
        Entry(n, EntryKind.SAMPLES, round((START + at) * 1000), agent, encode(batch_of(own)))
        for n, (at, agent, own) in enumerate(rows, 1)
    ]
