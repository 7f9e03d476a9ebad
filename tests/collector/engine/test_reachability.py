"""One fault, one incident: deaths, parents, races and recoveries."""

from __future__ import annotations

import json

import pytest

from collector.rule import Severity
from collector.state import HealthState
from inventory.inventory import Inventory
from tests.collector.engine.timetable import (
    INTERVAL,
    LEAVES,
    START,
    Timetable,
    district,
    named,
    run,
)


def test_switch_death() -> None:
    """A dead switch with four devices behind it is one incident, told within two intervals + 15 s."""
    engine, events = run(Timetable().fail("bac-binh-switch", 300.0), 600.0)
    opened = named(events, "incident_opened")
    assert [event.incident.cause for event in opened] == ["device:bac-binh-switch"]
    incident = opened[0].incident
    assert opened[0].at <= START + 300.0 + 2 * INTERVAL + 15.0
    assert set(incident.affected) == {f"bac-binh-{leaf}" for leaf in (*LEAVES, "ups")}
    assert incident.severity is Severity.CRITICAL
    for leaf in LEAVES:
        assert engine.view.health_of(f"bac-binh-{leaf}").state is HealthState.UNREACHABLE
    assert len(named(events, "notification")) == 1


@pytest.mark.parametrize("first", ["child", "parent"])
def test_whoever_is_checked_first(first: str) -> None:
    """The order in which parent and child are looked at does not matter."""
    phases = {"bac-binh-switch": 20.0, "bac-binh-room": 1.0}
    if first == "parent":
        phases = {"bac-binh-switch": 1.0, "bac-binh-room": 20.0}
    table = Timetable(phases=phases).fail("bac-binh-switch", 300.5)
    _, events = run(table, 900.0)
    causes = {event.incident.cause for event in named(events, "incident_opened")}
    assert causes == {"device:bac-binh-switch"}


def test_recovery_is_one_message() -> None:
    """After the switch is back nothing behind it speaks, and the incident ends once."""
    engine, events = run(Timetable().fail("bac-binh-switch", 300.0, 900.0), 1500.0)
    assert len(named(events, "incident_opened")) == 1
    resolved = named(events, "incident_resolved")
    assert len(resolved) == 1
    assert START + 900.0 <= resolved[0].incident.resolved_at <= START + 900.0 + 2 * INTERVAL
    assert len(named(events, "notification")) == 2
    assert not engine.view.open_incidents()
    for device in engine.inventory.devices:
        assert engine.view.health_of(device.id).state is HealthState.UP


@pytest.mark.parametrize("delay", [1.0, 4.0, 12.0, 28.0])
def test_child_comes_back_after_its_parent(delay: float) -> None:
    """A switch answers before it passes traffic on; who is measured in between stays quiet."""
    phases = {"bac-binh-switch": 1.0, **{f"bac-binh-{leaf}": 1.0 + delay for leaf in LEAVES}}
    table = Timetable(phases=phases).fail("bac-binh-switch", 300.0, 900.5)
    for leaf in LEAVES:
        table.fail(f"bac-binh-{leaf}", 310.0, 900.5 + 29.0)
    engine, events = run(table, 1500.0)
    assert [e.incident.cause for e in named(events, "incident_opened")] == [
        "device:bac-binh-switch"
    ]
    assert not engine.view.open_incidents()


def test_child_that_stays_dead() -> None:
    """A child that does not come back with its parent becomes an incident of its own."""
    table = Timetable().fail("bac-binh-switch", 300.0, 900.0).fail("bac-binh-room", 310.0)
    engine, events = run(table, 1500.0)
    causes = [event.incident.cause for event in named(events, "incident_opened")]
    assert causes == ["device:bac-binh-switch", "device:bac-binh-room"]
    assert [i.cause for i in engine.view.open_incidents()] == ["device:bac-binh-room"]


def test_lone_bad_burst() -> None:
    """One lost burst is not a death."""
    table = Timetable(phases={"bac-binh-room": 5.0}).fail("bac-binh-room", 304.0, 306.0)
    engine, events = run(table, 900.0)
    assert not events
    assert engine.view.seconds_in_states("bac-binh-room")["up"] == pytest.approx(
        900.0, abs=INTERVAL
    )


def test_dead_leaf_blames_nobody_else() -> None:
    """A dead printer is a warning about the printer."""
    _, events = run(Timetable().fail("bac-binh-printer", 300.0), 600.0)
    opened = named(events, "incident_opened")
    assert [event.incident.cause for event in opened] == ["device:bac-binh-printer"]
    assert opened[0].incident.severity is Severity.WARNING


def test_two_parents() -> None:
    """What has two ways in is unreachable only when both are gone."""
    inventory = district()
    devices = [
        device.model_copy(update={"parents": ("bac-binh-switch", "bac-binh-router")})
        if device.id == "bac-binh-room"
        else device
        for device in inventory.devices
    ]
    inventory = inventory.model_copy(update={"devices": tuple(devices)})
    table = Timetable(inventory=inventory)
    table.answers = lambda device, at: (  # type: ignore[method-assign]
        device == "bac-binh-room" or Timetable.answers(table, device, at)
    )
    table.fail("bac-binh-switch", 300.0)
    engine, events = run(table, 900.0)
    assert len(named(events, "incident_opened")) == 1
    assert engine.view.health_of("bac-binh-room").state is HealthState.UP
    assert "bac-binh-room" not in engine.view.open_incidents()[0].affected


