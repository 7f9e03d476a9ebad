"""Each kind of fault shows where its truth says, and is over when it is mended."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from simulator.scenarios import calls
from simulator.scenarios.district import District
from simulator.scenarios.fault import Fault, Weight
from simulator.scenarios.innocents import HARMLESS, Harmless, HotSpell, PlannedWork
from simulator.scenarios.layout import make_inventory
from simulator.scenarios.rhythm import DAY, Weather
from simulator.scenarios.seeds import START
from simulator.scenarios.timetable import FAULTS

INVENTORY = make_inventory(40)
MINUTES = 7.0
WORN_DAYS = 4.0
Seen = dict[str, list[tuple[object, object, object]]]


def district(minutes: float = MINUTES) -> District:
    """A fresh district; two of them are alike until something befalls one."""
    return District(INVENTORY, 5, minutes / 1440.0, Weather(5, 1, []))


def seen(made: District) -> Seen:
    """All that the agents told, by metric."""
    told: Seen = {}
    for _, batch in made.batches():
        for series, stamps, values in batch.points:
            told.setdefault(series.name, []).append((series, stamps, values))
    return told


def fault_of(kind: type[Fault], made: District, chance: int = 3) -> Fault:
    """One fault of a kind at its first place; what wears has done so for some days."""
    slow = kind.weight in (Weight.SLOW, Weight.FRAGILE)
    onset = START - (WORN_DAYS * DAY if slow else 0.0)
    return kind(kind.places(made.inventory)[0], onset, START + 20 * DAY, random.Random(chance))


@pytest.fixture(autouse=True)
def meeting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The district meets all the time: calls are where some faults show."""
    monkeypatch.setattr(calls, "in_meeting", lambda t: True)


@pytest.fixture(scope="module")
def usual() -> Seen:
    """What a district tells when nothing is wrong."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calls, "in_meeting", lambda t: True)
        return seen(district(31.0))


def test_nothing_differs_without_a_fault(usual: Seen) -> None:
    """Two districts tell the same as long as nothing befalls one of them."""
    told = seen(district())
    assert all(points == usual[name][: len(points)] for name, points in told.items())


@pytest.mark.parametrize("kind", FAULTS, ids=lambda kind: kind.__name__)
def test_a_fault_shows_where_it_should(kind: type[Fault], usual: Seen) -> None:
    """With the fault, one of the metrics named tells something else than without."""
    made = district(31.0 if kind.kind == "certificate_ending" else MINUTES)
    fault = fault_of(kind, made)
    made.later(START + 1.0, lambda t: fault.begin(made, min(t, fault.onset + 1.0)))
    told = seen(made)
    assert any(
        told.get(name, []) != usual.get(name, [])[: len(told.get(name, []))] for name in fault.shows
    )
    (truth, *_) = fault.truths(made)
    assert truth.causes[0].partition(":")[0] == kind.subject
    assert set(truth.targets) <= {d.id for d in INVENTORY.devices} | {
        s.id for s in INVENTORY.services
    }
    assert truth.onset < truth.end
    assert truth.limit_at is None or truth.limit_at > truth.onset


@pytest.mark.parametrize(
    "kind", [kind for kind in FAULTS if kind.weight is Weight.HARD], ids=lambda kind: kind.__name__
)
def test_what_is_mended_answers_again(kind: type[Fault]) -> None:
    """After the end, everything answers, and every agent delivers."""
    made = district(8.0)
    places = kind.places(made.inventory)
    fault = kind(places[0], START, START + 120.0, random.Random(3))
    made.later(START + 1.0, lambda t: fault.begin(made, t))
    made.later(fault.end, lambda t: fault.finish(made, t))
    seen(made)
    assert all(box.up and box.lit for box in made.boxes.values())
    assert all(line.joined for line in made.lines.values())
    assert all(
        agent.works and agent.way.open and not agent.blocked for agent in made.agents.values()
    )
    assert all(len(agent.rows) < 100 for agent in made.agents.values())


def test_a_power_cut_is_on_battery_first(usual: Seen) -> None:
    """The UPS says so, then its battery empties and the site goes dark, its agent with it."""
    made = district(30.0)
    made.power["ban-gian"].runtime = 900.0
    made.later(START + 400.0, lambda t: made.lose_mains("ban-gian", t))
    told = seen(made)
    ups = [v[0] for s, _, v in told["power_on_battery"] if s.label("device") == "ban-gian-ups"]
    assert set(ups) == {0.0, 1.0}
    charge = [
        v[0] for s, _, v in told["battery_charge_ratio"] if s.label("device") == "ban-gian-ups"
    ]
    assert charge == sorted(charge, reverse=True)
    assert not made.boxes["ban-gian-router"].up
    assert not made.agents["ban-gian"].works
    assert made.boxes["bac-binh-router"].up


def test_a_backlog_comes_in_order_and_at_once_bounded() -> None:
    """An agent that was cut off delivers all that it measured, oldest first, some at a time."""
    made = district(40.0)
    agent = made.agents["ban-gian"]
    made.later(START + 60.0, lambda t: setattr(agent, "blocked", True))
    made.later(START + 2000.0, lambda t: setattr(agent, "blocked", False))
    stamps = [
        stamps[0]
        for _, batch in made.batches()
        for series, stamps, _ in batch.points
        if series.name == "agent_info" and series.label("agent") == "ban-gian"
    ]
    assert stamps == sorted(stamps)
    gaps = [b - a for a, b in pairwise(stamps)]
    assert max(gaps) < 90_000


@pytest.mark.parametrize("kind", HARMLESS, ids=lambda kind: kind.__name__)
def test_harmless_things_pass(kind: type[Harmless]) -> None:
    """What is harmless leaves nothing broken behind."""
    made = district(6.0)
    where = kind.places(INVENTORY)[0]
    thing = kind(where, START + 120.0, random.Random(3))
    thing.begin(made)
    seen(made)
    innocent = thing.innocent(INVENTORY)
    assert innocent.kind == kind.kind
    assert innocent.onset < innocent.end
    if kind is not PlannedWork:  # takes an hour
        assert all(box.up for box in made.boxes.values())
    assert all(agent.running for agent in made.agents.values())


def test_a_hot_spell_warms_everybody() -> None:
    """The weather has it, for all sites alike."""
    spell = HotSpell("", START, random.Random(1))
    hot = Weather(5, 6, [(spell.onset, spell.onset + spell.lasts, spell.degrees)])
    noon = START + 2.5 * DAY
    assert hot.outside(noon) - Weather(5, 6, []).outside(noon) == pytest.approx(spell.degrees)
