"""Rules on what has changed: flapping, restarts, speed, duplex, generation, full lines, discards."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from collector.changes import Blinks, Flaps, Restarts, Usual
from collector.evaluate import Engine, Event
from inventory.inventory import Inventory
from telemetry.labels import make_labels
from telemetry.sample import Sample, Series, batch_of
from tests.collector.engine.timetable import START, Timetable, district, named, run

HOUR = 3600.0
DAY = 86400.0
GIGABIT = 1e9


def with_lan() -> Inventory:
    """The district with a cable between the commune's switch and its room."""
    plain = json.loads(district().to_json())
    plain["links"].append(
        {"id": "room-cable", "kind": "lan", "ends": ["bac-binh-switch/ge1", "bac-binh-room/eth0"]}
    )
    return Inventory.model_validate(plain)


def port(
    metric: str, value: Callable[[float], float | None], until: float, every: float = 60.0
) -> tuple[Engine, list[Event]]:
    """The switch's port towards the room, one series of it."""
    table = Timetable(inventory=with_lan(), agents={"centre": ("bac-binh-switch",)}, interval=300.0)
    table.series("bac-binh-switch", metric, value, every=every, interface="ge1")
    return run(table, until)


def test_flapping_port() -> None:
    """A port that goes up and down every other minute is one finding about its cable, and ends."""
    _, events = port(
        "interface_up", lambda at: float(at // 60 % 2) if 600 < at < 2400 else 1.0, 5 * HOUR
    )
    opened = named(events, "incident_opened")
    assert [e.incident.cause for e in opened] == ["link:room-cable"]
    assert opened[0].incident.rule == "flapping"
    assert START + 800 < opened[0].at < START + 1500
    assert len(named(events, "incident_resolved")) == 1


def test_a_port_that_blinks_between_two_polls() -> None:
    """It is up whenever it is asked, but says each time that it has just changed: told within half an hour,
    once, and over when it has stayed up.
    """
    _, events = port(
        "interface_last_change_seconds",
        lambda at: at % 170.0 if 600 < at < 4200 else 86_400.0 + at if at <= 600 else at - 4080.0,
        4 * HOUR,
        every=300.0,
    )
    opened = named(events, "incident_opened")
    assert [e.incident.cause for e in opened] == ["link:room-cable"]
    assert START + 600 < opened[0].at < START + 600 + 1800
    assert len(named(events, "incident_resolved")) == 1


@pytest.mark.parametrize("late", [0.0, 3.0, 12.0])
def test_a_change_is_counted_once(late: float) -> None:
    """However often it is told of, and however late the poll; a restart is one change."""
    blinks = Blinks()
    for poll in range(40):
        at = 100_000.0 + poll * 300.0
        since = 5_000.0 if poll < 20 else 106_010.0
        blinks.take(at, at - since + late * (poll % 2))
    assert blinks.value == 2.0


def test_what_is_missed_behind_a_flapping_port_is_the_same_fault() -> None:
    """A room whose cable has been told of is missed for a minute, and does not tell its health: one
    incident, that of the cable.
    """
    table = Timetable(inventory=with_lan()).fail("bac-binh-room", 2000.0, 2080.0)
    table.series(
        "bac-binh-room",
        "check_up",
        lambda at: float(not 900 < at < 2400),
        every=300.0,
        check="snmp",
    )
    table.series(
        "bac-binh-switch",
        "interface_up",
        lambda at: float(at // 60 % 2) if 600 < at < 2400 else 1.0,
        interface="ge1",
    )
    engine, events = run(table, 2400.0)
    assert [e.incident.cause for e in named(events, "incident_opened")] == ["link:room-cable"]
    (incident,) = engine.view.open_incidents()
    assert {finding.rule for finding in incident.findings} == {"flapping", "reachability"}


def test_a_plug_pulled_twice_is_no_flapping() -> None:
    """Somebody moves a plug, and moves it back in the evening."""
    _, events = port(
        "interface_up",
        lambda at: 0.0 if 600 < at < 700 or 900 < at < 1000 or 3 * HOUR < at < 3.1 * HOUR else 1.0,
        4 * HOUR,
    )
    assert not events


def test_flap_score_does_not_depend_on_when_it_is_asked() -> None:
    """The score halves its logarithm every half-life, however often one looks."""
    flaps = Flaps()
    for at in range(8):
        flaps.take(float(at * 60), float(at % 2))
    assert flaps.score(420.0 + 3600.0) == pytest.approx(flaps.value**0.5)
    often = [flaps.score(420.0 + step) for step in range(0, 3601, 40)]
    assert often[-1] == flaps.score(420.0 + 3600.0)
    assert often == sorted(often, reverse=True)


def test_slower_port() -> None:
    """A gigabit port that falls to 100 Mbit/s is a finding about its cable; back again ends it."""
    _, events = port(
        "interface_speed_bits_per_second",
        lambda at: 1e8 if 8 * HOUR < at < 9 * HOUR else GIGABIT,
        10 * HOUR,
        every=300.0,
    )
    opened = named(events, "incident_opened")
    assert [e.incident.cause for e in opened] == ["link:room-cable"]
    finding = opened[0].incident.findings[0]
    assert (finding.rule, finding.question.value) == ("port_speed", "past")
    assert finding.reason.values["usual"] == "1 Gbit/s"
    assert finding.reason.values["value"] == "100 Mbit/s"
    assert len(named(events, "incident_resolved")) == 1


def test_a_port_that_always_was_slow() -> None:
    """100 Mbit/s since the first day is no fault, nor is a port without a partner."""
    _, events = port(
        "interface_speed_bits_per_second",
        lambda at: 0.0 if 7 * HOUR < at < 8 * HOUR else 1e8,
        9 * HOUR,
        every=300.0,
    )
    assert not events


def test_half_duplex() -> None:
    """A port that was full duplex and is half duplex now is a finding."""
    engine, _ = port(
        "interface_full_duplex", lambda at: 0.0 if at > 8 * HOUR else 1.0, 9 * HOUR, every=300.0
    )
    assert [f.rule for f in engine.view.findings()] == ["port_duplex"]


def test_a_worse_value_is_usual_after_two_weeks() -> None:
    """What people have lived with for two weeks is what they have."""
    usual = Usual()
    for hour in range(48):
        usual.take(hour * HOUR, 4.0)
    for hour in range(48, 48 + 24 * 13):
        usual.take(hour * HOUR, 3.0)
    assert usual.value == 4.0
    for hour in range(48 + 24 * 13, 48 + 24 * 15):
        usual.take(hour * HOUR, 3.0)
    assert usual.value == 3.0


def test_older_mobile_network() -> None:
    """A modem that falls from 4G to 3G for long is a finding; for five minutes it is weather."""
    for lasts, wanted in ((HOUR, ["cellular_generation"]), (300.0, [])):
        table = Timetable(agents={"centre": ("bac-binh-router",)}, interval=300.0)
        table.series(
            "bac-binh-router",
            "cellular_generation",
            lambda at, lasts=lasts: 3.0 if 8 * HOUR < at < 8 * HOUR + lasts else 4.0,  # type: ignore[misc]
            every=120.0,
            modem="1",
        )
        _, events = run(table, 9.5 * HOUR)
        assert [e.incident.rule for e in named(events, "incident_opened")] == wanted


def counting(per_second: Callable[[float], float]) -> Callable[[float], float]:
    """A counter that grows by so much a second, told by the minute."""
    seen: dict[float, float] = {}

    def value(at: float) -> float:
        before = max(seen, default=0.0)
        if at not in seen:
            seen[at] = seen.get(before, 0.0) + per_second(at) * (at - before)
        return seen[at]

    return value


def test_full_line() -> None:
    """A port that carries all it can for two hours; three quarters of one are the nightly backup."""
    for lasts, wanted in ((2.5 * HOUR, ["saturation"]), (0.75 * HOUR, [])):
        table = Timetable(agents={"centre": ("bac-binh-switch",)}, interval=300.0)
        table.series(
            "bac-binh-switch", "interface_speed_bits_per_second", lambda _: 1e8, interface="ge1"
        )
        table.series(
            "bac-binh-switch",
            "interface_transmit_bytes_total",
            counting(
                lambda at, lasts=lasts: 12.2e6 if 3600 < at < 3600 + lasts else 1e5  # type: ignore[misc]
            ),
            interface="ge1",
        )
        _, events = run(table, 4.5 * HOUR)
        assert [e.incident.rule for e in named(events, "incident_opened")] == wanted
        assert len(named(events, "incident_resolved")) == len(wanted)


def test_battery_that_is_being_charged_again() -> None:
    """After a power cut the battery is low for hours: the cut's incident ends with the cut."""
    table = Timetable(agents={"centre": ("bac-binh-ups",)}, interval=300.0)
    table.series("bac-binh-ups", "power_on_battery", lambda at: 1.0 if 600 < at < 4200 else 0.0)

    def charge(at: float) -> float:
        if at < 600:
            return 1.0
        return (
            1.0 - 0.9 * (at - 600) / 3600
            if at < 4200
            else min(1.0, 0.1 + 0.05 * (at - 4200) / 3600)
        )

    table.series("bac-binh-ups", "battery_charge_ratio", charge)
    table.series("bac-binh-ups", "battery_runtime_seconds", lambda at: 1800.0 * charge(at))
    _, events = run(table, 6 * HOUR)
    opened = named(events, "incident_opened")
    assert [e.incident.cause for e in opened] == ["site:bac-binh"]
    resolved = named(events, "incident_resolved")
    assert len(resolved) == 1
    assert resolved[0].at < START + 4400.0


def test_discards() -> None:
    """A port that throws away a tenth of its frames for long is a finding about the device."""
    table = Timetable(agents={"centre": ("bac-binh-switch",)}, interval=300.0)
    table.series(
        "bac-binh-switch",
        "interface_transmit_packets_total",
        counting(lambda _: 1000.0),
        interface="ge1",
    )
    table.series(
        "bac-binh-switch",
        "interface_transmit_discards_total",
        counting(lambda at: 60.0 if 1800 < at < 4000 else 0.0),
        interface="ge1",
    )
    _, events = run(table, 7200.0)
    opened = named(events, "incident_opened")
    assert [(e.incident.rule, e.incident.cause) for e in opened] == [
        ("discards", "device:bac-binh-switch")
    ]
    assert len(named(events, "incident_resolved")) == 1


def restarting(device: str, times: tuple[float, ...], until: float, table: Timetable) -> None:
    """The uptime of a device that restarts at these times."""
    boots = (-40 * DAY, *times)
    table.series(
        device,
        "device_uptime_seconds",
        lambda at: at - max(b for b in boots if b <= at),
        every=60.0,
    )


def test_reboot_loop() -> None:
    """Three restarts within a day are a fault, one that is planned is none."""
    for times, wanted in (((HOUR, 2 * HOUR, 4 * HOUR), ["reboot_loop"]), ((HOUR,), [])):
        table = Timetable(agents={"centre": ("core",)}, interval=300.0)
        restarting("core", times, 6 * HOUR, table)
        _, events = run(table, 6 * HOUR)
        assert [e.incident.rule for e in named(events, "incident_opened")] == wanted


def test_restarts_of_a_whole_office_are_its_power() -> None:
    """When the neighbours restart with it three times, the mains is bad and not the device."""
    devices = ("bac-binh-switch", "bac-binh-router", "bac-binh-room")
    table = Timetable(agents={"centre": devices}, interval=300.0)
    for late, device in enumerate(devices):
        times = tuple(hour * HOUR + 20.0 * late for hour in (1, 2, 3))
        restarting(device, times, 5 * HOUR, table)
    _, events = run(table, 5 * HOUR)
    causes = {e.incident.cause for e in named(events, "incident_opened")}
    assert causes == {"site:bac-binh"}


def test_uptime_that_begins_anew_after_497_days() -> None:
    """The counter of the uptime is full after 497 days; that is no restart."""
    restarts = Restarts()
    full = 2.0**32 / 100.0
    restarts.take(0.0, full - 100.0)
    restarts.take(300.0, 200.0)
    assert not restarts.times
    restarts.take(600.0, 10.0)
    assert restarts.times == [590.0]


def test_agent_that_drops_measurements() -> None:
    """An agent whose buffer is full is named as the cause itself."""
    series = Series(
        "agent_buffer_dropped_samples_total", make_labels({"agent": "bac-binh", "site": "bac-binh"})
    )
    engine = Engine(district())
    events = []
    for minute in range(180):
        at = START + minute * 60.0
        dropped = 0.0 if minute < 60 else 500.0
        batch = batch_of([Sample(series, round(at * 1000), dropped)])
        events += engine.take_batch(at, batch, minute + 1)
    opened = named(events, "incident_opened")
    assert [(e.incident.rule, e.incident.cause) for e in opened] == [
        ("buffer_dropping", "agent:bac-binh")
    ]
    assert len(named(events, "incident_resolved")) == 1
    assert Engine.restore(district(), engine.snapshot()).snapshot() == engine.snapshot()


def test_agent_that_cannot_keep_up() -> None:
    """Checks that begin later and later are the agent's own trouble; a moment of it is none."""
    series = Series(
        "agent_check_lateness_seconds", make_labels({"agent": "bac-binh", "site": "bac-binh"})
    )
    engine = Engine(district())
    events = []
    for minute in range(180):
        at = START + minute * 60.0
        late = 45.0 if minute in (20, 21) or 60 <= minute < 120 else 0.1
        batch = batch_of([Sample(series, round(at * 1000), late)])
        events += engine.take_batch(at, batch, minute + 1)
    (opened,) = named(events, "incident_opened")
    assert (opened.incident.rule, opened.incident.cause) == ("checks_late", "agent:bac-binh")
    assert opened.at == START + 70 * 60.0
    assert opened.incident.reason.values["value"] == "45"
    assert len(named(events, "incident_resolved")) == 1