def test_flapping_parent() -> None:
    """A parent that comes and goes is one incident; its children never speak."""
    table = Timetable()
    for start in range(300, 1500, 200):
        table.fail("bac-binh-switch", float(start), start + 100.0)
    _, events = run(table, 2400.0)
    assert {event.incident.id for event in named(events, "incident_opened")} == {
        named(events, "incident_opened")[0].incident.id
    }
    assert {event.incident.cause for event in named(events, "incident_opened")} == {
        "device:bac-binh-switch"
    }


def test_cut_line() -> None:
    """When the OLT's port towards a dead ONU is down, the line is named."""
    table = Timetable().fail("bac-binh-onu", 300.0, 1200.0)
    table.series(
        "olt",
        "interface_up",
        lambda at: 0.0 if 300.0 <= at < 1200.0 else 1.0,
        every=20.0,
        interface="pon-1",
    )
    _, events = run(table, 1800.0)
    assert [event.incident.cause for event in named(events, "incident_opened")] == [
        "link:bac-binh-fiber"
    ]
    assert len(named(events, "incident_resolved")) == 1


def test_cut_line_read_late() -> None:
    """When the port is read only later, the same incident gets its better name."""
    table = Timetable().fail("bac-binh-onu", 301.0)
    table.series(
        "olt",
        "interface_up",
        lambda at: 0.0 if at > 301.0 else 1.0,
        every=240.0,
        interface="pon-1",
    )
    engine, events = run(table, 900.0)
    opened = named(events, "incident_opened")
    assert len(opened) == 1
    assert [i.cause for i in engine.view.open_incidents()] == ["link:bac-binh-fiber"]
    assert engine.view.open_incidents()[0].id == opened[0].incident.id


def test_dead_switch_takes_its_neighbours_port_down() -> None:
    """Inside a building a port that is down means a dead box rather than a cut cable."""
    cable = {
        "id": "bac-binh-floor",
        "kind": "lan",
        "ends": ["bac-binh-router/ge1", "bac-binh-switch/ge1"],
    }
    inventory = district()
    cabled = Inventory.model_validate({**json.loads(inventory.to_json()), "links": [cable]})
    table = Timetable(inventory=cabled).fail("bac-binh-switch", 300.0)
    table.series(
        "bac-binh-router",
        "interface_up",
        lambda at: 0.0 if at >= 300.0 else 1.0,
        every=20.0,
        interface="ge1",
    )
    engine, _ = run(table, 900.0)
    assert [i.cause for i in engine.view.open_incidents()] == ["device:bac-binh-switch"]


def test_power_cut() -> None:
    """The UPS says that the mains is gone, then the commune goes dark: one incident, the site's power."""
    everything = tuple(device.id for device in district().devices)
    own = tuple(name for name in everything if name.startswith("bac-binh"))
    others = tuple(name for name in everything if name not in own)
    table = Timetable(
        agents={
            "centre": (*others, "bac-binh-onu", "bac-binh-router"),
            "bac-binh": own,
        },
        offline={"bac-binh": [(330.0, 1500.0)]},
    )
    for name in own:
        table.fail(name, 330.0, 1500.0)
    table.series(
        "bac-binh-ups",
        "power_on_battery",
        lambda at: 1.0 if 300.0 <= at < 1500.0 else 0.0,
        every=10.0,
    )
    engine, events = run(table, 1400.0)
    opened = named(events, "incident_opened")
    assert [event.incident.cause for event in opened] == ["site:bac-binh"]
    assert engine.view.open_incidents()[0].severity is Severity.CRITICAL
    for name in own:
        state = engine.view.health_of(name).state
        assert state in (HealthState.DOWN, HealthState.UNREACHABLE, HealthState.NOT_MEASURED)
    engine, events = run(table, 2400.0)
    assert len(named(events, "incident_opened")) == 1
    assert len(named(events, "incident_resolved")) == 1
    assert not engine.view.open_incidents()


def test_states_sum_to_the_whole() -> None:
    """Every second of every device is in exactly one state."""
    table = Timetable().fail("bac-binh-switch", 300.0, 900.0)
    engine, _ = run(table, 1500.0)
    for device in engine.inventory.devices:
        spent = engine.view.seconds_in_states(device.id)
        assert sum(spent.values()) == pytest.approx(1500.0, abs=0.1)
    assert engine.view.seconds_in_states("bac-binh-switch")["down"] == pytest.approx(
        600.0, abs=INTERVAL
    )
    assert engine.view.seconds_in_states("bac-binh-room")["unreachable"] == pytest.approx(
        600.0, abs=2 * INTERVAL
    )
