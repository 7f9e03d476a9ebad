"""What gets worse slowly: fading light, leaking memory, filling disks, worn batteries; and its own past."""

from __future__ import annotations

import random

import pytest

from collector.evaluate import Engine
from collector.history import History
from collector.trend import is_step, noise_of, since_last_relief, trend_of, without_visits
from tests.collector.engine.slow_time import DAY, fleet, weeks
from tests.collector.engine.timetable import START, named

LIGHT = ("xa-1-box", "optical_receive_power_dbm")
MEMORY = ("xa-1-box", "device_memory_utilization_ratio")
RUNTIME = ("xa-1-ups", "battery_runtime_seconds")
LOAD = ("xa-1-ups", "power_output_load_ratio")


def test_slope_among_outliers() -> None:
    """The slope of a line is found though a day of each week is wild."""
    points = [(day, 10.0 - 0.2 * day + (5.0 if day % 7 == 2 else 0.0)) for day in range(20)]
    trend = trend_of(points, 0.5)
    assert trend is not None
    assert trend.slope == pytest.approx(-0.2, abs=0.02)
    assert trend.days_until(4.0) == pytest.approx(11.0, abs=1.0)


@pytest.mark.parametrize("seed", range(20))
def test_noise_fails_on_no_day(seed: int) -> None:
    """Days that only tremble never seem to lead 7 dB away within a month, whatever the dice say."""
    chance = random.Random(seed)
    points = [(day, chance.gauss(0.0, 0.2)) for day in range(90)]
    trends = [trend for end in range(91) if (trend := trend_of(points[:end], 0.5))]
    assert all(abs(trend.slope) * 30.0 < 7.0 for trend in trends)
    assert len(trends) <= 2


def test_step_is_no_trend() -> None:
    """A fibre that was bent on one day does not fade."""
    levels = [-20.0, -20.1, -19.9, -20.0, -23.0, -23.1, -22.9, -23.0]
    assert is_step(levels, unexplained=5.0)
    assert not is_step([-20.0 - 0.4 * day for day in range(8)], unexplained=1.0)
    assert trend_of(list(enumerate(levels)), 0.5) is None


def test_a_restart_ends_a_leak() -> None:
    """Only what came after the restart counts."""
    points = [(day, 0.4 + 0.05 * (day % 7)) for day in range(10)]
    assert since_last_relief(points, 1.0) == points[7:]
    assert since_last_relief([(d, 1.0) for d in range(5)], 1.0) == [(d, 1.0) for d in range(5)]


BENT = [-21.9, -21.8, -22.2, -22.8, -26.2, -26.3, -23.9, -24.3, -24.9, -25.4]
"""Light, day by day, over a fibre that fades, and was bent on the fifth and the sixth day."""


def test_a_visit_is_left_out() -> None:
    """What was suddenly worse for two days and then went on as before tells nothing of how it creeps;
    while nobody knows whether it will go, what was before it counts.
    """
    days = list(enumerate(BENT))
    without = [*days[:4], *days[6:]]
    assert without_visits(days, -1.0, 0.5) == without
    assert without_visits(days[:6], -1.0, 0.5) == days[:4]
    assert since_last_relief(without, -1.0) == without
    trend = trend_of(without, 0.5)
    assert trend is not None
    assert trend.slope == pytest.approx(-0.4, abs=0.05)


def test_what_stays_is_no_visit() -> None:
    """A new level is a new beginning once it has lasted; creeping, however quick, is no visit at all."""
    step = list(enumerate([-20.0, -20.1, -19.9, -20.0, -23.0, -23.1, -22.9, -23.0, -23.1]))
    assert without_visits(step[:8], -1.0, 0.5) == step[:4]
    assert without_visits(step, -1.0, 0.5) == step[4:]
    quick = [(day, -20.0 - 0.9 * max(0, day - 3)) for day in range(10)]
    assert without_visits(quick, -1.0, 0.5) == quick


def test_noise_is_the_same_over_a_gap() -> None:
    """A slope over days that were not measured is no noise."""
    line = [(day, -20.0 - 0.5 * day) for day in range(12) if day not in (4, 5, 6)]
    assert noise_of(line) == pytest.approx(0.0, abs=1e-9)


