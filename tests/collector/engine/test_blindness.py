"""Measuring computers that cannot measure: told as that, and nobody else is called dead."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from collector.evaluate import Engine
from collector.events import Event
from collector.incident import Incident
from collector.rule import Severity
from collector.state import HealthState
from inventory.inventory import Inventory
from telemetry.labels import make_labels
from telemetry.sample import Sample, Series
from tests.collector.engine.courier import HOUR, OWN, Courier, two_agents, watched_doors
from tests.collector.engine.timetable import START, Timetable, district, named, run

OUT, BACK = 600.0, 1500.0
INSIDE = tuple(name for name in OWN if name not in ("bac-binh-onu", "bac-binh-router"))


def blinded(table: Timetable, agent: str = "bac-binh", but: tuple[str, ...] = ()) -> Timetable:
    """Whatever this agent asks from OUT to BACK fails, except of some devices."""
    usual = table.samples

    def samples(until: float) -> list[Sample]:
        return [
            _failed(s) if _is_hit(s) and s.series.label("device") not in but else s
            for s in usual(until)
        ]

    def _is_hit(sample: Sample) -> bool:
        at = sample.timestamp_ms / 1000.0 - START
        return sample.series.label("agent") == agent and OUT <= at < BACK

    table.samples = samples  # type: ignore[method-assign]
    return table


def _failed(sample: Sample) -> Sample:
    values = {"icmp_loss_ratio": 1.0, "check_up": 0.0}
    return Sample(sample.series, sample.timestamp_ms, values.get(sample.series.name, sample.value))


def only(events: list[Event]) -> Incident:
    """The one incident that was told, as it was in the beginning."""
    (event,) = named(events, "incident_opened")
    return event.incident


def test_others_reach_what_it_does_not() -> None:
    """Its own doors answer the centre: it is blind, and what only it sees is not measured."""
    engine, events = run(blinded(watched_doors()), 1400.0)
    incident = only(events)
    assert (incident.rule, incident.cause) == ("agent_blind", "agent:bac-binh")
    assert incident.severity is Severity.CRITICAL
    assert incident.opened_at <= START + OUT + 150.0
    assert incident.reason.values["agent"] == "centre"
    assert set(incident.affected) == set(INSIDE)
    for name in INSIDE:
        assert engine.view.health_of(name).state is HealthState.NOT_MEASURED
    assert engine.view.health_of("bac-binh-router").state is HealthState.UP
    engine, events = run(blinded(watched_doors()), 2400.0)
    assert len(named(events, "notification")) == 2
    assert not engine.view.open_incidents()
    for name in OWN:
        assert engine.view.health_of(name).state is HealthState.UP
        assert engine.view.seconds_in_states(name)["down"] == 0.0


def test_its_measurements_come_through_a_dead_door() -> None:
    """Nobody else looks at its office, yet all that it says arrives through the router it calls dead."""
    engine, events = run(blinded(two_agents()), 1400.0)
    assert only(events).cause == "agent:bac-binh"
    assert "through which" in only(events).reason.template
    for name in OWN:
        assert engine.view.health_of(name).state is HealthState.NOT_MEASURED


def mobile() -> Inventory:
    """The same district, with a mobile line of the commune's."""
    made = district().model_dump(mode="json")
    made["devices"].append(
        {
            "id": "bac-binh-lte",
            "site": "bac-binh",
            "class": "lte_cpe",
            "address": "10.11.1.20",
            "parents": ["core"],
        }
    )
    line = {"id": "bac-binh-4g", "kind": "cellular", "ends": ["core/wan", "bac-binh-lte/lte0"]}
    return Inventory.model_validate({**made, "links": [*made["links"], line]})


def dead_switch() -> Timetable:
    """The switch is dead; whatever hangs on it, too, and the agent sees no more than that."""
    return watched_doors().fail("bac-binh-switch", OUT, BACK)


def on_battery() -> Timetable:
    """The mains is gone: the UPS has said so."""
    table = blinded(two_agents())
    return table.series(
        "bac-binh-ups", "power_on_battery", lambda at: float(at >= OUT - 60.0), 20.0
    )


@pytest.mark.parametrize(
    ("table", "cause"),
    [
        (dead_switch, "device:bac-binh-switch"),
        (lambda: blinded(two_agents(inventory=mobile())), "device:bac-binh-onu"),
        (on_battery, "site:bac-binh"),
        (lambda: two_agents().fail("olt", OUT, BACK), "device:olt"),
        (lambda: Timetable().fail("core", OUT, BACK), "device:core"),
        (lambda: blinded(watched_doors(), but=("bac-binh-pc",)), "device:bac-binh-switch"),
    ],
)
def test_what_is_really_dead(table: Callable[[], Timetable], cause: str) -> None:
    """A dead switch, an office whose words come over the mobile line, no power, a dead core, somebody who
    still answers: nobody is blind.
    """
    _, events = run(table(), 1400.0)
    assert "agent_blind" not in {e.incident.rule for e in events if e.incident}
    assert cause in {e.incident.cause for e in named(events, "incident_opened")}


def test_backlog_is_no_contradiction() -> None:
    """It saw nothing while it was cut off, too, and tells so afterwards: that was its switch or cable."""
    courier = Courier(blinded(watched_doors()), HOUR)
    courier.live(0.0, OUT, ("centre", "bac-binh"))
    courier.live(OUT, BACK, ("centre",))
    while courier.deliver("bac-binh", BACK, at_most=60):
        courier.tick(BACK)
    courier.live(BACK, 2400.0, ("centre", "bac-binh"))
    assert "agent_blind" not in {e.incident.rule for e in courier.events if e.incident}


