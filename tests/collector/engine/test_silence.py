"""Agents that fall silent, backlogs that arrive late, a collector that was away."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from collector.journal import EntryKind
from collector.state import HealthState
from inventory.inventory import Inventory
from telemetry.sample import Sample
from tests.collector.engine.courier import HOUR, OTHERS, OWN, Courier, two_agents, watched_doors
from tests.collector.engine.timetable import START, Timetable, district, named, run


def test_silent_agent_is_named() -> None:
    """A silent agent is one incident with its name; its devices are neither green nor red."""
    engine, events = run(two_agents(offline={"bac-binh": [(600.0, 1e9)]}), 1200.0)
    opened = named(events, "incident_opened")
    assert [event.incident.cause for event in opened] == ["agent:bac-binh"]
    assert opened[0].at <= START + 600.0 + 150.0 + 20.0
    assert set(opened[0].incident.affected) == set(OWN)
    for name in OWN:
        assert engine.view.health_of(name).state is HealthState.NOT_MEASURED
    assert engine.view.health_of("quang-son-room").state is HealthState.UP


def test_silence_behind_a_dead_line_is_explained() -> None:
    """When the centre sees the commune's router gone, the agent's silence is no second incident."""
    table = Timetable(
        agents={"centre": (*OTHERS, "bac-binh-onu", "bac-binh-router"), "bac-binh": OWN},
        offline={"bac-binh": [(600.0, 1e9)]},
    ).fail("bac-binh-onu", 600.0)
    engine, events = run(table, 1500.0)
    assert [e.incident.cause for e in named(events, "incident_opened")] == ["device:bac-binh-onu"]
    for name in OWN:
        assert engine.view.health_of(name).state is not HealthState.UP


def test_backlog_of_one_office() -> None:
    """What a cut-off commune measured is judged at its own time, silently, and told in one message."""
    table = (
        two_agents().fail("bac-binh-switch", 1000.0, 2000.0).fail("bac-binh-router", 2500.0, 2800.0)
    )
    courier = Courier(table, 2 * HOUR)
    courier.live(0.0, 600.0, ("centre", "bac-binh"))
    courier.live(600.0, HOUR, ("centre",))
    told_before = [e.notification.about for e in named(courier.events, "notification")]
    assert told_before == ["opened"]
    at = HOUR
    while courier.deliver("bac-binh", at, at_most=200):
        at += 0.2
        courier.deliver("centre", at)
    courier.live(at, at + 600.0, ("centre", "bac-binh"))
    late = {
        i.cause: i
        for e in named(courier.events, "incident_opened")
        if (i := e.incident).cause.startswith("device:")
    }
    assert set(late) == {"device:bac-binh-switch", "device:bac-binh-router"}
    assert late["device:bac-binh-switch"].late
    assert START + 1000.0 <= late["device:bac-binh-switch"].since <= START + 1040.0
    messages = [e.notification for e in named(courier.events, "notification")]
    assert [m.about for m in messages] == ["opened", "summary"]
    assert {i.cause for i in messages[1].incidents} == {
        "agent:bac-binh",
        "device:bac-binh-switch",
        "device:bac-binh-router",
    }
    assert all(not i.is_open for i in messages[1].incidents)


def test_late_time_is_accounted_as_it_was() -> None:
    """The backlog fills the hour that was not measured with what really was."""
    table = two_agents().fail("bac-binh-switch", 1000.0, 2000.0)
    courier = Courier(table, 2 * HOUR)
    courier.live(0.0, 600.0, ("centre", "bac-binh"))
    courier.live(600.0, HOUR, ("centre",))
    while courier.deliver("bac-binh", HOUR, at_most=500):
        pass
    courier.live(HOUR, HOUR + 300.0, ("centre", "bac-binh"))
    spent = courier.engine.view.seconds_in_states("bac-binh-switch")
    assert 950.0 <= spent["down"] <= 1060.0
    assert spent["not_measured"] < 120.0


def test_collector_away_for_an_hour() -> None:
    """All offices come back with an hour's backlog: one summary, no storm, nobody called silent."""
    table = two_agents().fail("quang-son-switch", 2000.0, 3000.0).fail("bac-binh-room", 2500.0)
    courier = Courier(table, 3 * HOUR)
    courier.live(0.0, 900.0, ("centre", "bac-binh"))
    assert not courier.events
    back = 900.0 + HOUR
    courier.tick(back)
    at = back
    for agent, pause in (("bac-binh", 0.1), ("centre", 0.3)):
        at += 4.0
        while courier.deliver(agent, at, at_most=400):
            at += pause
    courier.live(at, at + 300.0, ("centre", "bac-binh"))
    causes = {e.incident.cause for e in named(courier.events, "incident_opened")}
    assert causes == {"device:quang-son-switch", "device:bac-binh-room"}
    messages = [e.notification for e in named(courier.events, "notification")]
    assert [m.about for m in messages] == ["summary"]
    assert {i.cause for i in messages[0].incidents} == causes
    switch = next(i for i in messages[0].incidents if "switch" in i.cause)
    assert START + 2000.0 <= switch.since <= START + 2040.0
    assert START + 3000.0 <= (switch.resolved_at or 0.0) <= START + 3100.0