def test_a_bent_fibre_that_fades_is_told_of_once() -> None:
    """A bend that comes and is pulled straight before the fading was seen delays it by no more than its
    own days, and does not end it.
    """

    def course(day: float) -> float:
        return -20.0 - 0.5 * max(0.0, day - 2.0) - (3.0 if 4.6 < day < 5.8 else 0.0)

    _, events = weeks(fleet(), {LIGHT: course}, days=13, noise=0.05, interface="pon0")
    told = [e for e in events if e.finding and e.finding.rule == "optical_drift"]
    assert [e.kind.value for e in told] == ["finding_opened"]
    assert told[0].at < START + 9 * DAY


def test_what_is_foreseen_of_a_line_explains_nothing_behind_it() -> None:
    """A device with bad answers behind a fibre that begins to fade keeps its own incident: what will
    fail one day harms nobody today.
    """
    courses = {
        ("olt", "optical_receive_power_dbm"): lambda day: -22.0 - 0.5 * max(0.0, day - 1.0),
        ("xa-1-ups", "icmp_jitter_seconds"): lambda day: 0.09 if day > 3.0 else 0.002,
    }
    labels = {"optical_receive_power_dbm": {"interface": "pon-2"}}
    engine, _ = weeks(fleet(), courses, days=7, own_labels=labels)
    causes = {i.cause: {f.rule for f in i.findings} for i in engine.view.open_incidents()}
    assert causes == {"device:xa-1-ups": {"jitter"}, "link:xa-1-fiber": {"optical_drift"}}


def test_an_outage_is_no_part_of_what_is_foreseen() -> None:
    """A box is off while its laser wears out: two troubles, each with its own end, though a day is closed
    in between; off again soon after, it is the same trouble as before.
    """
    outages = ((8.9, 9.2), (9.24, 9.3))

    def off(day: float) -> bool:
        return any(start < day < end for start, end in outages)

    courses = {
        ("xa-1-box", "optical_transmit_power_dbm"): lambda day: (
            None if off(day) else 2.2 - 0.15 * max(0.0, day - 2.0)
        ),
        ("xa-1-box", "check_up"): lambda day: float(not off(day)),
    }
    labels = {
        "optical_transmit_power_dbm": {"interface": "pon0"},
        "check_up": {"check": "icmp"},
    }
    engine, events = weeks(fleet(), courses, days=10, own_labels=labels)
    told = {e.incident.id: e.incident for e in events if e.incident}
    assert [(i.rule, i.cause, i.is_open, i.returns) for i in told.values()] == [
        ("laser_wear", "device:xa-1-box", True, 0),
        ("reachability", "device:xa-1-box", False, 1),
    ]
    assert [i.severity for i in engine.view.open_incidents()] == ["warning"]


def test_a_bad_way_over_a_line_that_wears_has_its_own_end() -> None:
    """Answers over a fibre that fades waver for some hours: that is over when they are steady again, and the
    fading goes on, first as less light than there used to be and then with its date.
    """
    courses = {
        ("xa-1-box", "optical_receive_power_dbm"): lambda day: (
            -19.0 - 0.5 * max(0.0, day - 1.5) - (1.2 if day > 3.2 else 0.0)
        ),
        ("xa-1-box", "icmp_jitter_seconds"): lambda day: 0.09 if 3.1 < day < 3.5 else 0.002,
    }
    labels = {"optical_receive_power_dbm": {"interface": "pon0"}}
    _, events = weeks(fleet(), courses, days=9, own_labels=labels)
    told = {e.incident.id: e.incident for e in events if e.incident}
    assert [({f.rule for f in i.findings}, i.cause, i.is_open) for i in told.values()] == [
        ({"jitter"}, "link:xa-1-fiber", False),
        ({"optical_power", "optical_drift"}, "link:xa-1-fiber", True),
    ]


