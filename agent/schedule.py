"""Runs every check at its interval: the only place that knows the scheduling library."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from apscheduler.events import EVENT_JOB_MAX_INSTANCES, JobSubmissionEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from agent.resolve import Assignment
from agent.spread import first_due, next_due, second_due, share

log = logging.getLogger(__name__)

Key = tuple[str, str]
"""Target and kind of check: what may be in flight only once."""

LEAP_SECONDS = 2.0
WATCH_SECONDS = 5.0
REST_SECONDS = 0.05
PATIENCE_SECONDS = 3.0
"""A check that takes longer is only waiting, for a device that is slow or dead: its place goes to another."""
WAITING_FOR_EACH = 16
"""So many checks may wait for each place that there is."""


class SpreadTrigger(BaseTrigger):
    """First soon after `start`, then at the check's own place in each interval. Pure."""

    def __init__(self, key: Key, interval: float, start: float) -> None:
        self._interval = interval
        self._share = share(*key)
        self._first = first_due(start, interval, self._share)

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        """The moment after `previous`; turns that were missed are left out, not made up for."""
        if previous is None:
            return _moment(self._first)
        after = max(previous.timestamp(), now.timestamp())
        if previous == _moment(self._first):
            after = max(after, second_due(self._first, self._interval, self._share) - 1e-3)
        return _moment(next_due(after, self._interval, self._share))


@dataclass(slots=True)
class _Planned:
    """A check and when it is due. again: it is wanted so soon, and is under way at the moment."""

    assignment: Assignment
    due: float
    running: bool = False
    again: float | None = None


class Schedule:
    """Keeps each assignment running at its interval, one in flight per target and check.

    run: runs one check and returns in how many seconds it wants to be asked again, None at the usual
    interval. It raises nothing. concurrency: how many run at the same time; those that take longer than
    `patience` seconds do not count, or a third of the devices, dead or slow, would hold up the rest.
    skipped: turns left out because the one before was still running, by kind. lateness: how late the
    latest check began, in seconds. Used from one event loop.
    """

    def __init__(
        self,
        run: Callable[[Assignment], Awaitable[float | None]],
        concurrency: int,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self.skipped: Counter[str] = Counter()
        self.lateness = 0.0
        self._run_check = run
        self._now, self._monotonic = now, monotonic
        self._room = asyncio.Semaphore(concurrency)
        self._building = asyncio.Semaphore(concurrency * WAITING_FOR_EACH)
        self._patience = patience
        self._planned: dict[Key, _Planned] = {}
        self._scheduler = _new_scheduler()
        self._scheduler.add_listener(self._overran, EVENT_JOB_MAX_INSTANCES)

    def start(self) -> None:
        """Begins; must be called inside the event loop."""
        self._scheduler.start()

    def stop(self) -> None:
        """Ends at once; checks in flight are cancelled and give no result."""
        self._scheduler.shutdown(wait=False)

    def replace(self, assignments: Iterable[Assignment]) -> None:
        """From now on runs exactly these; what is unchanged keeps its rhythm."""
        wanted = {(a.target.id, a.kind): a for a in assignments}
        for key in [key for key in self._planned if key not in wanted]:
            self._scheduler.remove_job(_job_id(key))
            del self._planned[key]
        for key, assignment in wanted.items():
            planned = self._planned.get(key)
            if planned is None:
                self._plan(key, assignment)
            elif planned.assignment.options.interval != assignment.options.interval:
                self._scheduler.remove_job(_job_id(key))
                self._plan(key, assignment)
            else:
                planned.assignment = assignment

    def soon(self, target_id: str, at: float) -> None:
        """All checks of this target run at `at` (seconds since 1970), unless they are due before.

        One that is under way may have asked before what happened: it runs once more.
        """
        for key, planned in self._planned.items():
            if key[0] != target_id:
                continue
            if planned.running:
                planned.again = at if planned.again is None else min(at, planned.again)
            else:
                self._advance(key, planned, at)

    def replan(self) -> None:
        """Every check is due soon again: for after the wall clock has leapt."""
        for key, planned in self._planned.items():
            planned.due = first_due(self._now(), planned.assignment.options.interval, share(*key))
            self._scheduler.modify_job(_job_id(key), next_run_time=_moment(planned.due))

    async def watch_clock(
        self, pause: Callable[[float], Awaitable[object]] = asyncio.sleep
    ) -> None:
        """For ever: when the wall clock leaps, plans anew.

        The library sleeps until a time on the wall clock. An office PC that was in 2071 until its
        clock was set right would not ask again for 45 years.
        """
        offset = self._now() - self._monotonic()
        while True:
            await pause(WATCH_SECONDS)
            leap = self._now() - self._monotonic() - offset
            offset += leap
            if abs(leap) > LEAP_SECONDS:
                log.warning("the clock was changed, checks are planned anew", extra={"by": leap})
                self.replan()

    def _plan(self, key: Key, assignment: Assignment) -> None:
        trigger = SpreadTrigger(key, assignment.options.interval, self._now())
        due = trigger.get_next_fire_time(None, _moment(self._now()))
        self._scheduler.add_job(
            self._turn,
            trigger,
            args=[key],
            id=_job_id(key),
            next_run_time=due,
            misfire_grace_time=None,  # late is better than never
            coalesce=True,
        )
        self._planned[key] = _Planned(assignment, due.timestamp())

    async def _turn(self, key: Key) -> None:
        async with self._building, self._place():
            planned = self._planned.get(key)
            if planned is None:
                return
            self.lateness = max(0.0, self._now() - planned.due)
            planned.due = self._next_run(key)
            planned.running = True
            try:
                again_after = await self._run_check(planned.assignment)
            finally:
                planned.running = False
        if self._planned.get(key) is not planned:
            return
        wanted, planned.again = planned.again, None
        if wanted is not None:
            # The library counts this turn as running for a moment longer and would leave the next out.
            self._advance(key, planned, max(wanted, self._now() + REST_SECONDS))
        if again_after is not None:
            self._advance(key, planned, self._now() + again_after)

    @contextlib.asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        """A place among those that run: until the end, or until patience is."""
        await self._room.acquire()
        places = [self._room]

        def give_back() -> None:
            if places:
                places.pop().release()

        timer = asyncio.get_running_loop().call_later(self._patience, give_back)
        try:
            yield
        finally:
            timer.cancel()
            give_back()

    def _advance(self, key: Key, planned: _Planned, soon: float) -> None:
        if soon < planned.due:
            planned.due = soon
            self._scheduler.modify_job(_job_id(key), next_run_time=_moment(soon))

    def _next_run(self, key: Key) -> float:
        return float(self._scheduler.get_job(_job_id(key)).next_run_time.timestamp())

    def _overran(self, event: JobSubmissionEvent) -> None:
        target, _, kind = event.job_id.partition("/")
        self.skipped[kind] += 1
        planned = self._planned.get((target, kind))
        if planned is not None:
            planned.due = self._next_run((target, kind))
        log.warning("check still running, turn left out", extra={"target": target, "check": kind})


def _new_scheduler() -> Any:
    """The library is not typed; its methods are used through `Any`."""
    return AsyncIOScheduler(timezone=UTC)  # type: ignore[no-untyped-call]


def _job_id(key: Key) -> str:
    return "/".join(key)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
