"""Why it is dark: cut lines seen from both ends, carriers, and what was not measured at all."""

from __future__ import annotations

import json

import pytest

from collector.state import HealthState
from inventory.inventory import Inventory
from telemetry.labels import make_labels
from telemetry.sample import Sample, Series
from tests.collector.engine.courier import DOORS, HOUR, OTHERS, OWN, Courier, two_agents
from tests.collector.engine.timetable import (
    INTERVAL,
    START,
    Timetable,
    district,
    named,
    run,
)

COMMUNES = ("bac-binh", "quang-son", "tu-du", "xuan-hoa")


class BothEnds(Timetable):
    """The commune's own agent goes on seeing the commune while the line to it is cut."""

    def answers(self, device: str, at: float) -> bool:
        return self.inside or super().answers(device, at)

    inside = False

    def _looks(self, agent: str, device: str, until: float):  # type: ignore[no-untyped-def]
        self.inside = agent != "centre"
        return super()._looks(agent, device, until)


def both_ends() -> BothEnds:
    """The centre looks at the commune's doors, the commune's agent at the whole commune."""
    return BothEnds(agents={"centre": (*OTHERS, *DOORS), "bac-binh": OWN})


def test_cut_line_seen_from_both_ends() -> None:
    """The centre has lost the office's doors, the office sees that all is well: the line is cut."""
    engine, events = run(both_ends().fail("bac-binh-onu", 600.0, 1500.0), 1400.0)
    (opened,) = named(events, "incident_opened")
    assert opened.incident.cause == "link:bac-binh-fiber"
    assert opened.at <= START + 600.0 + 2 * INTERVAL + 15.0
    assert opened.incident.reason.values["agent"] == "centre"
    assert "bac-binh-room" in opened.incident.affected
    assert engine.view.health_of("bac-binh-room").state is HealthState.UP
    engine, events = run(both_ends().fail("bac-binh-onu", 600.0, 1500.0), 2400.0)
    assert len(named(events, "incident_opened")) == len(named(events, "incident_resolved")) == 1
    assert engine.view.seconds_in_states("bac-binh-router")["up"] == pytest.approx(
        2400.0, abs=INTERVAL
    )


def test_dead_box_seen_from_both_ends() -> None:
    """When the office itself has lost its router, too, the router is dead and the line is not."""
    table = Timetable(agents={"centre": (*OTHERS, *DOORS), "bac-binh": OWN})
    _, events = run(table.fail("bac-binh-router", 600.0), 1400.0)
    assert [e.incident.cause for e in named(events, "incident_opened")] == [
        "device:bac-binh-router"
    ]


def carried(carriers: dict[str, str]) -> Inventory:
    """A district whose fibres have these carriers."""
    inventory = json.loads(district(COMMUNES).to_json())
    for link in inventory["links"]:
        link["carrier"] = carriers[link["id"].removesuffix("-fiber")]
    return Inventory.model_validate(inventory)


def test_carrier_outage_is_one_incident() -> None:
    """Two of the carrier's lines go dark at once, the lines of another do not."""
    carriers = dict(zip(COMMUNES, ("VNPT", "VNPT", "Viettel", "Viettel"), strict=True))
    table = Timetable(inventory=carried(carriers))
    table.fail("bac-binh-onu", 600.0, 1500.0).fail("quang-son-onu", 600.0, 1520.0)
    engine, events = run(table, 1400.0)
    (opened,) = named(events, "incident_opened")
    (incident,) = engine.view.open_incidents()
    assert incident.id == opened.incident.id
    assert incident.cause in ("link:bac-binh-fiber", "link:quang-son-fiber")
    assert incident.reason.values == {"count": "2", "carrier": "VNPT"}
    assert incident.headline.values["carrier"] == "VNPT"
    assert {"bac-binh-room", "quang-son-room"} <= set(incident.affected)
    engine, events = run(table, 2400.0)
    assert len(named(events, "incident_resolved")) == 1
    assert not engine.view.open_incidents()
    in_time = sorted((e for e in events if e.incident and not e.finding), key=lambda e: e.at)
    assert [e.incident.revision for e in in_time] == sorted(e.incident.revision for e in in_time)


def test_trunk_outage_is_one_incident() -> None:
    """Three lines of two carriers go dark at once and hang on one device: that device is named."""
    carriers = dict(zip(COMMUNES, ("VNPT", "VNPT", "Viettel", "Viettel"), strict=True))
    table = Timetable(inventory=carried(carriers))
    for commune in COMMUNES[:3]:
        table.fail(f"{commune}-onu", 600.0)
    engine, _ = run(table, 1400.0)
    assert "device:olt" in {incident.cause for incident in engine.view.open_incidents()}


