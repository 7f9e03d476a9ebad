"""The schedule: when checks are due (virtual time), and one in flight, replaced at run time (real)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.probe import Target
from agent.resolve import Assignment
from agent.schedule import PATIENCE_SECONDS, Schedule, SpreadTrigger
from agent.spread import SOON_SECONDS, first_due, next_due, second_due, share
from inventory.check import TcpCheck

NOW = 1_700_000_000.0


def assignment(target: str, interval: float = 60.0, kind: str = "tcp") -> Assignment:
    # Intervals far below what a file may say, so that a test sees many turns.
    options = TcpCheck.model_construct(interval=interval, timeout=0.05, port=80)
    return Assignment(Target(target, "site", "router", "127.0.0.1"), kind, options)


def moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def turns(trigger: SpreadTrigger, until: float) -> list[float]:
    """What the trigger would fire up to a time, in virtual time."""
    fired: list[float] = []
    at = trigger.get_next_fire_time(None, moment(NOW))
    while at.timestamp() < until:
        fired.append(at.timestamp())
        at = trigger.get_next_fire_time(at, at)
    return fired


@given(
    after=st.floats(0, 4e9),
    interval=st.floats(1, 86_400),
    part=st.floats(0, 1, exclude_max=True),
)
def test_the_next_turn_lies_ahead_by_at_most_one_interval(
    after: float, interval: float, part: float
) -> None:
    """Never now or in the past, never further away than one interval."""
    due = next_due(after, interval, part)
    assert after < due <= after + interval * (1 + 1e-5) + 1e-6
    assert first_due(after, interval, part) - after <= min(interval, SOON_SECONDS) + 1e-6
    assert second_due(after, interval, part) >= after + interval / 2


def test_offices_do_not_ask_in_lockstep() -> None:
    """Twenty-two offices that boot in the same second spread one check over its whole interval."""
    firsts = [share(f"office-{n}", "http") for n in range(22)]
    assert len({int(part * 60) for part in firsts}) >= 16
    slots = [0] * 4
    for n in range(1000):
        slots[int(share(f"device-{n}", "icmp") * 4)] += 1
    assert min(slots) > 200
    assert share("a", "icmp") == share("a", "icmp") != share("a", "snmp")


def test_a_check_runs_soon_and_then_in_its_rhythm() -> None:
    """First within 10 s, the second half an interval later at least, then every interval, on restart too."""
    fired = turns(SpreadTrigger(("room", "icmp"), 60, NOW), NOW + 600)
    assert NOW <= fired[0] <= NOW + 10
    assert 30 <= fired[1] - fired[0] <= 90
    assert all(abs(b - a - 60) < 1e-3 for a, b in pairwise(fired[1:]))
    again = turns(SpreadTrigger(("room", "icmp"), 60, NOW + 17), NOW + 600)
    assert again[-1] == pytest.approx(fired[-1], abs=1e-3)


def test_missed_turns_are_not_made_up_for() -> None:
    """The machine slept for an hour: one turn, then the usual rhythm."""
    trigger = SpreadTrigger(("room", "icmp"), 60, NOW)
    due = trigger.get_next_fire_time(moment(NOW + 100), moment(NOW + 3700))
    assert NOW + 3700 < due.timestamp() <= NOW + 3760


class Bench:
    """Runs a real schedule; records which check began when, and lets a test hold checks back."""

    def __init__(
        self, concurrency: int, now: Callable[[], float], patience: float = PATIENCE_SECONDS
    ) -> None:
        self.began: list[str] = []
        self.options: list[float] = []
        self.running = self.most_running = 0
        self.hold: asyncio.Event | None = None
        self.again: dict[str, float] = {}
        self._began = asyncio.Condition()
        self.schedule = Schedule(self.run, concurrency, now, patience=patience)

    async def run(self, assignment: Assignment) -> float | None:
        name = assignment.target.id
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        async with self._began:
            self.began.append(name)
            self.options.append(assignment.options.timeout)
            self._began.notify_all()
        try:
            if self.hold is not None:
                await self.hold.wait()
            return self.again.pop(name, None)
        finally:
            self.running -= 1

    async def until(self, enough: Callable[[], bool], seconds: float = 10) -> None:
        async with asyncio.timeout(seconds), self._began:
            await self._began.wait_for(enough)


@asynccontextmanager
async def bench(
    concurrency: int = 64,
    now: Callable[[], float] = time.time,
    patience: float = PATIENCE_SECONDS,
) -> AsyncIterator[Bench]:
    made = Bench(concurrency, now, patience)
    made.schedule.start()
    try:
        yield made
    finally:
        made.schedule.stop()
        await asyncio.sleep(0)  # lets the cancelled checks end


@pytest.mark.anyio
async def test_every_check_runs_again_and_again() -> None:
    """Two checks at an interval of 0.1 s each run, and their lateness is known and small."""
    async with bench() as b:
        b.schedule.replace([assignment("a", 0.1), assignment("b", 0.1)])
        await b.until(lambda: b.began.count("a") >= 4 and b.began.count("b") >= 4)
        assert abs(b.began.count("a") - b.began.count("b")) <= 2
        assert 0 <= b.schedule.lateness < 1.0
        assert not b.schedule.skipped


@pytest.mark.anyio
async def test_a_check_that_does_not_end_runs_only_once() -> None:
    """Its further turns are left out and counted by kind; the others go on."""
    async with bench() as b:
        b.hold = asyncio.Event()
        b.schedule.replace([assignment("slow", 0.05)])
        await b.until(lambda: "slow" in b.began)
        b.hold, held = None, b.hold
        b.schedule.replace([assignment("slow", 0.05), assignment("quick", 0.05)])
        await b.until(lambda: b.began.count("quick") >= 6)
        assert b.began.count("slow") == 1
        assert b.schedule.skipped["tcp"] >= 3
        held.set()
        await b.until(lambda: b.began.count("slow") >= 3)


@pytest.mark.anyio
async def test_no_more_at_once_than_allowed() -> None:
    """Eight checks want to run, three may."""
    async with bench(concurrency=3) as b:
        b.hold = asyncio.Event()
        b.schedule.replace([assignment(f"d{n}", 0.05) for n in range(8)])
        await b.until(lambda: len(b.began) >= 3)
        b.hold.set()
        await b.until(lambda: {*b.began} == {f"d{n}" for n in range(8)})
        assert b.most_running == 3


@pytest.mark.anyio
async def test_checks_that_only_wait_do_not_hold_up_the_rest() -> None:
    """Two places, and six devices that do not answer: the well one has its turn all the same."""
    async with bench(concurrency=2, patience=0.02) as b:
        b.hold = asyncio.Event()
        b.schedule.replace([assignment(f"dead-{n}", 0.05) for n in range(6)])
        await b.until(lambda: len(b.began) == 6)
        assert b.running == 6
        b.hold, held = None, b.hold
        b.schedule.replace(
            [*(assignment(f"dead-{n}", 0.05) for n in range(6)), assignment("well", 0.05)]
        )
        await b.until(lambda: b.began.count("well") >= 3)
        held.set()
        await b.until(lambda: b.began.count("dead-0") >= 2)


@pytest.mark.anyio
async def test_a_check_may_ask_to_be_asked_again_soon() -> None:
    """A probe that wants a second look gets it long before the next turn, and keeps its rhythm."""
    async with bench() as b:
        # A device whose place in the interval comes early, so that the test need not wait for it.
        early = next(f"d{n}" for n in range(1000) if share(f"d{n}", "tcp") < 0.01)
        b.again[early] = 0.05
        b.schedule.replace([assignment(early, 10.0)])
        await b.until(lambda: b.began == [early, early], seconds=4)
        b.schedule.replace([assignment(early, 10.0), assignment("b", 0.05)])
        await b.until(lambda: b.began.count("b") >= 3)
        assert b.began.count(early) == 2


@pytest.mark.anyio
async def test_a_target_may_be_asked_at_once() -> None:
    """All its checks run now; one that is under way runs once more after it; the others wait."""
    early = next(f"d{n}" for n in range(1000) if share(f"d{n}", "tcp") < 0.01)
    other = next(f"e{n}" for n in range(1000) if share(f"e{n}", "tcp") < 0.01)
    async with bench() as b:
        b.hold = asyncio.Event()
        b.schedule.replace([assignment(early, 3600.0), assignment(other, 3600.0)])
        await b.until(lambda: {*b.began} == {early, other}, seconds=4)
        b.schedule.soon(early, time.time())
        b.schedule.soon("nobody", time.time())
        b.hold.set()
        await b.until(lambda: b.began.count(early) == 2, seconds=4)
        b.schedule.soon(early, time.time() + 0.1)
        await b.until(lambda: b.began.count(early) == 3, seconds=4)
        assert b.began.count(other) == 1
        assert not b.schedule.skipped


@pytest.mark.anyio
async def test_the_inventory_is_replaced_while_it_runs() -> None:
    """Removed checks stop, new ones begin, changed options hold at once, unchanged ones keep running."""
    async with bench() as b:
        b.schedule.replace([assignment("stays", 0.1), assignment("goes", 0.1)])
        await b.until(lambda: {"stays", "goes"} <= {*b.began})
        changed = TcpCheck.model_construct(interval=0.1, timeout=0.07, port=80)
        stays = assignment("stays", 0.1)
        new = Assignment(stays.target, "tcp", changed)
        b.schedule.replace([new, assignment("comes", 0.1)])
        gone = b.began.count("goes")
        await b.until(lambda: b.began.count("comes") >= 4)
        assert b.began.count("goes") <= gone + 1
        assert b.options[-1 - b.began[::-1].index("stays")] == 0.07
        b.schedule.replace([assignment("comes", 0.05)])
        await b.until(lambda: b.began.count("comes") >= 8)


@pytest.mark.anyio
async def test_a_clock_set_back_does_not_stop_the_checks() -> None:
    """Planned in 2071 by a wrong clock; when the clock is set right everything is due again soon."""
    wrong = 50 * 365 * 86_400.0
    clock = {"ahead": wrong}

    def now() -> float:
        return time.time() + clock["ahead"]

    async with bench(now=now) as b:
        b.schedule.replace([assignment("a", 0.2)])
        pauses = 0

        async def pause(seconds: float) -> None:
            nonlocal pauses
            pauses += 1
            if pauses == 2:
                clock["ahead"] = 0.0
            if pauses > 2:
                await asyncio.Event().wait()

        watching = asyncio.create_task(b.schedule.watch_clock(pause))
        await b.until(lambda: b.began.count("a") >= 2)
        watching.cancel()
