"""Totals: they never fall, never spike, and lose nothing that can be known."""

from __future__ import annotations

from itertools import accumulate, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.snmp.counters import FORGET_AFTER_SECONDS, Totals

GIGABIT = 125e6
BITS = st.sampled_from((32, 64))


def totals_of(raws: list[int], bits: int, per_second: float = GIGABIT) -> list[int]:
    totals, found = Totals(), []
    for poll, raw in enumerate(raws):
        totals.begin(60.0 * poll, restarted=False)
        found.append(totals.total("x", raw, bits, per_second))
    return found


@given(
    st.integers(0, (1 << 32) - 1),
    st.lists(st.integers(0, (1 << 31) - 1), max_size=30),
    BITS,
)
def test_follows_every_increment_through_wraps(start: int, steps: list[int], bits: int) -> None:
    truth = list(accumulate(steps, initial=start))
    assert totals_of([value % (1 << bits) for value in truth], bits) == truth


@given(
    st.integers(0, (1 << 32) - 1),
    st.lists(
        st.one_of(
            st.integers(0, (1 << 31) - 1),  # that much is counted
            st.just("restart"),
            st.just("read again"),
        ),
        max_size=40,
    ),
    st.integers(0, 1 << 30),
    BITS,
)
def test_never_falls_and_never_grows_by_more_than_the_truth(
    start: int, events: list[int | str], after_restart: int, bits: int
) -> None:
    totals = Totals()
    truth = counted = start
    totals.begin(0.0, restarted=False)
    last = totals.total("x", start, bits, GIGABIT)
    for poll, event in enumerate(events, 1):
        if event == "restart":
            counted = after_restart
            truth += after_restart
        elif isinstance(event, int):
            counted += event
            truth += event
        totals.begin(60.0 * poll, restarted=event == "restart")
        now = totals.total("x", counted % (1 << bits), bits, GIGABIT)
        assert last <= now <= truth
        last = now


@given(st.lists(st.integers(0, (1 << 64) - 1), max_size=30), BITS)
def test_garbage_never_makes_it_fall_nor_outrun_the_line(raws: list[int], bits: int) -> None:
    found = totals_of(raws, bits)
    most = 1.1 * GIGABIT * 60 * (len(raws) + 60)
    assert all(0 <= after - before <= most for before, after in pairwise(found))


def test_a_silent_reset_adds_nothing() -> None:
    assert totals_of([1_000_000, 2_000_000, 500, 900], 64)[1:] == [2_000_000, 2_000_000, 2_000_400]
    # A 32-bit counter that falls by little has not wrapped either.
    assert totals_of([1_000_000, 2_000_000, 500, 900], 32)[-1] == 2_000_400


def test_a_wrap_is_not_believed_after_a_restart() -> None:
    totals = Totals()
    totals.begin(0.0, restarted=False)
    assert totals.total("x", (1 << 32) - 10, 32, GIGABIT) == (1 << 32) - 10
    totals.begin(60.0, restarted=True)
    assert totals.total("x", 90, 32, GIGABIT) == (1 << 32) - 10
    totals.begin(120.0, restarted=False)
    assert totals.total("x", 190, 32, GIGABIT) == (1 << 32) + 90
    assert totals.total("y", (1 << 32) - 10, 32, GIGABIT) == (1 << 32) - 10
    totals.begin(180.0, restarted=False)
    assert totals.total("y", 90, 32, GIGABIT, restarted=True) == (1 << 32) - 10


def test_one_garbled_answer_is_left_out() -> None:
    assert totals_of([1000, 2000, 9_900_000_000_000_000_000, 3000], 64)[1:] == [2000, 2000, 3000]


def test_a_jump_that_stays_is_accepted_without_the_jump() -> None:
    far = 9_900_000_000_000_000_000
    assert totals_of([1000, far, far + 50, far + 80], 64) == [1000, 1000, 1050, 1080]


def test_parts_of_a_sum_may_come_late_or_stay_away() -> None:
    totals = Totals()
    totals.begin(0.0, restarted=False)
    assert totals.sum("packets", [100, 10, None], 64) == 110
    totals.begin(60.0, restarted=False)
    assert totals.sum("packets", [150, None, 7_000_000], 64) == 160
    totals.begin(120.0, restarted=False)
    assert totals.sum("packets", [150, 12, 7_000_003], 64) == 165


def test_forgets_what_is_gone_for_a_day() -> None:
    totals = Totals()
    totals.begin(0.0, restarted=False)
    totals.total("x", 5000, 64)
    totals.begin(FORGET_AFTER_SECONDS + 1, restarted=False)
    assert totals.total("x", 10, 64) == 10


@pytest.mark.parametrize("bits", [32, 64])
def test_a_change_of_width_starts_from_what_was_reached(bits: int) -> None:
    totals = Totals()
    totals.begin(0.0, restarted=False)
    totals.total("x", 1000, bits)
    totals.begin(60.0, restarted=False)
    assert totals.total("x", 77, 96 - bits) == 1000
    assert totals.total("x", 80, 96 - bits) == 1003