def forbidden(table: Timetable, check: str, reason: str) -> Timetable:
    """From OUT to BACK the commune's agent could not make this check: the counters say why."""
    usual = blinded(table).samples
    counts: dict[str, int] = {}

    def samples(end: float) -> list[Sample]:
        found = []
        for sample in usual(end):
            found.append(sample)
            at = sample.timestamp_ms / 1000.0 - START
            who = sample.series.label
            if sample.series.name == "check_up" and who("agent") == "bac-binh" and OUT <= at < BACK:
                counts[who("device")] = counts.get(who("device"), 0) + 1
                labels = {n: who(n) for n in ("site", "device", "class", "agent")}
                series = Series(
                    "check_failures_total",
                    make_labels({**labels, "check": check, "reason": reason}),
                )
                found.append(Sample(series, sample.timestamp_ms, float(counts[who("device")])))
        return found

    table.samples = samples  # type: ignore[method-assign]
    return table


@pytest.mark.parametrize(
    ("reason", "words"), [("forbidden", "forbids"), ("internal", "a fault of")]
)
def test_it_says_itself_that_it_could_not_ask(reason: str, words: str) -> None:
    """Its system forbids the ping, or its program fails: told within two intervals, with its own words."""
    engine, events = run(forbidden(two_agents(), "icmp", reason), 1400.0)
    incident = only(events)
    assert (incident.rule, incident.cause) == ("agent_blind", "agent:bac-binh")
    assert incident.opened_at <= START + OUT + 75.0
    assert words in incident.reason.template
    assert set(incident.affected) == set(OWN)
    for name in OWN:
        assert engine.view.health_of(name).state is HealthState.NOT_MEASURED
    engine, events = run(forbidden(two_agents(), "icmp", reason), 2400.0)
    assert not engine.view.open_incidents()
    spent = engine.view.seconds_in_states("bac-binh-room")
    assert spent["down"] == 0.0
    assert spent["not_measured"] == pytest.approx(BACK - OUT, abs=120.0)


@pytest.mark.parametrize(
    ("reason", "causes", "state"),
    [
        ("forbidden", [], HealthState.NOT_MEASURED),
        ("timeout", ["device:bac-binh-pc"], HealthState.DOWN),
    ],
)
def test_one_device_alone(reason: str, causes: list[str], state: HealthState) -> None:
    """A single address that may not be asked is not measured, and no fault of anybody; one that gives no
    answer is down.
    """
    table = two_agents()
    usual = forbidden(table, "icmp", reason).samples
    clean = two_agents().samples
    table.samples = lambda until: sorted(  # type: ignore[method-assign]
        [s for s in usual(until) if s.series.label("device") == "bac-binh-pc"]
        + [s for s in clean(until) if s.series.label("device") != "bac-binh-pc"],
        key=lambda s: s.timestamp_ms,
    )
    engine, events = run(table, 1400.0)
    assert [e.incident.cause for e in named(events, "incident_opened")] == causes
    assert engine.view.health_of("bac-binh-pc").state is state
    assert engine.view.health_of("bac-binh-room").state is HealthState.UP


@pytest.mark.parametrize(
    ("check", "reason", "told"),
    [
        ("snmp", "internal", [("agent_blind", "agent:bac-binh", "snmp", ())]),
        ("host", "forbidden", []),
    ],
)
def test_other_checks_than_the_ping(
    check: str, reason: str, told: list[tuple[str, str, str, tuple[str, ...]]]
) -> None:
    """Without SNMP less is known, but who is there is: a warning about the agent, and no device is called
    silent. That no agent can look into another machine than its own is nobody's fault.
    """
    table = two_agents()
    for device in OWN:
        table.series(device, "check_up", lambda at: float(at < OUT), every=60.0, check=check)
        table.series(
            device,
            "check_failures_total",
            lambda at: 1.0 + (at - OUT) // 60.0 if at >= OUT else None,
            every=60.0,
            check=check,
            reason=reason,
        )
    engine, events = run(table, 1400.0)
    opened = [event.incident for event in named(events, "incident_opened")]
    assert [(i.rule, i.cause, i.lead.instance, i.affected) for i in opened] == told
    for name in OWN:
        assert engine.view.health_of(name).state is HealthState.UP


@pytest.mark.parametrize(
    "table",
    [
        lambda: blinded(watched_doors()),
        lambda: blinded(two_agents()),
        lambda: forbidden(two_agents(), "icmp", "forbidden"),
    ],
)
def test_restarts_of_the_collector_change_nothing(table: Callable[[], Timetable]) -> None:
    """Restored from a snapshot again and again, the engine says and knows the same, byte for byte."""
    courier = Courier(table(), 1800.0)
    courier.live(0.0, 1800.0, ("centre", "bac-binh"))
    assert named(courier.events, "incident_resolved")
    engine, events = Engine(courier.engine.inventory), []
    for place, entry in enumerate(courier.entries):
        if place % 37 == 0:
            engine = Engine.restore(engine.inventory, engine.snapshot())
        events += engine.apply(entry)
    assert repr(events) == repr(courier.events)
    assert engine.snapshot() == courier.engine.snapshot()
