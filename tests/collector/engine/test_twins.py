"""Against its twins: one that is worse than the like elsewhere, and what all of them share."""

from __future__ import annotations

from math import sin

import pytest

from collector.evaluate import Engine
from tests.collector.engine.slow_time import Course, fleet, weeks
from tests.collector.engine.timetable import START, named

DAY = 86400.0
HEAT = "device_temperature_celsius"
ECHO = "icmp_rtt_median_seconds"


def temperatures(odd: Course | None = None) -> dict[tuple[str, str], Course]:
    """Ten boxes of different warmth, each with its day and night; one may be odd."""
    found: dict[tuple[str, str], Course] = {}
    for number in range(10):

        def course(day: float, own: float = 36.0 + 0.5 * number) -> float:
            return own + 3.0 * sin(day * 6.28)

        found[(f"xa-{number}-box", HEAT)] = course
    if odd is not None:
        found[("xa-1-box", HEAT)] = odd
    return found


def test_hot_box_among_cool_ones_from_the_first_day() -> None:
    """A box at 54 °C where the others are at 40 needs no past and no limit to be odd; others are fine."""
    engine, events = weeks(fleet(), temperatures(lambda _: 54.0), days=1, noise=0.3, sensor="cpu")
    assert [(e.incident.cause) for e in named(events, "incident_opened")] == ["device:xa-1-box"]
    twins = [f for f in engine.view.findings() if f.question.value == "twins"]
    assert [(f.rule, f.target) for f in twins] == [("temperature", "xa-1-box")]
    assert twins[0].reason.values["count"] == "9"


def test_heat_wave_is_nobodys_fault() -> None:
    """When all of them pass the limit together, no box is ill: 60 incidents would help nobody."""
    courses = temperatures()
    hot: dict[tuple[str, str], Course] = {
        key: (lambda day, course=course: course(day) + min(18.0, max(0.0, 48 * (day - 3))))  # type: ignore[misc]
        for key, course in courses.items()
    }
    _, events = weeks(fleet(), hot, days=6, noise=0.3, sensor="cpu")
    assert not events


def test_a_failing_box_in_a_heat_wave() -> None:
    """In the same heat the box that is hotter than the weather explains is named."""
    courses = temperatures()
    hot: dict[tuple[str, str], Course] = {
        key: (lambda day, course=course: course(day) + min(14.0, max(0.0, 48 * (day - 3))))  # type: ignore[misc]
        for key, course in courses.items()
    }
    hot[("xa-1-box", HEAT)] = lambda day: (
        37.0 + min(14.0, max(0.0, 48 * (day - 3))) + (12.0 if day > 4 else 0.0)
    )
    _, events = weeks(fleet(), hot, days=6, noise=0.3, sensor="cpu")
    opened = named(events, "incident_opened")
    assert [e.incident.cause for e in opened] == ["device:xa-1-box"]
    assert opened[0].at > START + 3.9 * DAY


@pytest.mark.parametrize("own_heat", [0.0, 13.0])
def test_heat_wave_over_one_of_its_kind(own_heat: float) -> None:
    """What has no twins feels the weather like all else; only heat of its own is told of."""
    wave = lambda day: min(10.0, max(0.0, 24 * (day - 3)))  # noqa: E731
    hot: dict[tuple[str, str], Course] = {
        key: (lambda day, course=course: course(day) + wave(day))  # type: ignore[misc]
        for key, course in temperatures().items()
    }
    hot[("olt", HEAT)] = lambda day: 47.0 + wave(day) + (own_heat if day > 4 else 0.0)
    _, events = weeks(fleet(), hot, days=6, noise=0.3, sensor="cpu")
    told = [event.incident.cause for event in named(events, "incident_opened")]
    assert told == (["device:olt"] if own_heat else [])


def test_slow_evening_everywhere() -> None:
    """When the whole district answers slowly nobody stands out."""
    courses: dict[tuple[str, str], Course] = {
        (f"xa-{number}-box", ECHO): (
            lambda day, own=0.005 + number * 0.001: own + (0.08 if day % 1 > 0.8 else 0.0)  # type: ignore[misc]
        )
        for number in range(10)
    }
    _, events = weeks(fleet(), courses, days=1, noise=0.0005)
    assert not events


def test_few_twins_say_nothing() -> None:
    """Three others are no yard-stick."""
    few = {key: course for key, course in temperatures(lambda _: 54.5).items() if key[0] < "xa-4"}
    _, events = weeks(fleet(), few, days=1, noise=0.3, sensor="cpu")
    assert not events


def test_a_box_that_is_cool_again() -> None:
    """Dusted: the finding ends with the next looks, not with the next comparisons."""
    courses = temperatures(lambda day: 37.0 + (14.0 if 3.0 < day < 4.0 else 0.0))
    _, events = weeks(fleet(), courses, days=5, noise=0.3, sensor="cpu")
    assert [e.incident.cause for e in named(events, "incident_opened")] == ["device:xa-1-box"]
    (resolved,) = named(events, "incident_resolved")
    assert START + 4.0 * DAY < resolved.at < START + 4.15 * DAY


def test_twins_survive_a_restart() -> None:
    """Where each stood among its like is in the snapshot and comes out of it as the same bytes."""
    engine, _ = weeks(fleet(), temperatures(), days=2, noise=0.3, sensor="cpu")
    snapshot = engine.snapshot()
    assert b'"twins":{"at"' in snapshot
    assert Engine.restore(fleet(), snapshot).snapshot() == snapshot