def test_what_worsens_during_a_bad_way_stays_where_it_was_told() -> None:
    """A bent fibre is bent further while answers waver: the incident of its light tells that, too, and ends
    when the fibre is straight.
    """

    def light(day: float) -> float:
        return -19.0 if not 2.0 < day < 4.0 else -26.0 if day > 3.3 else -22.0

    courses = {
        ("xa-1-box", "optical_receive_power_dbm"): light,
        ("xa-1-box", "icmp_jitter_seconds"): lambda day: 0.09 if 3.1 < day < 3.5 else 0.002,
    }
    labels = {"optical_receive_power_dbm": {"interface": "pon0"}}
    engine, events = weeks(fleet(), courses, days=5, noise=0.0, own_labels=labels)
    told = {e.incident.id: e.incident for e in events if e.incident}
    assert [{f.rule for f in i.findings} for i in told.values()] == [{"optical_power"}, {"jitter"}]
    assert not engine.view.open_incidents()


def test_light_that_is_back_is_no_part_of_the_outage() -> None:
    """A fading fibre's day is closed by the first light after a power cut, while the box there still
    starts: what is told of the fibre is laid to the fibre, and the outage stays the site's.
    """
    dark = (5.7, 6.1)  # over the midnight of UTC

    def cut(day: float) -> bool:
        return dark[0] < day < dark[1]

    def back(day: float) -> bool:
        return day < dark[0] or day > dark[1] + 0.06

    courses = {
        ("olt", "optical_receive_power_dbm"): lambda day: (
            -40.0 if cut(day) else -22.0 - 0.5 * max(0.0, day - 2.5)
        ),
        ("xa-1-ups", "power_on_battery"): lambda day: float(not back(day)),
        ("xa-1-box", "check_up"): lambda day: float(back(day)),
    }
    labels = {"optical_receive_power_dbm": {"interface": "pon-2"}, "check_up": {"check": "icmp"}}
    _, events = weeks(fleet(), courses, days=8, noise=0.0, own_labels=labels)
    causes = [e.incident.cause for e in named(events, "incident_opened")]
    assert causes == ["site:xa-1", "link:xa-1-fiber"]


def test_fading_light() -> None:
    """A fibre that loses 0.4 dB a day is told of days before it fails, with the date, as the line's."""

    def course(day: float) -> float:
        return -19.0 - 0.4 * max(0.0, day - 4.0)

    engine, events = weeks(fleet(), {LIGHT: course}, days=30, noise=0.15, interface="pon0")
    opened = named(events, "incident_opened")
    assert [e.incident.cause for e in opened] == ["link:xa-1-fiber"]
    first = next(e.finding for e in events if e.finding and e.finding.rule == "optical_drift")
    assert first.question.value == "past"
    fails = START + (4.0 + 8.0 / 0.4) * DAY  # -27 dBm
    assert opened[0].at < fails - 8 * DAY
    assert START + 2 * DAY < first.since < START + 9 * DAY
    rules = {f.rule for f in engine.view.findings()}
    assert rules == {"optical_drift", "optical_power"}
    assert engine.view.open_incidents()[0].rule == "optical_power"


def test_wearing_laser() -> None:
    """When the far laser sends less, the light that arrives is less: the laser's box is named, once."""
    courses = {
        ("xa-1-box", "optical_transmit_power_dbm"): lambda day: 2.2 - 0.15 * max(0.0, day - 2),
        ("olt", "optical_receive_power_dbm"): lambda day: -23.0 - 0.15 * max(0.0, day - 2),
    }
    labels = {
        "optical_transmit_power_dbm": {"interface": "pon0"},
        "optical_receive_power_dbm": {"interface": "pon-2"},
    }
    _, events = weeks(fleet(), courses, days=14, noise=0.05, own_labels=labels)
    opened = named(events, "incident_opened")
    assert [e.incident.cause for e in opened] == ["device:xa-1-box"]
    assert {e.finding.rule for e in events if e.finding} == {"laser_wear", "optical_drift"}
    assert opened[0].at < START + 11 * DAY


