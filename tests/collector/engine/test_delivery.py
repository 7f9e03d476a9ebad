"""Late or in time, in whatever pieces: the seconds of each state come out the same."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.evaluate import Engine
from inventory.inventory import Inventory
from telemetry.sample import Batch, Sample, batch_of
from tests.collector.engine.timetable import START, Timetable, district

pytestmark = pytest.mark.no_cover  # the same lines many times over; other trials cover them

UNTIL = 1500.0
COMMUNE = ("bac-binh",)
SPANS = st.tuples(st.integers(100, 1300), st.integers(20, 500))
DEAD = ("olt", "bac-binh-onu", "bac-binh-router", "bac-binh-switch", "bac-binh-room")


@cache
def small() -> Inventory:
    """One commune."""
    return district(COMMUNE)


def samples(dead: dict[str, tuple[int, int]]) -> list[Sample]:
    """What the one agent measures while these devices are dead for a while."""
    table = Timetable(inventory=small())
    for device, (start, seconds) in dead.items():
        table.fail(device, float(start), float(start + seconds))
    return table.samples(UNTIL)


def delivered(found: list[Sample], held: tuple[int, int] | None, step: float = 10.0) -> Engine:
    """The engine after all has come in: every `step` seconds, but nothing from `held` until it ends."""
    engine = Engine(small())
    place, seq, at = 0, 0, 0.0
    while at < UNTIL + 300.0:
        at += step
        seq += 1
        upto = at
        if held is not None and held[0] <= at < held[0] + held[1]:
            upto = float(held[0])
        start = place
        while place < len(found) and found[place].timestamp_ms <= (START + upto) * 1000:
            place += 1
        part = Batch(batch_of(found[start:place]).points)
        engine.take_batch(START + min(at, UNTIL), part, seq)
    return engine


def spent(engine: Engine) -> dict[str, dict[str, float]]:
    """Seconds in each state by device."""
    return {device.id: engine.view.seconds_in_states(device.id) for device in small().devices}


@settings(max_examples=12, deadline=None)
@given(st.dictionaries(st.sampled_from(DEAD), SPANS, max_size=3))
def test_sums(dead: dict[str, tuple[int, int]]) -> None:
    """Whatever fails, every second of every device is in exactly one state."""
    engine = delivered(samples(dead), None)
    for seconds in spent(engine).values():
        assert sum(seconds.values()) == pytest.approx(engine.now - START, abs=0.01)
        assert min(seconds.values()) >= 0.0


@settings(max_examples=12, deadline=None)
@given(
    st.dictionaries(st.sampled_from(DEAD), SPANS, max_size=2),
    st.tuples(st.integers(100, 1000), st.integers(60, 480)),
)
def test_late_delivery_comes_to_the_same(
    dead: dict[str, tuple[int, int]], held: tuple[int, int]
) -> None:
    """What is held back for a while and then comes in order ends with the totals of what came in time."""
    found = samples(dead)
    in_time, late = spent(delivered(found, None)), spent(delivered(found, held))
    for device, seconds in late.items():
        assert seconds == pytest.approx(in_time[device], abs=1.0), device
