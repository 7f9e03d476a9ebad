"""The judge of a series against its own past on seeded series of the kinds that a district has."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator

import pytest

from collector.baseline import Baseline, observe
from collector.surprise import Surprise, Verdict

START = 1_790_000_000.0 - 1_790_000_000.0 % 604_800.0 + 4 * 86_400.0  # a Monday, 0:00
STEP = 300.0
DAY = 86_400.0

Course = Callable[[float, random.Random], float]
"""A series: its value so many days after the start, with the chance of one sample."""


def days_of(
    course: Course, days: int, seed: int, least: float = 0.0, step: float = STEP
) -> Iterator[tuple[float, Verdict]]:
    """What is said of each sample of a course, with the day it is of."""
    chance = random.Random(seed)
    baseline = Baseline(least=least)
    for place in range(int(days * DAY / step)):
        day = place * step / DAY
        value = course(day, chance)
        yield day, observe(baseline, START + place * step, value)


def alarms(
    course: Course, days: int, seed: int, least: float = 0.0
) -> list[tuple[float, Surprise]]:
    """When it alarms, and why."""
    said = days_of(course, days, seed, least)
    return [(day, verdict.surprise) for day, verdict in said if verdict.alarm]


def hour(day: float) -> float:
    """The hour of the day."""
    return day % 1.0 * 24.0


def light(day: float, chance: random.Random) -> float:
    """Optical power: steady, a little warmer by day."""
    return -18.0 + 0.1 * math.sin(math.tau * day) + chance.gauss(0.0, 0.05)


def round_trip(day: float, chance: random.Random) -> float:
    """Round trip: a floor, queues in the evening, now and then a slow burst."""
    evening = 0.004 * math.exp(-(((hour(day) - 20.0) / 1.5) ** 2))
    slow = chance.expovariate(1 / 0.02) if chance.random() < 0.01 else 0.0
    return 0.012 + evening * chance.uniform(0.5, 1.5) + chance.expovariate(1 / 0.001) + slow


def traffic(day: float, chance: random.Random) -> float:
    """Bits a second of an office: working hours, and a backup at two in the night."""
    if 2.0 <= hour(day) < 2.5:
        return 8e6 * chance.uniform(0.9, 1.05)
    busy = 7.0 <= hour(day) < 17.0 and day % 7.0 < 5.0
    return (2e6 if busy else 5e4) * chance.uniform(0.5, 1.5)


def room(day: float, chance: random.Random) -> float:
    """Temperature of a cabinet, in whole degrees, warmer from week to week in spring."""
    return float(round(30.0 + 4.0 * math.sin(math.tau * (day - 0.4)) + chance.gauss(0.0, 0.4)))


def load(day: float, chance: random.Random) -> float:
    """Processor: idle, and spikes that come and go."""
    return min(1.0, 0.08 + abs(chance.gauss(0.0, 0.02)) + (chance.random() < 0.02) * 0.6)


HEALTHY = {
    "light": (light, 0.5),
    "round trip": (round_trip, 0.01),
    "traffic": (traffic, 0.0),
    "room": (room, 2.0),
    "load": (load, 0.2),
}
"""Series with nothing wrong and the least change that a rule would care for."""


def fault(course: Course, begins: float, change: Course) -> Course:
    """The course, changed by so much from a day on."""

    def changed(day: float, chance: random.Random) -> float:
        value = course(day, chance)
        return value + change(day - begins, chance) if day >= begins else value

    return changed


FAULTS: dict[str, tuple[Course, float, Course, float]] = {
    "connector pulled a little": (light, 0.5, lambda _, __: -3.0, 0.02),
    "re-routed over the mountains": (round_trip, 0.01, lambda _, __: 0.06, 0.02),
    "fan dead": (room, 2.0, lambda since, _: min(25.0, since * 200.0), 0.2),
    "process runs wild": (load, 0.2, lambda _, __: 0.85, 0.02),
    "somebody downloads all day": (traffic, 0.0, lambda _, __: 1.2e7, 0.02),
    "line flaps, round trip swings": (round_trip, 0.01, lambda _, c: c.uniform(0.0, 0.3), 0.05),
}
"""Healthy course, least change, what the fault adds, and within what part of a day it must be seen."""


@pytest.mark.parametrize("name", HEALTHY)
def test_healthy_series_alarm_rarely(name: str) -> None:
    """Backups, evening peaks, seasons, spikes: at most one a series-month, eight of the spikiest."""
    course, least = HEALTHY[name]
    told = [alarm for seed in (1, 2, 3) for alarm in alarms(course, 42, seed, least)]
    series_months = 3 * 42 / 30
    assert len(told) <= series_months * (8 if name == "round trip" else 1)


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("seed", [11, 12])
def test_faults_are_seen(name: str, seed: int) -> None:
    """A fault after ten days alarms once, soon, and the episode stands while the fault does."""
    course, least, change, within = FAULTS[name]
    begins = 10.5
    said = list(days_of(fault(course, begins, change), 11, seed, least))
    told = [day for day, verdict in said if verdict.alarm and day >= begins]
    assert len(told) == 1
    assert told[0] - begins <= within
    assert said[-1][1].alarmed


def test_each_of_many_like_faults_is_seen() -> None:
    """An hour and a half of weak light, forty times over: the first ones teach it nothing wrong."""
    chance = random.Random(5)
    begins = [5.0 + 0.35 * number + chance.uniform(0.0, 0.1) for number in range(40)]

    def weak(day: float, chance: random.Random) -> float:
        fault = any(begin <= day < begin + 1.5 / 24.0 for begin in begins)
        return light(day, chance) - (9.0 if fault else 0.0)

    told = alarms(weak, 20, seed=5, least=0.5)
    assert len(told) == 40
    assert all(0.0 <= day - begin < 0.01 for (day, _), begin in zip(told, begins, strict=True))


def test_fading_light_is_a_drift() -> None:
    """Half a decibel a week is told of as a drift, long before anything else would see it."""
    told = alarms(fault(light, 7.0, lambda since, _: -0.07 * since), 35, seed=3, least=0.5)
    assert [surprise for _, surprise in told] == [Surprise.DRIFT]
    assert 12.0 < told[0][0] < 28.0


def test_hourly_means_are_judged_after_a_day() -> None:
    """Who says which change matters is told on the second day already, of a mean an hour."""
    course = fault(light, 1.5, lambda _, __: -3.0)
    said = days_of(course, 3, seed=2, least=0.5, step=3_600.0)
    assert [day for day, verdict in said if verdict.alarm] == [1.5]


def test_wandering_is_no_drift() -> None:
    """What goes up and down over the weeks without aim is not told of as a drift."""

    def wander(day: float, chance: random.Random) -> float:
        return 50.0 + 3.0 * math.sin(day / 1.3) + 3.0 * math.sin(day / 2.9) + chance.gauss(0.0, 0.5)

    assert Surprise.DRIFT not in {surprise for _, surprise in alarms(wander, 60, seed=4)}


def test_wrong_hour_is_a_surprise() -> None:
    """What is ordinary at noon is a surprise at midnight, once the habit is known."""
    quiet_nights = fault(
        lambda day, chance: 100.0 * (8.0 <= hour(day) < 18.0) + chance.uniform(0.0, 5.0),
        15.0,
        lambda since, _: 100.0 if 1.0 <= hour(since) < 4.0 else 0.0,
    )
    told = alarms(quiet_nights, 16, seed=6)
    assert [(surprise, int(day * 24)) for day, surprise in told] == [(Surprise.HABIT, 361)]


def test_known_backup_is_none() -> None:
    """The nightly backup is known after the first days; a second one at noon is not the usual."""
    twice = fault(traffic, 20.5, lambda since, _: 1.6e7 if hour(since) < 0.5 else 0.0)
    told = [day for day, _ in alarms(twice, 21, seed=7) if day > 4.0]
    assert [round(day, 1) for day in told] == [20.5]


def test_gap_is_no_surprise() -> None:
    """Two days without samples, and samples that are far apart from then on, alarm nothing."""
    chance = random.Random(8)
    baseline = Baseline()
    times = [place * STEP for place in range(2000)]
    times += [times[-1] + 2 * DAY + place * 3600.0 for place in range(300)]
    said = [observe(baseline, START + at, light(at / DAY, chance)) for at in times]
    assert not any(verdict.alarm for verdict in said)


def test_flat_series_may_begin_to_move() -> None:
    """A counter's rate that stood still for a week: moving is told of once, then it is normal."""
    said = list(days_of(lambda day, c: 5.0 if day < 7.0 else 5.0 + c.uniform(0.0, 2.0), 14, seed=9))
    assert sum(verdict.alarm for _, verdict in said) == 1
    assert sum(verdict.accepted for _, verdict in said) == 1
    last = said[-1][1]
    assert 5.7 < last.expected < 6.3
    assert 0.3 < last.spread < 0.7


def test_series_in_a_hurry() -> None:
    """Where rows are counted instead of timed, it need not wait for a day."""
    chance = random.Random(13)
    baseline = Baseline()
    values = [chance.gauss(50.0, 1.0) for _ in range(600)] + [65.0] * 50
    said = [observe(baseline, float(place), value) for place, value in enumerate(values)]
    assert [place for place, verdict in enumerate(said) if verdict.alarm] == [600]


@pytest.mark.parametrize("step", [1.0, 3_600.0])
def test_other_paces(step: float) -> None:
    """Once a second or once an hour: a jump by ten spreads is seen, noise is not."""
    chance = random.Random(10)
    baseline = Baseline()
    values = [chance.gauss(50.0, 1.0) for _ in range(5000)] + [65.0] * 5
    said = [observe(baseline, START + i * step, value) for i, value in enumerate(values)]
    told = [place for place, verdict in enumerate(said) if verdict.alarm]
    assert told[-1] == 5000
    assert len(told) <= 7
