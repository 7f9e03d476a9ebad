"""The habit of the hour of the week: known after some weeks, lenient until then."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import asdict

import pytest

from collector.baseline import Baseline, observe
from collector.habit import HOUR_SECONDS, Habit
from collector.surprise import Surprise, Verdict

MONDAY = 1_790_000_000.0 - 1_790_000_000.0 % 604_800.0 + 4 * 86_400.0
"""Midnight."""
STEP = 600.0
WEEK_DAYS = 7

Weekly = Callable[[int, float], float]
"""What is usual on a day of the week (0: Monday) at an hour."""


def office(weekday: int, hour: float) -> float:
    """Busy from eight to five, quiet at nights and weekends, a backup each Monday from two to three."""
    if weekday == 0 and 2.0 <= hour < 3.0:
        return 400.0
    return 100.0 if weekday < 5 and 8.0 <= hour < 17.0 else 5.0


def weeks_of(
    usual: Weekly, weeks: float, changed: dict[tuple[int, int], float] | None = None, seed: int = 1
) -> list[tuple[float, Verdict]]:
    """The days since a Monday and what is said of each sample; changed: the value of some hours, by day
    since the start and hour.
    """
    chance = random.Random(seed)
    baseline = Baseline()
    said = []
    for place in range(int(weeks * WEEK_DAYS * 86_400.0 / STEP)):
        day, second = divmod(place * STEP, 86_400.0)
        hour = second / 3_600.0
        value = (changed or {}).get((int(day), int(hour)), usual(int(day) % 7, hour))
        value *= chance.uniform(0.9, 1.1)
        said.append((day + hour / 24.0, observe(baseline, MONDAY + place * STEP, value)))
    return said


def alarms(said: list[tuple[float, Verdict]], since: float = 0.0) -> list[tuple[float, Surprise]]:
    """When it alarmed, and why."""
    return [(day, verdict.surprise) for day, verdict in said if verdict.alarm and day >= since]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_weekly_pattern_is_no_surprise(seed: int) -> None:
    """The quiet Saturday surprises nobody at all, the Monday's backup nobody in the fourth week."""
    told = alarms(weeks_of(office, 8, seed=seed))
    assert {int(day) % 7 for day, _ in told} <= {0}
    assert [day for day, _ in told if day >= 21.0] == []


@pytest.mark.parametrize(
    ("day", "hour", "value"),
    [
        (22, 14, 400.0),  # a Tuesday noon: the backup's height
        (23, 2, 400.0),  # a Wednesday night, at the backup's hour
        (23, 10, 5.0),  # a Wednesday as quiet as a Saturday
        (26, 10, 100.0),  # a Saturday as busy as a Wednesday
        (24, 23, 100.0),  # a night as busy as a day
    ],
)
def test_same_value_at_another_hour_is_one(day: int, hour: int, value: float) -> None:
    """In the fourth week what is usual on one day surprises on another."""
    told = alarms(weeks_of(office, 4, {(day, hour): value}), since=21.0)
    assert [int(24 * at + 0.01) for at, _ in told] == [24 * day + hour]


def test_missing_backup_is_one() -> None:
    """After some weeks of backups it is told that there is none."""
    said = weeks_of(office, 7, {(42, 2): 5.0})
    ((day, surprise),) = alarms(said, since=21.0)
    assert (surprise, int(day)) == (Surprise.HABIT, 42)


def test_what_happened_once_is_no_habit() -> None:
    """A wild Wednesday morning: the usual ones of the weeks after it are no surprise."""
    wild = {(23, hour): 300.0 for hour in range(9, 12)}
    told = alarms(weeks_of(office, 8, wild), since=21.0)
    assert [int(day) for day, _ in told] == [23]


def test_new_day_of_backup_becomes_a_habit() -> None:
    """A backup that moves from Monday to Thursday is told of for some weeks, then no more."""

    def moved(weekday: int, hour: float) -> float:
        return office({0: 1, 3: 0}.get(weekday, weekday), hour)

    chance = random.Random(1)
    baseline = Baseline()
    told = []
    for place in range(int(16 * WEEK_DAYS * 86_400.0 / STEP)):
        day, second = divmod(place * STEP, 86_400.0)
        course = office if day < 8 * WEEK_DAYS else moved
        value = course(int(day) % 7, second / 3_600.0) * chance.uniform(0.9, 1.1)
        if observe(baseline, MONDAY + place * STEP, value).alarm:
            told.append(int(day))
    assert told
    assert max(told) < 12 * WEEK_DAYS
    assert any(day >= 8 * WEEK_DAYS for day in told)


def filled(weeks: int) -> Habit:
    """What is learnt of the office, of a mean an hour."""
    habit = Habit()
    for place in range(weeks * 168 + 1):
        day, hour = divmod(place, 24)
        habit.learn(MONDAY + place * HOUR_SECONDS, office(day % 7, hour))
    return habit


def test_young_habit_is_lenient() -> None:
    """No habit in the first week; then all between the day's and the week's; then closer and closer."""
    saturday, middle = 5 * 86_400.0 + 10.5 * HOUR_SECONDS, 50.0
    assert filled(0).usual(MONDAY + saturday, middle) is None
    assert filled(1).usual(MONDAY + 7 * 86_400.0 + saturday, middle) == middle
    found = [filled(weeks).usual(MONDAY + saturday, 1_000.0) for weeks in (1, 2, 3, 4, 6)]
    assert sorted(found, reverse=True) == found
    assert 5.0 < found[-1] < 25.0 < 50.0 < found[0]
    assert filled(6).usual(MONDAY + saturday, -9.0) == pytest.approx(5.0, abs=15.0)


def test_memory_is_constant() -> None:
    """After a year as large as after some weeks, and small in a snapshot."""
    sizes = [len(json.dumps(asdict(filled(weeks)))) for weeks in (4, 52)]
    assert max(sizes) < 4_000
    assert abs(sizes[1] - sizes[0]) < 300
