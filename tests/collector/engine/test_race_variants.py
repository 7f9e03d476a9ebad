"""Each of the races that made other monitors cry wolf: slow and fast, two and three levels deep, in every
order.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import permutations

import pytest

from collector.evaluate import Engine
from collector.events import Event
from collector.state import HealthState
from inventory.inventory import Inventory
from tests.collector.engine.courier import Courier
from tests.collector.engine.timetable import Timetable, district, named, paced, run

CHAINS = {
    2: ("bac-binh-switch", "bac-binh-room"),
    3: ("bac-binh-router", "bac-binh-switch", "bac-binh-room"),
}
BOTH = ("bac-binh-switch", "bac-binh-ups")
PRESENT = (HealthState.UP, HealthState.DEGRADED)

slow_and_fast = pytest.mark.parametrize("pace", [10.0, 30.0, 120.0])
levels = pytest.mark.parametrize("chain", CHAINS.values(), ids=CHAINS)


@cache
def commune(pace: float) -> Inventory:
    """One commune that is looked at at this pace."""
    return paced(district(("bac-binh",)), pace)


def table(pace: float, **more: object) -> Timetable:
    """The timetable of that commune."""
    return Timetable(inventory=commune(pace), interval=pace, **more)  # type: ignore[arg-type]


def causes(events: list[Event]) -> list[str]:
    """What the incidents were laid to when they opened, in order."""
    return [event.incident.cause for event in named(events, "incident_opened")]


def is_one_fault(engine: Engine, events: list[Event], chain: tuple[str, ...]) -> None:
    """The first of the chain was told of once, the others are behind it."""
    assert causes(events) == [f"device:{chain[0]}"]
    assert len(named(events, "notification")) == 1
    for name in chain[1:]:
        health = engine.view.health_of(name)
        assert (health.state, health.cause) == (HealthState.UNREACHABLE, f"device:{chain[0]}")


@slow_and_fast
@levels
def test_child_checked_before_parent(chain: tuple[str, ...], pace: float) -> None:
    """The deepest is looked at first after the death, its parent only a moment before the next turn."""
    start = 10.0 * pace
    step = 0.8 * pace / len(chain)
    phases = {name: 0.1 * pace + step * place for place, name in enumerate(reversed(chain))}
    dying = table(pace, phases=phases).fail(chain[0], start)
    engine, events = run(dying, start + 6.0 * pace)
    is_one_fault(engine, events, chain)
    assert named(events, "incident_opened")[0].at <= engine.now - 6.0 * pace + 2.0 * pace + 15.0


@slow_and_fast
@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_grandchild_not_updated(order: tuple[int, ...], pace: float) -> None:
    """Whoever of three generations is looked at last has only old news when the others are known."""
    chain = CHAINS[3]
    phases = {name: (0.1 + 0.3 * place) * pace for name, place in zip(chain, order, strict=True)}
    start = 10.0 * pace + 0.2 * pace
    engine, events = run(table(pace, phases=phases).fail(chain[0], start), start + 6.0 * pace)
    is_one_fault(engine, events, chain)


@pytest.mark.parametrize(("upper", "lower"), [(120.0, 10.0), (10.0, 120.0), (60.0, 30.0)])
def test_parent_and_child_at_different_paces(upper: float, lower: float) -> None:
    """A parent that is asked seldom, a child that is asked often, and the other way round."""
    chain = CHAINS[3]
    own = dict.fromkeys(chain[:2], upper) | {chain[2]: lower}
    inventory = paced(district(("bac-binh",)), 30.0, own)
    dying = Timetable(inventory=inventory, intervals=own).fail(chain[0], 1200.0)
    engine, events = run(dying, 1200.0 + 6.0 * max(upper, lower))
    is_one_fault(engine, events, chain)


@slow_and_fast
@levels
@pytest.mark.parametrize("late", [0.0, 0.9])
def test_burst_on_recovery(chain: tuple[str, ...], late: float, pace: float) -> None:
    """The parent is back, those behind it pass traffic a moment later: nobody speaks for himself."""
    start, end = 10.0 * pace, 25.0 * pace
    dying = table(pace).fail(chain[0], start, end)
    for name in chain[1:]:
        dying.fail(name, start + 0.5 * pace, end + late * pace)
    engine, events = run(dying, end + 12.0 * pace)
    assert causes(events) == [f"device:{chain[0]}"]
    assert len(named(events, "notification")) == 2
    assert not engine.view.open_incidents()


@slow_and_fast
@levels
def test_parent_flapping(chain: tuple[str, ...], pace: float) -> None:
    """It comes and goes: one trouble, and those behind it never speak."""
    flapping = table(pace)
    for turn in range(5):
        start = (10.0 + 8.0 * turn) * pace
        flapping.fail(chain[0], start, start + 3.7 * pace)
    _, events = run(flapping, 55.0 * pace)
    assert set(causes(events)) == {f"device:{chain[0]}"}
    assert len({event.incident.id for event in named(events, "incident_opened")}) == 1


def two_ways(pace: float) -> Timetable:
    """The room hangs on the switch and on the UPS' own network card."""
    made = commune(pace).model_dump(mode="json")
    for device in made["devices"]:
        if device["id"] == "bac-binh-room":
            device["parents"] = list(BOTH)
        if device["id"] == BOTH[1]:
            device["parents"] = ["bac-binh-router"]
    table = Timetable(inventory=Inventory.model_validate(made), interval=pace)
    alone = table.answers

    def answers(device: str, at: float) -> bool:
        if device != "bac-binh-room":
            return alone(device, at) if device != BOTH[1] else not dead(BOTH[1], at)
        return not (dead(BOTH[0], at) and dead(BOTH[1], at))

    def dead(device: str, at: float) -> bool:
        return any(a <= at < b for a, b in table.dead.get(device, ()))

    table.answers = answers  # type: ignore[method-assign]
    return table