def test_lines_that_die_one_after_another() -> None:
    """Two lines of one carrier that die ten minutes apart are two faults."""
    table = Timetable(inventory=carried(dict.fromkeys(COMMUNES, "VNPT")))
    table.fail("bac-binh-onu", 600.0).fail("quang-son-onu", 1200.0)
    _, events = run(table, 1800.0)
    assert len(named(events, "incident_opened")) == 2


def test_what_was_not_measured_does_not_turn_green() -> None:
    """The measuring computer was off for half an hour: that time stays "not measured" afterwards."""
    courier = Courier(two_agents(offline={"bac-binh": [(600.0, 2400.0)]}), HOUR)
    courier.live(0.0, HOUR, ("centre", "bac-binh"))
    spent = courier.engine.view.seconds_in_states("bac-binh-room")
    assert spent["not_measured"] == pytest.approx(1800.0, abs=2 * INTERVAL)
    assert spent["up"] == pytest.approx(1800.0, abs=2 * INTERVAL)


def test_backlog_with_a_hole() -> None:
    """A hole in what arrives late is not filled either."""
    courier = Courier(two_agents(offline={"bac-binh": [(900.0, 1800.0)]}), HOUR)
    courier.live(0.0, 600.0, ("centre", "bac-binh"))
    courier.live(600.0, 2400.0, ("centre",))
    courier.live(2400.0, 3000.0, ("centre", "bac-binh"))
    spent = courier.engine.view.seconds_in_states("bac-binh-room")
    assert spent["not_measured"] == pytest.approx(900.0, abs=2 * INTERVAL)
    assert spent["up"] == pytest.approx(2100.0, abs=2 * INTERVAL)


def test_what_was_decided_anew_is_told() -> None:
    """The time that a backlog moves from one state to another is there to be logged."""
    courier = Courier(two_agents().fail("bac-binh-room", 900.0, 1200.0), HOUR)
    courier.live(0.0, 600.0, ("centre", "bac-binh"))
    courier.live(600.0, 2400.0, ("centre",))
    assert not courier.engine.corrections()
    courier.live(2400.0, 2700.0, ("centre", "bac-binh"))
    moved = {(c.target, c.was, c.is_now): c.seconds for c in courier.engine.corrections()}
    assert moved[("bac-binh-switch", "not_measured", "up")] == pytest.approx(1700.0, abs=120.0)
    assert not courier.engine.corrections()


def test_recovery_seen_from_both_ends() -> None:
    """The office sees its router come back a moment before the centre does: that makes no cut line."""
    table = Timetable(agents={"centre": (*OTHERS, *DOORS), "bac-binh": OWN})
    table.fail("bac-binh-router", 600.0, 1500.0)
    later = Timetable(agents=table.agents).fail("bac-binh-router", 600.0, 1530.0)
    found = [s for s in table.samples(2400.0) if s.series.label("agent") == "bac-binh"]
    found += [s for s in later.samples(2400.0) if s.series.label("agent") == "centre"]
    table.samples = lambda until: sorted(found, key=lambda s: s.timestamp_ms)  # type: ignore[method-assign]
    _, events = run(table, 2400.0)
    assert {e.incident.cause for e in events if e.incident} == {"device:bac-binh-router"}


def test_whoever_looks_up_tells_of_its_own_line() -> None:
    """An office that has lost the centre does not make the centre's switch unreachable."""
    own = tuple(name for name in OWN if name != "bac-binh-router")
    table = Timetable(agents={"centre": (*OTHERS, *DOORS), "bac-binh": (*own, "core")})
    found = table.fail("bac-binh-router", 600.0, 1500.0).samples(2400.0)
    series = {s.series for s in found if s.series.label("device") == "core"}
    cut = {s for s in series if s.label("agent") == "bac-binh" and s.name == "icmp_loss_ratio"}
    lost = [
        Sample(s.series, s.timestamp_ms, 1.0)
        if s.series in cut and 600.0 <= s.timestamp_ms / 1000.0 - START < 1500.0
        else s
        for s in found
    ]
    table.samples = lambda until: lost  # type: ignore[method-assign]
    _, events = run(table, 2400.0)
    assert {e.incident.cause for e in events if e.incident} == {"device:bac-binh-router"}


def test_carrier_outage_seen_from_both_ends() -> None:
    """Lines of one carrier are cut while the offices' own agents go on: still one incident."""
    inventory = carried(dict.fromkeys(COMMUNES, "VNPT"))
    names = [device.id for device in inventory.devices]
    agents = {name: tuple(d for d in names if d.startswith(name)) for name in COMMUNES[:2]}
    table = BothEnds(inventory=inventory, agents={"centre": tuple(names), **agents})
    for commune in COMMUNES[:2]:
        table.fail(f"{commune}-onu", 600.0)
    engine, _ = run(table, 1200.0)
    (incident,) = engine.view.open_incidents()
    assert incident.headline.values["carrier"] == "VNPT"


