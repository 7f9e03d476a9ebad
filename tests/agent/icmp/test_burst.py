"""The arithmetic of a burst."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.icmp.burst import Burst

times = st.floats(1e-6, 10, allow_nan=False)
bursts = st.lists(st.none() | times, min_size=1, max_size=60).map(
    lambda trips: Burst("10.0.0.1", tuple(trips))
)


def test_known() -> None:
    """Ten requests, two lost, figures worked out by hand."""
    burst = Burst("h", (0.010, 0.020, None, 0.020, 0.050, 0.010, None, 0.010, 0.030, 0.010))
    assert (burst.sent, burst.received, burst.loss_ratio) == (10, 8, 0.2)
    assert (burst.min, burst.max) == (0.010, 0.050)
    assert burst.median == pytest.approx(0.015)
    assert burst.p90 == 0.050  # nearest rank: the 8th of 8
    # |20-10| |20-20| |50-20| |10-50| |10-10| |30-10| |10-30| ms
    assert burst.jitter == pytest.approx((10 + 0 + 30 + 40 + 0 + 20 + 20) / 7 / 1000)


def test_p90_of_ten() -> None:
    """Of ten replies the ninth, so that one straggler does not stand for the way."""
    assert Burst("h", tuple(n / 1000 for n in range(1, 11))).p90 == 0.009


def test_silent() -> None:
    """Nothing came: everything is lost and no figure is made up."""
    burst = Burst("h", (None, None))
    assert (burst.loss_ratio, burst.received) == (1.0, 0)
    assert [burst.min, burst.median, burst.p90, burst.max, burst.jitter] == [None] * 5


def test_single() -> None:
    """One reply has round trips but no jitter."""
    burst = Burst("h", (None, 0.5))
    assert (burst.min, burst.median, burst.p90, burst.max) == (0.5, 0.5, 0.5, 0.5)
    assert burst.jitter is None


@given(bursts)
def test_counts(burst: Burst) -> None:
    """Loss and replies make up the whole."""
    assert 0 <= burst.received <= burst.sent
    assert burst.loss_ratio == pytest.approx(1 - burst.received / burst.sent)
    assert len(burst.replies) == burst.received


@given(bursts.filter(lambda burst: burst.received > 1))
def test_order(burst: Burst) -> None:
    """min ≤ median ≤ max, min ≤ P90 ≤ max, median ≤ P90, and P90 was measured."""
    assert burst.min is not None
    assert burst.median is not None
    assert burst.p90 is not None
    assert burst.max is not None
    assert burst.jitter is not None
    assert burst.min <= burst.median <= burst.max
    assert burst.median <= burst.p90 + 1e-12
    assert burst.p90 in burst.replies
    assert sum(value <= burst.p90 for value in burst.replies) >= 0.9 * burst.received
    assert 0 <= burst.jitter <= (burst.max - burst.min) * (1 + 1e-9)


@given(bursts, st.floats(0, 1))
def test_farther_away(burst: Burst, way: float) -> None:
    """A longer way shifts the round trips and leaves loss and jitter as they are."""
    shifted = Burst("h", tuple(None if v is None else v + way for v in burst.round_trips))
    assert shifted.loss_ratio == burst.loss_ratio
    if burst.jitter is not None:
        assert shifted.jitter == pytest.approx(burst.jitter, abs=1e-9)
    if burst.median is not None:
        assert shifted.median == pytest.approx(burst.median + way)