def test_acknowledged_stays_quiet() -> None:
    """Somebody took it on: the incident says who, and that alone is no message."""
    courier = Courier(two_agents().fail("bac-binh-room", 300.0), HOUR)
    courier.live(0.0, 900.0, ("centre", "bac-binh"))
    incident = courier.engine.view.open_incidents()[0]
    courier.apply(
        901.0,
        EntryKind.ACKNOWLEDGE,
        "Lan",
        f'{{"incident": "{incident.id}", "note": "đang thay"}}'.encode(),
    )
    taken = courier.engine.view.open_incidents()[0]
    assert (taken.state, taken.acknowledged_by, taken.note) == ("acknowledged", "Lan", "đang thay")
    assert len(named(courier.events, "notification")) == 1


def test_silenced_is_held_not_lost() -> None:
    """Under a silence the incident is judged and its message is held back with the reason."""
    courier = Courier(two_agents().fail("bac-binh-room", 300.0), HOUR)
    silence = f'{{"id": "s1", "what": "site:bac-binh", "from": {START}, "until": {START + HOUR}, "why": ""}}'
    courier.apply(1.0, EntryKind.SILENCE, "Lan", silence.encode())
    courier.live(1.0, 900.0, ("centre", "bac-binh"))
    assert [e.notification.held for e in named(courier.events, "notification")] == ["silenced"]
    assert len(courier.engine.view.open_incidents()) == 1


def test_cut_line_to_an_office_with_its_own_agent() -> None:
    """The centre sees ONU and router gone while the office's last word was good: one incident.

    From inside all is well; that comes with the backlog and opens nothing.
    """
    agents = {"centre": (*OTHERS, "bac-binh-onu", "bac-binh-router"), "bac-binh": OWN}
    courier = Courier(Timetable(agents=agents).fail("bac-binh-onu", 600.0, 1500.0), 3000.0)
    inside = Courier(Timetable(agents=agents), 3000.0)
    courier.take_over("bac-binh", inside)
    courier.live(0.0, 600.0, ("centre", "bac-binh"))
    courier.live(600.0, 720.0, ("centre",))
    for name in OWN:
        assert courier.engine.view.health_of(name).state in (
            HealthState.DOWN,
            HealthState.UNREACHABLE,
        )
    courier.live(720.0, 1500.0, ("centre",))
    opened = named(courier.events, "incident_opened")
    assert [event.incident.cause for event in opened] == ["device:bac-binh-onu"]
    assert opened[0].at <= START + 600.0 + 75.0
    while courier.deliver("bac-binh", 1500.0, at_most=300):
        pass
    courier.live(1500.0, 2400.0, ("centre", "bac-binh"))
    assert len(named(courier.events, "incident_opened")) == 1
    assert not courier.engine.view.open_incidents()
    for name in OWN:
        assert courier.engine.view.health_of(name).state is HealthState.UP


def test_silence_behind_a_dead_switch_is_explained() -> None:
    """The measuring computer hangs on the switch whose death the centre sees: one incident."""
    seen = ("bac-binh-onu", "bac-binh-router", "bac-binh-switch")
    table = Timetable(
        agents={"centre": (*OTHERS, *seen), "bac-binh": OWN},
        offline={"bac-binh": [(600.0, 1500.0)]},
    ).fail("bac-binh-switch", 600.0, 1500.0)
    _, events = run(table, 2400.0)
    causes = [e.incident.cause for e in named(events, "incident_opened")]
    assert causes == ["device:bac-binh-switch"]


def test_old_outage_explains_no_silence() -> None:
    """A switch that was dead long before does not hide that the measuring computer falls silent."""
    seen = ("bac-binh-onu", "bac-binh-router", "bac-binh-switch")
    table = Timetable(
        agents={"centre": (*OTHERS, *seen), "bac-binh": OWN}, offline={"bac-binh": [(1500.0, 1e9)]}
    ).fail("bac-binh-switch", 300.0)
    _, events = run(table, 2400.0)
    causes = [e.incident.cause for e in named(events, "incident_opened")]
    assert causes == ["device:bac-binh-switch", "agent:bac-binh"]


def test_silence_under_planned_work() -> None:
    """Somebody works on the switch: that the measuring computer behind it is silent was planned."""
    window = {
        "id": "work",
        "what": ["device:bac-binh-switch"],
        "from": datetime.fromtimestamp(START + 500.0, UTC).isoformat(),
        "until": datetime.fromtimestamp(START + 1600.0, UTC).isoformat(),
        "why": "thay ổ cắm",
    }
    table = two_agents(
        inventory=district(maintenance=[window]), offline={"bac-binh": [(600.0, 1500.0)]}
    )
    _, events = run(table, 2400.0)
    assert not named(events, "incident_opened")


