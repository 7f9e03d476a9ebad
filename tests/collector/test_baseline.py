"""The judge of a series against its own past: what holds whatever the series is."""

from __future__ import annotations

import math

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from collector.baseline import Baseline, observe
from collector.surprise import Verdict

START = 1_790_000_000.0
STEP = 300.0

_BYTES: TypeAdapter[Baseline] = TypeAdapter(Baseline)

jumpy = st.lists(
    st.one_of(
        st.floats(-1e6, 1e6),
        st.sampled_from([0.0, 1.0, 20.0, 1e300, -1e300, math.nan, math.inf]),
    ),
    max_size=40,
)
"""Awkward values, to be put at the end of an ordinary series."""


def ordinary(samples: int) -> list[float]:
    """A day-shaped series with a little unrest, the same every time."""
    return [
        20 + 5 * math.sin(i * STEP / 86_400 * math.tau) + (i * 7919 % 13) / 10
        for i in range(samples)
    ]


def told(
    values: list[float],
    baseline: Baseline | None = None,
    first: int = 0,
    first_at: float = START,
) -> list[Verdict]:
    """What is said of each value of an evenly sampled series."""
    baseline = baseline or Baseline()
    return [
        observe(baseline, first_at + (first + place) * STEP, value)
        for place, value in enumerate(values)
    ]


@settings(max_examples=50, deadline=None)
@given(jumpy)
def test_score_is_a_share(tail: list[float]) -> None:
    """Whatever comes, the score is from 0 to 1 and an alarm scores at least a half."""
    for verdict in told(ordinary(400) + tail):
        assert 0.0 <= verdict.score <= 1.0
        assert verdict.alarm <= (verdict.score >= 0.5)
        assert verdict.alarm <= verdict.alarmed


@settings(max_examples=50, deadline=None)
@given(jumpy, st.integers(0, 439))
def test_restart_changes_nothing(tail: list[float], cut: int) -> None:
    """Saved and read back at any place, it goes on to say and know the same, byte for byte."""
    values = ordinary(400) + tail
    whole = Baseline()
    expected = told(values, whole)
    first = Baseline()
    said = told(values[:cut], first)
    saved = _BYTES.dump_json(first)
    second = _BYTES.validate_json(saved)
    assert _BYTES.dump_json(second) == saved
    said += told(values[cut:], second, first=min(cut, len(values)))
    assert said == expected
    assert _BYTES.dump_json(second) == _BYTES.dump_json(whole)


@settings(max_examples=30, deadline=None)
@given(jumpy, st.integers(0, 440))
def test_nothing_is_looked_up_ahead(tail: list[float], end: int) -> None:
    """What is said of the first samples is the same whatever comes after them."""
    values = ordinary(400) + tail
    assert told(values)[:end] == told(values[:end])


@settings(max_examples=30, deadline=None)
@given(jumpy, st.integers(1, 5))
def test_episodes_do_not_overlap(tail: list[float], times: int) -> None:
    """A second alarm comes only after the first one's episode has ended; only an alarm begins one."""
    before = False
    for verdict in told(ordinary(400) + tail * times):
        assert not (before and verdict.alarm)
        assert before or verdict.alarmed == verdict.alarm
        assert (verdict.since > 0.0) == verdict.alarmed == bool(verdict.surprise)
        before = verdict.alarmed


@settings(max_examples=30, deadline=None)
@given(st.floats(-1e9, 1e9))
def test_constant_series_is_never_a_surprise(value: float) -> None:
    """A flat line scores nothing, at any level."""
    assert {verdict.score for verdict in told([value] * 700)} == {0.0}


def test_what_is_no_number_changes_nothing() -> None:
    """NaN, infinities and samples that are not newer leave the knowledge as it is."""
    baseline = Baseline()
    told(ordinary(400), baseline)
    saved = _BYTES.dump_json(baseline)
    for at, value in ((1e12, math.nan), (1e12, math.inf), (START, 5.0), (baseline.running.at, 5.0)):
        assert observe(baseline, at, value).score == 0.0
    assert _BYTES.dump_json(baseline) == saved


def test_one_alarm_per_episode() -> None:
    """A jump that stays for hours alarms once, at its start, and scores low afterwards."""
    said = told(ordinary(600) + [80.0] * 60)
    assert [place for place, verdict in enumerate(said) if verdict.alarm] == [600]
    assert all(verdict.score < 0.5 for verdict in said[601:])


def test_lasting_level_is_accepted() -> None:
    """A new level that lasts is announced once as the new normal, and alarms no more."""
    said = told(ordinary(600) + [80.0 + value / 20 for value in ordinary(900)])
    assert sum(verdict.alarm for verdict in said) == 1
    assert sum(verdict.accepted for verdict in said) == 1
    assert not said[-1].alarmed


def test_level_and_spread_are_told() -> None:
    """From the first samples on the expected level and the usual distance from it are sensible."""
    said = told([1e6 + (place % 3 - 1) for place in range(30)])
    assert said[0].expected == 999_999.0
    for verdict in said[3:]:
        assert abs(verdict.expected - 1e6) < 1.0
        assert 0.3 < verdict.spread < 1.1
