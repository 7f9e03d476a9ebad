"""In whatever order results arrive, within what a push may take: the same cause, and told once."""

from __future__ import annotations

import random
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.evaluate import Engine
from collector.events import Event
from collector.journal import Entry, EntryKind
from collector.state import HealthState
from collector.vantage import DELIVERY_SECONDS
from inventory.inventory import Inventory
from telemetry.remotewrite import encode
from telemetry.sample import Sample, batch_of
from tests.collector.engine.timetable import START, Timetable, district, named, paced

pytestmark = pytest.mark.no_cover  # the same lines many times over; other trials cover them

PUSH = 5.0
AGENTS = ("centre", "second")
DYING = ("olt", "bac-binh-onu", "bac-binh-router", "bac-binh-switch", "bac-binh-room")


@cache
def commune(pace: float) -> Inventory:
    """One commune that is looked at at this pace."""
    return paced(district(("bac-binh",)), pace)


def measured(pace: float, dead: str, offset: float, chance: random.Random) -> list[Sample]:
    """Two agents at the centre share the devices; each looks at its own moment."""
    names = [device.id for device in commune(pace).devices]
    phases = {name: chance.uniform(0.0, pace) for name in names}
    shares = {name: chance.choice(AGENTS) for name in names}
    agents = {a: tuple(n for n in names if shares[n] == a) for a in AGENTS}
    table = Timetable(inventory=commune(pace), interval=pace, phases=phases, agents=agents)
    start = 8.0 * pace + offset
    return table.fail(dead, start, start + 9.0 * pace).samples(30.0 * pace)


def pushes(found: list[Sample], chance: random.Random) -> list[tuple[float, str, list[Sample]]]:
    """When which push arrives: each agent's in order, each as late as a push may be."""
    arrivals = []
    for agent in AGENTS:
        own = [s for s in found if s.series.label("agent") == agent]
        free = 0.0
        while own:
            sent = own[0].timestamp_ms / 1000.0 - START + PUSH
            part = [s for s in own if s.timestamp_ms / 1000.0 - START < sent]
            del own[: len(part)]
            free = max(free, sent + chance.uniform(0.0, DELIVERY_SECONDS - PUSH))
            arrivals.append((free, agent, part))
    return sorted(arrivals, key=lambda arrival: arrival[:2])


def judged(
    pace: float, arrivals: list[tuple[float, str, list[Sample]]]
) -> tuple[Engine, list[Event]]:
    """The engine after all of it."""
    engine = Engine(commune(pace))
    events: list[Event] = []
    for seq, (at, agent, part) in enumerate(arrivals, 1):
        payload = encode(batch_of(part))
        entry = Entry(seq, EntryKind.SAMPLES, round((START + at) * 1000), agent, payload)
        events += engine.apply(entry)
    return engine, events


@settings(max_examples=30, deadline=None)
@given(
    pace=st.sampled_from([10.0, 30.0, 60.0]),
    dead=st.sampled_from(DYING),
    offset=st.floats(0.0, 1.0),
    seed=st.integers(0, 1 << 32),
)
def test_any_order_of_arrival(pace: float, dead: str, offset: float, seed: int) -> None:
    """One thing dies and comes back; who is looked at when, by whom, and whose push is late is chance."""
    chance = random.Random(seed)
    arrivals = pushes(measured(pace, dead, offset * pace, chance), chance)
    engine, events = judged(pace, arrivals)
    told = {event.incident.id: event.incident for event in events if event.incident}
    assert [incident.cause for incident in told.values()] == [f"device:{dead}"]
    assert [e.notification.about for e in named(events, "notification")] == ["opened", "resolved"]
    assert not engine.view.open_incidents()
    for device in engine.inventory.devices:
        assert engine.view.health_of(device.id).state is HealthState.UP
        spent = engine.view.seconds_in_states(device.id)
        gone = "down" if device.id == dead else "unreachable"
        below = dead in (device.id, *engine.inventory.topology.ancestors(device.id))
        assert spent[gone] == pytest.approx(9.0 * pace if below else 0.0, abs=2.0 * pace + 1.0)