def test_light_that_wanders() -> None:
    """Day and night, warm and cold: light that comes back is no drift."""
    from math import sin

    def course(day: float) -> float:
        return -20.0 + 0.5 * sin(day * 6.28) + 0.3 * sin(day / 3.0)

    _, events = weeks(fleet(), {LIGHT: course}, days=40, noise=0.1, interface="pon0")
    assert not events


@pytest.mark.parametrize("restarts", [False, True])
def test_what_is_tidied_up_again_and_again(restarts: bool) -> None:
    """A cache that grows for a week and is then cleared is told of once; a leak that a restart ends is told
    of anew.
    """
    uptime = ("xa-1-box", "device_uptime_seconds")

    def sawtooth(day: float) -> float:
        return 0.4 + 0.05 * (day % 7.0)

    def running(day: float) -> float:
        return DAY * (0.01 + day % 7.0 if restarts else 30.0 + day)

    courses = {MEMORY: sawtooth, uptime: running}
    _, events = weeks(fleet(), courses, days=28, noise=0.003, pool="ram")
    opened = [e for e in named(events, "incident_opened") if e.incident.rule == "memory_leak"]
    assert len(opened) == (4 if restarts else 1)


def test_memory_leak() -> None:
    """Memory that grows at rest is told of before it is full; a restart ends it."""

    def leaking(day: float) -> float:
        return 0.5 + 0.03 * (day if day < 12 else day - 12) + (0.1 if day % 1 > 0.5 else 0.0)

    _, events = weeks(fleet(), {MEMORY: leaking}, days=14, noise=0.005, pool="ram")
    opened = named(events, "incident_opened")
    assert [(e.incident.rule, e.incident.cause) for e in opened] == [
        ("memory_leak", "device:xa-1-box")
    ]
    assert opened[0].at < START + 9 * DAY
    assert opened[0].incident.reason.values["limit"] == "95%"
    assert len(named(events, "incident_resolved")) == 1


def test_memory_that_is_full_of_work() -> None:
    """Memory that is used by day and free by night leaks nothing."""
    _, events = weeks(
        fleet(),
        {MEMORY: lambda day: 0.4 + (0.35 if day % 1 > 0.6 else 0.0)},
        days=20,
        noise=0.01,
        pool="ram",
    )
    assert not events


def test_filling_disk() -> None:
    """A disk that fills by two percent a day will be full in so many days."""
    key = ("xa-1-box", "device_storage_utilization_ratio")
    _, events = weeks(fleet(), {key: lambda day: 0.5 + 0.02 * day}, days=15, volume="/")
    opened = named(events, "incident_opened")
    assert [e.incident.rule for e in opened] == ["storage_filling"]
    assert opened[0].incident.reason.values["rate"] == "14%"


def test_worn_battery() -> None:
    """A battery that lasts shorter from day to day at the same load is told of before it is too short."""
    _, events = weeks(
        fleet(),
        {RUNTIME: lambda day: 2400.0 - 60.0 * day, LOAD: lambda _: 0.3},
        days=25,
        noise=0.002,
    )
    opened = named(events, "incident_opened")
    assert [(e.incident.rule, e.incident.cause) for e in opened] == [
        ("battery_worn", "device:xa-1-ups")
    ]
    assert opened[0].at < START + 15 * DAY


def test_a_box_that_takes_longer_every_day() -> None:
    """Its answers are never new to its past, for they creep; the trend tells."""
    key = ("xa-1-box", "snmp_response_seconds")
    _, events = weeks(fleet(), {key: lambda day: 0.01 + 0.008 * day}, days=12, noise=0.001)
    opened = named(events, "incident_opened")
    assert [e.incident.cause for e in opened] == ["device:xa-1-box"]
    assert "snmp_ageing" in {e.finding.rule for e in events if e.finding}


@pytest.mark.parametrize("quick", [0.08, 0.5])
def test_busy_workdays_are_no_ageing(quick: float) -> None:
    """Whoever first sees a weekend and then the working week sees no ageing box, nor one that is slow by
    nature.
    """
    answer = ("xa-1-box", "snmp_response_seconds")

    def course(day: float) -> float:
        return quick * (1.0 + min(0.6, max(0.0, 0.15 * (day % 7.0 - 2.0))))

    _, events = weeks(fleet(), {answer: course}, days=21, noise=0.004)
    assert not [e for e in events if e.finding and e.finding.rule == "snmp_ageing"]


