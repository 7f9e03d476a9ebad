"""The bookkeeping of a burst or sweep: every request answered at most once, in time, by whom asked."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agent.icmp.flight import Flight
from agent.icmp.refusal import Refusal
from agent.probe import Reason

TIMEOUT = 1_000
NO_WAY = Refusal(Reason.UNREACHABLE, "no way")


def flight(count: int) -> Flight:
    """A flight to 10.0.0.0, 10.0.0.1, …; request i leaves at 100 + i."""
    made = Flight(1, lambda index: b"", [(f"10.0.0.{i}", 0) for i in range(count)], TIMEOUT)
    for index in range(count):
        made.leave(index, 100 + index)
    return made


def test_reply() -> None:
    """A reply in time settles its request; the last one settles the flight."""
    both = flight(2)
    both.arrive(1, "10.0.0.1", 150, 160)
    assert not both.settled.is_set()
    both.arrive(0, "10.0.0.0", 170, 171)
    assert both.settled.is_set()
    assert both.round_trips_ns == [70, 49]
    assert both.round_trips() == [70e-9, 49e-9]


def test_unsettled_before_all_left() -> None:
    """Replies to what has left do not end a flight with requests still to leave."""
    made = Flight(1, lambda index: b"", [("a", 0)] * 2, TIMEOUT)
    made.leave(0, 100)
    made.arrive(0, "a", 110, 110)
    assert not made.settled.is_set()
    made.leave(1, 120)
    made.arrive(1, "a", 130, 130)
    assert made.settled.is_set()


def test_clock_set_forward() -> None:
    """A stamp from the future is replaced by the time of reading."""
    one = flight(1)
    one.arrive(0, "10.0.0.0", 3_600_000, 140)
    assert one.round_trips_ns == [40]


def test_clock_set_back() -> None:
    """A stamp before the request left is replaced by the time of reading."""
    one = flight(1)
    one.arrive(0, "10.0.0.0", -3_600_000, 140)
    assert one.round_trips_ns == [40]


def test_timeout_is_inclusive() -> None:
    """A round trip of exactly the timeout counts; one nanosecond more is late."""
    two = flight(2)
    two.arrive(0, "10.0.0.0", 100 + TIMEOUT, 5_000)
    two.arrive(1, "10.0.0.1", 102 + TIMEOUT, 5_000)
    assert two.round_trips_ns == [TIMEOUT, None]
    assert two.late == 1


def test_before_it_left() -> None:
    """A reply to a request that has not left yet is not counted."""
    made = Flight(1, lambda index: b"", [("a", 0)], TIMEOUT)
    made.arrive(0, "a", 110, 110)
    assert made.round_trips_ns == [None]
    assert made.late == 1


def test_expire() -> None:
    """Waiting ends for what is over, in order; a stamp in time still counts afterwards."""
    three = flight(3)
    three.arrive(1, "10.0.0.1", 120, 120)
    three.expire(101 + TIMEOUT)
    assert three.waiting == {2}
    three.expire(102 + TIMEOUT)
    assert three.settled.is_set()
    three.arrive(2, "10.0.0.2", 500, 9_000)
    assert three.round_trips_ns == [None, 19, 398]


def test_expire_only_what_left() -> None:
    """Requests that are still to leave do not expire."""
    made = Flight(1, lambda index: b"", [("a", 0)] * 2, TIMEOUT)
    made.leave(0, 100)
    made.expire(1_000_000)
    assert not made.settled.is_set()
    made.leave(1, 1_000_001)
    assert made.waiting == {1}


def test_refuse() -> None:
    """A refusal settles; a reply in time overrules it."""
    two = flight(2)
    two.refuse(0, NO_WAY)
    two.refuse(1, NO_WAY)
    assert two.settled.is_set()
    two.arrive(1, "10.0.0.1", 150, 150)
    assert two.round_trips_ns == [None, 49]


events = st.tuples(
    st.sampled_from(["arrive", "refuse", "expire"]),
    st.integers(0, 4),  # request
    st.integers(0, 4),  # source
    st.integers(-500, 3_000),  # stamp
)


@given(st.lists(events, max_size=60))
def test_any_order(happenings: list[tuple[str, int, int, int]]) -> None:
    """Whatever comes in whatever order: nothing is counted twice, late or for somebody else."""
    made = flight(5)
    arrivals = 0
    for now, (what, index, source, stamp) in enumerate(happenings, start=200):
        if what == "arrive":
            arrivals += 1
            made.arrive(index, f"10.0.0.{source}", stamp, now)
        elif what == "refuse":
            made.refuse(index, NO_WAY)
        else:
            made.expire(stamp)
    counted = [value for value in made.round_trips_ns if value is not None]
    assert len(counted) + made.duplicates + made.late + made.wrong_source == arrivals
    assert all(0 <= value <= TIMEOUT for value in counted)
    answered = {i for i, value in enumerate(made.round_trips_ns) if value is not None}
    assert not made.waiting & answered
    assert made.settled.is_set() == (not made.waiting)
