"""The races that made other monitors cry wolf, each with its own trial (others: test_reachability)."""

from __future__ import annotations

import pytest

from collector.incidents import SETTLE_SECONDS
from collector.restless import BLINK_SECONDS
from collector.state import HealthState
from tests.collector.engine.courier import HOUR, OWN, Courier, two_agents, watched_doors
from tests.collector.engine.timetable import INTERVAL, LEAVES, START, Timetable, named, run

PRESENT = (HealthState.UP, HealthState.DEGRADED)


def causes(events: object) -> list[str]:
    """What the incidents were laid to when they opened, in order."""
    return [event.incident.cause for event in named(events, "incident_opened")]  # type: ignore[arg-type]


@pytest.mark.parametrize("last", ["child", "grandchild"])
def test_grandchild_not_updated(last: str) -> None:
    """The router dies; whoever of switch and room is looked at last has only old news of its parent."""
    order = {"bac-binh-router": 25.0, "bac-binh-switch": 12.0, "bac-binh-room": 3.0}
    if last == "grandchild":
        order = {"bac-binh-router": 3.0, "bac-binh-switch": 25.0, "bac-binh-room": 4.0}
    engine, events = run(Timetable(phases=order).fail("bac-binh-router", 300.5), 700.0)
    assert causes(events) == ["device:bac-binh-router"]
    for name in ("bac-binh-switch", "bac-binh-room"):
        assert engine.view.health_of(name).state is HealthState.UNREACHABLE
        assert engine.view.health_of(name).cause == "device:bac-binh-router"


def test_burst_on_recovery() -> None:
    """The switch is back for one look when its children are measured: nobody speaks for himself."""
    phases = {"bac-binh-switch": 2.0, **{f"bac-binh-{leaf}": 1.0 for leaf in LEAVES}}
    table = Timetable(phases=phases).fail("bac-binh-switch", 300.0, 901.5)
    engine, events = run(table, 1500.0)
    assert causes(events) == ["device:bac-binh-switch"]
    assert len(named(events, "notification")) == 2
    assert not engine.view.open_incidents()


def test_parent_flaps_while_a_child_is_dead() -> None:
    """A switch that comes and goes does not make a dead room speak again and again."""
    table = Timetable().fail("bac-binh-room", 200.0)
    for start in range(400, 1600, 200):
        table.fail("bac-binh-switch", float(start), start + 90.0)
    _, events = run(table, 2400.0)
    assert causes(events)[0] == "device:bac-binh-room"
    assert len({event.incident.id for event in named(events, "incident_opened")}) == 2


def test_parent_flapping() -> None:
    """A router that comes and goes is told of as one trouble, and as over once it has stayed well."""
    table = Timetable()
    for start in range(600, 2400, 180):
        table.fail("bac-binh-router", float(start), start + 95.0)
    engine, events = run(table, 2600.0)
    assert set(causes(events)) == {"device:bac-binh-router"}
    (incident,) = engine.view.open_incidents()
    assert incident.returns == 9
    assert incident.calm_since is not None
    engine, events = run(table, 3600.0)
    assert len({event.incident.id for event in named(events, "incident_opened")}) == 1
    assert len(named(events, "notification")) == 4, "gone, back, gone again – and over"
    last = named(events, "incident_resolved")[-1]
    assert last.incident.resolved_at == pytest.approx(incident.calm_since)
    assert last.at >= incident.calm_since + SETTLE_SECONDS
    assert not engine.view.open_incidents()


def blinking_switch() -> Timetable:
    """A switch that is gone twice for five minutes and then blinks only when those behind it are
    looked at; it is looked at itself in between.
    """
    behind = ("ups", "room", "pc", "printer", "camera")
    phases = {f"bac-binh-{name}": 30.0 for name in behind}
    table = Timetable(interval=120.0, phases={**phases, "bac-binh-switch": 90.0})
    for start in (600.0, 1300.0):
        table.fail("bac-binh-switch", start, start + 300.0)
    for look in range(1830, 2200, 120):
        table.fail("bac-binh-switch", look - 20.0, look + 20.0)
    return table


def test_behind_what_blinks() -> None:
    """What is missed behind a switch that comes and goes is the switch's trouble, though the switch was
    found well in between.
    """
    _, events = run(blinking_switch(), 3000.0)
    assert set(causes(events)) == {"device:bac-binh-switch"}


def test_behind_what_restarts_again_and_again() -> None:
    """A switch that was hardly seen gone but says that it has just started, three times within the hour,
    takes along what is behind it.
    """
    starts = (900.0, 1500.0, 2100.0)
    table = Timetable(interval=120.0, phases={"bac-binh-switch": 90.0, "bac-binh-room": 30.0})
    table.series(
        "bac-binh-switch",
        "device_uptime_seconds",
        lambda at: at - max((s for s in starts if s <= at), default=-1e6),
    )
    for look in (2670.0, 2790.0):
        table.fail("bac-binh-room", look - 20.0, look + 20.0)
    _, events = run(table, 3000.0)
    assert causes(events) == ["device:bac-binh-switch"]