def test_more_load_is_no_worn_battery() -> None:
    """More plugged in means less time; the battery is as good as before."""

    def load(day: float) -> float:
        return 0.2 + 0.01 * day

    _, events = weeks(
        fleet(), {RUNTIME: lambda day: 480.0 / load(day), LOAD: load}, days=20, noise=0.0001
    )
    assert "battery_worn" not in {e.finding.rule for e in events if e.finding}


def test_spikes_make_no_slow_hour() -> None:
    """One answer that took sixty times as long is no slower hour; answers that stay slow are."""
    history = History()
    for look in range(180):
        spike = 60.0 if look == 90 else 1.0
        history.take(look * 60.0, 0.005 * (spike if look < 120 else 10.0), spiky=True)
    history.take(180 * 60.0, 0.05, spiky=True)
    calm, spiked, slow = (mean for _, mean in history.hours)
    assert calm == pytest.approx(0.005)
    assert spiked < 1.1 * calm
    assert slow > 9.0 * calm


def test_against_its_own_past() -> None:
    """Light that falls by 4 dB in a night is told of though it is far from the limit, in few words."""
    engine, events = weeks(
        fleet(),
        {LIGHT: lambda day: -16.0 if day < 6 else -20.0},
        days=8,
        noise=0.1,
        interface="pon0",
    )
    opened = named(events, "incident_opened")
    assert [(e.incident.rule, e.incident.severity.value) for e in opened] == [
        ("optical_power", "info")
    ]
    finding = engine.view.findings()[0]
    assert finding.question.value == "past"
    assert START + 5.9 * DAY < finding.since < START + 6.2 * DAY
    assert finding.reason.values["usual"] == "-16.0 dBm"


def test_the_past_is_quiet_as_soon_as_the_present_is_well() -> None:
    """When the fibre is straight again the finding ends within an hour or two, not when days agree."""
    _, events = weeks(
        fleet(),
        {LIGHT: lambda day: -20.0 if 6 < day < 6.8 else -16.0},
        days=8,
        noise=0.1,
        interface="pon0",
    )
    assert len(named(events, "incident_opened")) == 1
    (resolved,) = named(events, "incident_resolved")
    assert START + 6.8 * DAY < resolved.at < START + 6.95 * DAY


def test_what_stays_long_is_told_once() -> None:
    """A new level is news once: it is neither told again each day nor forgotten while it lasts."""
    engine, events = weeks(
        fleet(),
        {LIGHT: lambda day: -16.0 if day < 6 else -20.0},
        days=12,
        noise=0.1,
        interface="pon0",
    )
    assert len(named(events, "incident_opened")) == 1
    assert [f.question.value for f in engine.view.findings()] == ["past"]


def test_two_questions_are_one_finding() -> None:
    """When the limit speaks after the past it takes over: one finding, one incident, its reason."""
    engine, events = weeks(
        fleet(),
        {LIGHT: lambda day: -16.0 if day < 6 else -20.0 if day < 7 else -26.0},
        days=8,
        noise=0.1,
        interface="pon0",
    )
    assert len(named(events, "incident_opened")) == 1
    light = [f for f in engine.view.findings() if f.rule == "optical_power"]
    incident = engine.view.open_incidents()[0]
    assert {f.question.value for f in light} == {"past", "limit"}
    assert incident.severity.value == "warning"
    assert [f.question.value for f in incident.findings if f.rule == "optical_power"] == ["limit"]
    assert "limit" in incident.reason.values


def test_past_survives_a_restart() -> None:
    """Histories and baselines are in the snapshot and come out of it as the same bytes."""
    engine, _ = weeks(fleet(), {LIGHT: lambda day: -19.0 - 0.4 * day}, days=9, interface="pon0")
    snapshot = engine.snapshot()
    assert Engine.restore(fleet(), snapshot).snapshot() == snapshot