@slow_and_fast
@pytest.mark.parametrize("first", BOTH)
def test_two_parents(first: str, pace: float) -> None:
    """One way in is gone: all is well behind it. The other one goes, too: beyond reach, and silent."""
    second = BOTH[1 - BOTH.index(first)]
    dying = two_ways(pace).fail(first, 10.0 * pace)
    engine, events = run(dying, 18.0 * pace)
    assert engine.view.health_of("bac-binh-room").state is HealthState.UP
    engine, events = run(dying.fail(second, 20.0 * pace), 30.0 * pace)
    assert set(causes(events)) == {f"device:{name}" for name in BOTH}
    health = engine.view.health_of("bac-binh-room")
    assert health.state is HealthState.UNREACHABLE
    assert health.cause in {f"device:{name}" for name in BOTH}


def by_two(pace: float, chain: tuple[str, ...], doors: tuple[str, ...] = ()) -> Timetable:
    """The last of the chain is seen by the office's own agent alone, all others by the centre's; `doors`
    by both.
    """
    names = tuple(device.id for device in commune(pace).devices)
    agents = {"centre": tuple(n for n in names if n != chain[-1]), "bac-binh": (chain[-1], *doors)}
    return table(pace, agents=agents)


@pytest.mark.parametrize("pace", [10.0, 30.0])
@levels
@pytest.mark.parametrize("late", [1.0, 20.0])
def test_late_result_of_one_child(chain: tuple[str, ...], late: float, pace: float) -> None:
    """What one agent saw behind the dead device comes later than all else, and opens nothing."""
    start, end = 20.0 * pace, 60.0 * pace
    courier = Courier(by_two(pace, chain).fail(chain[0], start, end), 90.0 * pace)
    courier.live(0.0, start, ("centre", "bac-binh"))
    courier.live(start, start + late * pace, ("centre",))
    courier.live(start + late * pace, 90.0 * pace, ("centre", "bac-binh"))
    told = [cause for cause in causes(courier.events) if not cause.startswith("agent:")]
    assert told == [f"device:{chain[0]}"]
    assert not courier.engine.view.open_incidents()
    assert courier.engine.view.health_of(chain[-1]).state in PRESENT


@levels
@pytest.mark.parametrize("off", [(570.0, 660.0), (700.0, 790.0), (1440.0, 1530.0)])
def test_agent_restart_in_the_middle(chain: tuple[str, ...], off: tuple[float, float]) -> None:
    """The agent starts anew as the device dies, while it is dead, and as it comes back."""
    dying = table(30.0, offline={"centre": [off]}).fail(chain[0], 600.0, 1500.0)
    engine, events = run(dying, 2400.0)
    assert causes(events) == [f"device:{chain[0]}"]
    assert len(named(events, "incident_resolved")) == 1
    spent = engine.view.seconds_in_states(chain[0])
    assert spent["down"] + spent["not_measured"] == pytest.approx(900.0, abs=150.0)


def cut(inside: Timetable, outside: Timetable) -> None:
    """The line into the commune is cut: inside all is well."""
    outside.fail("bac-binh-onu", 600.0, 1500.0)


def dead(inside: Timetable, outside: Timetable) -> None:
    """The router is dead, and both ends know it."""
    for one in (inside, outside):
        one.fail("bac-binh-router", 600.0, 1500.0)


@pytest.mark.parametrize("held", [120.0, 800.0])
@pytest.mark.parametrize(
    ("fault", "cause"), [(cut, "link:bac-binh-fiber"), (dead, "device:bac-binh-router")]
)
def test_backlog_that_contradicts_an_open_incident(
    fault: Callable[[Timetable, Timetable], None], cause: str, held: float
) -> None:
    """The office's own word comes later: it turns a dead box into a cut line, or confirms the box; the
    incident stays one.
    """
    doors = ("bac-binh-onu", "bac-binh-router", "bac-binh-switch")
    inside, outside = (by_two(30.0, CHAINS[3], doors) for _ in range(2))
    fault(inside, outside)
    courier = Courier(outside, 2400.0)
    courier.take_over("bac-binh", Courier(inside, 2400.0))
    courier.live(0.0, 600.0, ("centre", "bac-binh"))
    courier.live(600.0, 600.0 + held, ("centre",))
    while courier.deliver("bac-binh", 600.0 + held, at_most=200):
        courier.tick(600.0 + held)
    courier.live(600.0 + held, 1490.0, ("centre", "bac-binh"))
    (incident,) = courier.engine.view.open_incidents()
    assert incident.cause == cause
    courier.live(1490.0, 2400.0, ("centre", "bac-binh"))
    assert not courier.engine.view.open_incidents()
    assert len({e.incident.id for e in courier.events if e.incident}) == 1