def test_agent_that_pauses_during_planned_work() -> None:
    """The centre, too busy to measure for two minutes, forgets nothing of the parent that it knows of the
    child: what lies behind the box that is being worked on is not called cut off.
    """
    window = {
        "id": "w",
        "what": ["device:bac-binh-onu"],
        "from": datetime.fromtimestamp(START + 500.0, UTC).isoformat(),
        "until": datetime.fromtimestamp(START + 2000.0, UTC).isoformat(),
        "why": "thay nguồn",
    }
    outside = watched_doors(
        inventory=district(maintenance=[window]),
        intervals={"bac-binh-router": 120.0},
        offline={"centre": [(1200.0, 1340.0)]},
    ).fail("bac-binh-onu", 600.0, 1800.0)
    inside = Timetable(agents={"bac-binh": tuple(d for d in OWN if d != "bac-binh-onu")})
    courier = Courier(outside, HOUR)
    courier.take_over("bac-binh", Courier(inside, HOUR))
    courier.live(0.0, 2700.0, ("centre", "bac-binh"))
    assert not named(courier.events, "incident_opened")


def test_backlog_explains_the_silence() -> None:
    """Only the office's own computer sees its switch, and hangs on it: one incident all the same."""
    courier = Courier(two_agents().fail("bac-binh-switch", 600.0, 1300.0), HOUR)
    courier.live(0.0, 600.0, ("centre", "bac-binh"))
    courier.live(600.0, 1500.0, ("centre",))
    while courier.deliver("bac-binh", 1500.0, at_most=100):
        pass
    courier.live(1500.0, 2700.0, ("centre", "bac-binh"))
    opened = [e.incident for e in named(courier.events, "incident_opened")]
    assert opened[0].cause == "agent:bac-binh"
    assert opened[-1].cause == "device:bac-binh-switch"
    assert len({incident.id for incident in opened}) == 1
    assert not courier.engine.view.open_incidents()
    messages = [e.notification for e in named(courier.events, "notification")]
    assert [m.about for m in messages] == ["opened", "summary"]


def thinned(table: Timetable, every: float, until: float) -> list[Sample]:
    """What is left of a recording of which only each `every`th second was kept."""
    return [s for s in table.samples(until) if (s.timestamp_ms / 1000.0 - START) % every < 30.0]


@pytest.mark.parametrize("every", [120.0, 300.0])
def test_recording_that_was_thinned_out(every: float) -> None:
    """An agent that is heard every five minutes is not silent in between, but after two and a half times
    that.
    """
    table = two_agents(offline={"bac-binh": [(9000.0, 1e9)]})
    found = thinned(table, every, 14_400.0)
    table.samples = lambda until: [s for s in found if s.timestamp_ms <= (START + until) * 1000]  # type: ignore[method-assign]
    _, events = run(table, 14_400.0)
    (event,) = named(events, "incident_opened")
    assert (event.incident.rule, event.incident.cause) == ("agent_silent", "agent:bac-binh")
    assert START + 9000.0 + every <= event.at <= START + 9000.0 + 3.0 * every


def test_an_agent_that_is_heard_once() -> None:
    """Of one that spoke only once it is not known how often it speaks: it has ten minutes."""
    table = two_agents(offline={"bac-binh": [(3.0, 1e9)]})
    _, events = run(table, 1200.0)
    (event,) = named(events, "incident_opened")
    assert event.incident.cause == "agent:bac-binh"
    assert START + 600.0 < event.at <= START + 660.0


@pytest.mark.parametrize(("away", "causes"), [(300.0, []), (900.0, ["agent:bac-binh"])])
def test_silence_behind_a_line_that_flaps(away: float, causes: list[str]) -> None:
    """The cable into the office's switch goes up and down: that its computer is missed for minutes is the
    same trouble; for a quarter of an hour it is not.
    """
    made = district().model_dump(mode="json")
    ends = ["bac-binh-router/lan1", "bac-binh-switch/port1"]
    made["links"].append({"id": "floor", "kind": "lan", "ends": ends})
    table = Timetable(
        inventory=Inventory.model_validate(made),
        agents={"centre": (*OTHERS, "bac-binh-onu", "bac-binh-router"), "bac-binh": OWN},
        offline={"bac-binh": [(2000.0, 2000.0 + away)]},
    )
    table.series(
        "bac-binh-router",
        "interface_up",
        lambda at: float(at // 60 % 2) if 600 < at < 3600 else 1.0,
        interface="lan1",
    )
    _, events = run(table, 3300.0)
    told = [e.incident.cause for e in named(events, "incident_opened")]
    assert told == ["link:floor", *causes]
