"""Why it was dark: told by what restarted and what ran on, once it is back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from collector.events import Event
from collector.incident import Incident
from tests.collector.engine.courier import HOUR, OWN, Courier, two_agents, watched_doors
from tests.collector.engine.timetable import START, Timetable, named, run

AGES = 900_000.0
OUT, BACK = 600.0, 1500.0


def uptime(restarted: float | None = None) -> Callable[[float], float]:
    """How long a device has been running, if it started anew at `restarted`."""
    return lambda at: AGES + at if restarted is None or at < restarted else at - restarted


def told(table: Timetable, **restarts: float | None) -> Timetable:
    """The devices of the commune tell their uptime; those named start anew."""
    for name in ("onu", "router", "switch", "room", "pc"):
        device = f"bac-binh-{name}"
        table.series(device, "device_uptime_seconds", uptime(restarts.get(name)), every=60.0)
    return table


def last(events: list[Event]) -> Incident:
    """The one incident as it was understood in the end; its end was told once."""
    assert len(named(events, "incident_opened")) == len(named(events, "incident_resolved")) == 1
    return [event.incident for event in events if event.incident][-1]


def test_line() -> None:
    """Everything ran on: it was the line, whatever had been thought before."""
    table = told(Timetable().fail("bac-binh-onu", OUT, BACK))
    _, events = run(table, 2700.0)
    assert named(events, "incident_opened")[0].incident.cause == "device:bac-binh-onu"
    incident = last(events)
    assert incident.cause == "link:bac-binh-fiber"
    assert "without a restart" in incident.reason.template
    assert named(events, "incident_updated")[-1].at > incident.resolved_at
    assert len(named(events, "notification")) == 2


def test_box() -> None:
    """Only the ONU started anew: it was the ONU."""
    table = told(Timetable().fail("bac-binh-onu", OUT, BACK), onu=BACK - 40.0)
    incident = last(run(table, 2700.0)[1])
    assert incident.cause == "device:bac-binh-onu"
    assert "others there ran on" in incident.reason.template


@pytest.mark.parametrize(
    ("ran_on", "confidence"), [((), "almost certainly"), (("pc",), "probably")]
)
def test_power(ran_on: tuple[str, ...], confidence: str) -> None:
    """The ONU and others started anew: the power was out there."""
    restarts = dict.fromkeys(("onu", "router", "switch", "room", "pc"), BACK - 40.0)
    for name in ran_on:
        del restarts[name]
    table = told(Timetable().fail("bac-binh-onu", OUT, BACK), **restarts)
    incident = last(run(table, 2700.0)[1])
    assert incident.cause == "site:bac-binh"
    assert confidence in incident.reason.template
    assert "power" in incident.headline.template


def test_flapping_stays_one() -> None:
    """What is understood better is the same trouble when it comes back soon after."""
    table = told(Timetable().fail("bac-binh-onu", OUT, BACK).fail("bac-binh-onu", 2000.0, 2400.0))
    _, events = run(table, 3600.0)
    assert len({event.incident.id for event in named(events, "incident_opened")}) == 1


def of_agent(booted: float, started: float, off: bool) -> list[Event]:
    """The commune's agent is not heard for a quarter of an hour."""
    table = two_agents(offline={"bac-binh": [(OUT, BACK)]} if off else {})
    table.selves["bac-binh"] = {
        "agent_boot_timestamp_seconds": lambda at: START + (booted if at > OUT else -AGES),
        "agent_start_timestamp_seconds": lambda at: START + (started if at > OUT else -AGES + 9.0),
    }
    courier = Courier(table, HOUR)
    courier.live(0.0, OUT, ("centre", "bac-binh"))
    courier.live(OUT, BACK, ("centre",))
    courier.live(BACK, 2700.0, ("centre", "bac-binh"))
    return courier.events


@pytest.mark.parametrize(
    ("booted", "started", "off", "cause", "words"),
    [
        (-AGES, -AGES + 9.0, False, "link:bac-binh-fiber", "measured all the while"),
        (-AGES, -AGES + 9.0, True, "agent:bac-binh", "measured nothing"),
        (-AGES, BACK - 5.0, True, "agent:bac-binh", "program had started anew"),
        (BACK - 40.0, BACK - 5.0, True, "agent:bac-binh", "had been off"),
    ],
)
def test_silent_agent(booted: float, started: float, off: bool, cause: str, words: str) -> None:
    """A measuring computer that speaks again tells why it was silent."""
    incident = last(of_agent(booted, started, off))
    assert named(of_agent(booted, started, off), "incident_opened")[0].incident.cause == (
        "agent:bac-binh"
    )
    assert (incident.cause, words in incident.reason.template) == (cause, True)


def test_agent_cut_off_by_itself() -> None:
    """It measured all the while and the centre saw its office well: only its own cable was out."""
    courier = Courier(watched_doors(), HOUR)
    courier.live(0.0, OUT, ("centre", "bac-binh"))
    courier.live(OUT, BACK, ("centre",))
    courier.live(BACK, 2700.0, ("centre", "bac-binh"))
    assert last(courier.events).cause == "agent:bac-binh"


def test_silent_agent_without_power() -> None:
    """The computer and two devices around it started anew: the power was out."""
    table = two_agents(offline={"bac-binh": [(OUT, BACK)]})
    for name in OWN:
        table.fail(name, OUT, BACK)
    table.selves["bac-binh"] = {
        "agent_boot_timestamp_seconds": lambda at: START + (BACK - 40.0 if at > OUT else -AGES),
        "agent_start_timestamp_seconds": lambda at: START + (BACK - 9.0 if at > OUT else -AGES),
    }
    told(table, switch=BACK - 30.0, room=BACK - 20.0, router=BACK - 30.0, onu=BACK, pc=BACK)
    _, events = run(table, 2700.0)
    assert last(events).cause == "site:bac-binh"


def test_outage_of_what_was_ill_before() -> None:
    """A switch that is too hot for a day goes dark for a while, and days of restarts lie in between: the
    incident stays the switch's own.
    """
    table = told(
        Timetable().fail("bac-binh-switch", 9000.0, 9600.0),
        **dict.fromkeys(("onu", "router", "room", "pc"), 5000.0),
    )
    table.series(
        "bac-binh-switch",
        "device_temperature_celsius",
        lambda at: 90.0 if 1000.0 < at < 11000.0 else 40.0,
        sensor="cpu",
    )
    _, events = run(table, 12600.0)
    incidents = {event.incident.id: event.incident for event in events if event.incident}
    (incident,) = incidents.values()
    assert {f.rule for f in incident.findings} == {"temperature", "reachability"}
    assert incident.cause == "device:bac-binh-switch"
    assert not incident.is_open


def test_restart_before_the_outage_says_nothing_about_it() -> None:
    """The line flaps: what started anew between two cuts was not off during the second."""
    table = told(
        Timetable().fail("bac-binh-onu", OUT, BACK).fail("bac-binh-onu", 3600.0, 4200.0),
        **dict.fromkeys(("onu", "router", "switch", "room", "pc"), 2400.0),
    )
    _, events = run(table, 7200.0)
    incident = [event.incident for event in events if event.incident][-1]
    assert incident.cause == "link:bac-binh-fiber"