def test_gone_for_longer_than_any_blink() -> None:
    """What stays away when the switch above it is calm again is told of for itself, as of when it
    went.
    """
    _, events = run(blinking_switch().fail("bac-binh-room", 2000.0), 4000.0)
    assert set(causes(events)) == {"device:bac-binh-switch", "device:bac-binh-room"}
    room = next(
        e for e in named(events, "incident_opened") if e.incident.cause == "device:bac-binh-room"
    )
    assert room.at <= START + 1830.0 + BLINK_SECONDS + 3 * 120.0


def test_both_of_two_parents() -> None:
    """With both ways in gone it is unreachable, laid to what is above both."""
    table = Timetable()
    devices = [
        device.model_copy(update={"parents": ("bac-binh-switch", "bac-binh-ups")})
        if device.id == "bac-binh-room"
        else device
        for device in table.inventory.devices
    ]
    table.inventory = table.inventory.model_copy(update={"devices": tuple(devices)})
    engine, events = run(table.fail("bac-binh-router", 300.0), 900.0)
    assert causes(events) == ["device:bac-binh-router"]
    assert engine.view.health_of("bac-binh-room").state is HealthState.UNREACHABLE


@pytest.mark.parametrize("late", [20.0, 90.0, 400.0])
def test_late_result_of_one_child(late: float) -> None:
    """What one agent saw behind the dead switch arrives later than all else and opens nothing."""
    leaf = "bac-binh-room"
    agents = {"centre": tuple(d.id for d in Timetable().inventory.devices if d.id != leaf)}
    table = Timetable(agents={**agents, "bac-binh": (leaf,)}).fail("bac-binh-switch", 600.0, 1500.0)
    courier = Courier(table, HOUR)
    courier.live(0.0, 600.0, ("centre", "bac-binh"))
    courier.live(600.0, 600.0 + late, ("centre",))
    courier.live(600.0 + late, 3000.0, ("centre", "bac-binh"))
    told = [cause for cause in causes(courier.events) if not cause.startswith("agent:")]
    assert told == ["device:bac-binh-switch"]
    assert not courier.engine.view.open_incidents()
    assert courier.engine.view.health_of(leaf).state is HealthState.UP


def test_agent_restart_in_the_middle() -> None:
    """The measuring computer starts anew while a switch is dead, and sends some samples again."""
    table = two_agents(offline={"bac-binh": [(700.0, 790.0)]})
    table.fail("bac-binh-switch", 600.0, 1500.0)
    courier = Courier(table, HOUR)
    courier.live(0.0, 690.0, ("centre", "bac-binh"))
    again = [s for s in table.samples(690.0) if s.series.label("agent") == "bac-binh"][-40:]
    courier.live(690.0, 800.0, ("centre",))
    courier.again("bac-binh", again)
    courier.live(800.0, 2400.0, ("centre", "bac-binh"))
    assert causes(courier.events) == ["device:bac-binh-switch"]
    assert len(named(courier.events, "incident_resolved")) == 1
    spent = courier.engine.view.seconds_in_states("bac-binh-switch")
    assert spent["down"] + spent["not_measured"] == pytest.approx(900.0, abs=2 * INTERVAL)


def test_backlog_contradicts_an_open_incident() -> None:
    """The centre calls the router dead; then the office's own word comes, over another way: it never
    was. The incident stays one, its cause becomes the line, and the time is accounted as it was.
    """
    courier = Courier(watched_doors().fail("bac-binh-onu", 600.0, 3000.0), 2 * HOUR)
    courier.take_over("bac-binh", Courier(watched_doors(), 2 * HOUR))
    courier.live(0.0, 600.0, ("centre", "bac-binh"))
    courier.live(600.0, 1500.0, ("centre",))
    assert courier.engine.view.open_incidents()[0].cause == "device:bac-binh-onu"
    while courier.deliver("bac-binh", 1500.0, at_most=300):
        pass
    courier.live(1500.0, 1800.0, ("centre", "bac-binh"))
    (incident,) = courier.engine.view.open_incidents()
    assert incident.cause == "link:bac-binh-fiber"
    assert "all the while" in incident.reason.template
    for name in OWN:
        assert courier.engine.view.health_of(name).state in PRESENT
    courier.live(1800.0, 3600.0, ("centre", "bac-binh"))
    assert causes(courier.events) == ["device:bac-binh-onu"]
    assert len({e.incident.id for e in named(courier.events, "incident_updated")}) == 1
    assert not courier.engine.view.open_incidents()
    for name in OWN:
        assert courier.engine.view.seconds_in_states(name)["up"] == pytest.approx(3600.0, abs=60.0)
    assert START


def test_parent_blinks() -> None:
    """A parent that is gone for one look only takes its children with it; they are measured again."""
    table = Timetable().fail("olt", 100.0, 134.0)
    _, events = run(table, 600.0)
    assert not named(events, "incident_opened")