def test_dark_receiver_is_part_of_the_outage() -> None:
    """The OLT hears no light any more from where all is gone: the same incident, now with the line."""
    table = Timetable().fail("bac-binh-onu", 600.0)
    table.series(
        "olt",
        "optical_receive_power_dbm",
        lambda at: -40.0 if at > 600.0 else -20.0,
        interface="pon-1",
    )
    engine, events = run(table, 1800.0)
    assert len({e.incident.id for e in named(events, "incident_opened")}) == 1
    (incident,) = engine.view.open_incidents()
    assert incident.cause == "link:bac-binh-fiber"


def test_battery_recharges() -> None:
    """What a power cut has drained is held back while it recharges."""
    table = Timetable()
    table.series("bac-binh-ups", "power_on_battery", lambda at: float(600.0 <= at < 1500.0))
    table.series("bac-binh-ups", "battery_charge_ratio", lambda at: 1.0 if at < 1450.0 else 0.3)
    _, events = run(table, 3600.0)
    assert {e.incident.cause for e in named(events, "incident_opened")} == {"site:bac-binh"}


@pytest.mark.parametrize("address", ["10.10.0.2", "192.0.2.7", ""])
@pytest.mark.parametrize("late", [0.0, 60.0])
def test_last_hop_that_answered(address: str, late: float) -> None:
    """The finding says who answered last on the way, by name if it is one of ours."""
    table = Timetable(phases={"bac-binh-onu": 2.0}).fail("bac-binh-onu", 600.0)
    found = table.samples(1200.0)
    at = round((START + 632.0 + late) * 1000)
    like = next(s.series for s in found if s.series.label("device") == "bac-binh-onu")
    who = {k: v for k, v in like.labels if k in ("site", "device", "class", "agent")}
    found.append(Sample(Series("path_trace_hops", make_labels(who)), at, 2.0 if address else 0.0))
    if address:
        info = Series("path_trace_last_hop_info", make_labels({**who, "hop": address}))
        found.append(Sample(info, at, 1.0))
    table.samples = lambda until: sorted(found, key=lambda s: s.timestamp_ms)  # type: ignore[method-assign]
    engine, events = run(table, 1200.0)
    assert len(named(events, "incident_opened")) == 1
    reason = engine.view.open_incidents()[0].reason
    names = {"10.10.0.2": "olt", "192.0.2.7": "192.0.2.7"}
    assert reason.values.get("hop", "") == names.get(address, "")
    assert "on the way" in reason.template


def test_dark_receiver_during_a_power_cut() -> None:
    """Where the power is out the light is out, too: that is no cut line."""
    table = Timetable()
    for name in OWN:
        table.fail(name, 640.0)
    table.series("bac-binh-ups", "power_on_battery", lambda at: float(at >= 600.0), every=10.0)
    table.series(
        "olt",
        "optical_receive_power_dbm",
        lambda at: -40.0 if at > 640.0 else -20.0,
        interface="pon-1",
    )
    _, events = run(table, 1800.0)
    assert {e.incident.cause for e in named(events, "incident_opened")} == {"site:bac-binh"}


def test_neighbours_clear_a_parent_that_is_asked_seldom() -> None:
    """The OLT is asked every ten minutes; that another line behind it answers is enough to name ours."""
    table = Timetable().fail("bac-binh-onu", 605.0)
    found = [
        s
        for s in table.samples(1200.0)
        if s.series.label("device") not in ("olt", "core") or (s.timestamp_ms // 1000) % 600 < 30
    ]
    table.samples = lambda until: found  # type: ignore[method-assign]
    _, events = run(table, 1200.0)
    (opened,) = named(events, "incident_opened")
    assert opened.incident.cause == "device:bac-binh-onu"
    assert opened.at <= START + 605.0 + 2 * INTERVAL + 15.0


def test_line_that_flaps() -> None:
    """What was the line's fault a while ago is again, also when this time nobody could tell."""
    table = both_ends().fail("bac-binh-onu", 600.0, 900.0).fail("bac-binh-onu", 1800.0, 2400.0)
    found = [
        Sample(s.series, s.timestamp_ms, float(s.series.name == "icmp_loss_ratio"))
        if 1800.0 <= s.timestamp_ms / 1000.0 - START < 2400.0
        and s.series.label("device") == "bac-binh-onu"
        else s
        for s in table.samples(3000.0)
    ]
    table.samples = lambda until: found  # type: ignore[method-assign]
    _, events = run(table, 3000.0)
    opened = [event.incident for event in named(events, "incident_opened")]
    assert {incident.cause for incident in opened} == {"link:bac-binh-fiber"}
    assert len({incident.id for incident in opened}) == 1
