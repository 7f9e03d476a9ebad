"""From pushes whose bodies are complete into the journal: those there at once share one transaction.

None is answered 2xx before its samples are safe on the disk.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from collector.admission import Admission, Admitted, AgentMemory, Refusal, TooManySeries, clock_note
from collector.enrolment import Enrolled
from collector.ingest_limits import IngestLimits, IngestStats
from collector.journal import Draft, EntryKind, Journal
from telemetry.errors import JournalError, WireError
from telemetry.remotewrite import Decoded, Rejection, decode, encode

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a push is answered. detail: one sentence for whoever sent it; reason: what it is counted under;
    retry_after: seconds.
    """

    status: int
    detail: str = ""
    reason: str = ""
    retry_after: int = 0


ACCEPTED = Outcome(204)
UNAVAILABLE = Outcome(503, "The journal cannot take samples now.", "journal", retry_after=10)
CAPPED = Outcome(429, "This agent has more series than one agent may have.", "", retry_after=300)


@dataclass(slots=True, eq=False)
class _Push:
    """A request whose body is complete, until it is answered."""

    enrolled: Enrolled
    body: bytes
    answer: asyncio.Future[Outcome]


@dataclass(slots=True)
class _Work:
    """A request of which something is new."""

    push: _Push
    memory: AgentMemory
    admitted: Admitted
    draft: Draft


class Pushes:
    """The queue of what is pushed, and the task that empties it (`run`, while it serves).

    `on_accepted` is called, on the event loop, each time that the journal may have grown.
    """

    def __init__(
        self,
        journal: Journal,
        admission: Admission,
        limits: IngestLimits,
        *,
        clock: Callable[[], float],
        on_accepted: Callable[[], None],
    ) -> None:
        self.stats = IngestStats()
        self._journal = journal
        self._admission = admission
        self._limits = limits
        self._clock = clock
        self._on_accepted = on_accepted
        self._queue: deque[_Push] = deque()
        self._pushed = asyncio.Event()
        self._serving = False

    async def take(self, enrolled: Enrolled, body: bytes) -> Outcome:
        """How the push is to be answered: once what is new in it is in the journal."""
        if not self._serving:
            return UNAVAILABLE
        push = _Push(enrolled, body, asyncio.get_running_loop().create_future())
        self._queue.append(push)
        self._pushed.set()
        return await push.answer

    async def run(self) -> None:
        """Commits what is pushed, until cancelled. Who comes before or after is told to come again."""
        self._serving = True
        try:
            while True:
                await self._pushed.wait()
                self._pushed.clear()
                while group := self._next_group():
                    await self._commit_group(group)
        finally:
            self._serving = False
            while self._queue:
                _answer(self._queue.popleft(), UNAVAILABLE)

    def _next_group(self) -> list[_Push]:
        """The oldest push of each agent, as many as may be unpacked at once.

        Of each agent one, because whether the next is new depends on the one before.
        """
        group: dict[str, _Push] = {}
        waiting: deque[_Push] = deque()
        room = self._limits.max_body_bytes
        for push in self._queue:
            if push.enrolled.agent in group or len(push.body) > room:
                waiting.append(push)
            else:
                group[push.enrolled.agent] = push
                room -= len(push.body)
        self._queue = waiting
        return list(group.values())

    async def _commit_group(self, group: list[_Push]) -> None:
        """Commits in a thread. That cannot be stopped, so even when cancelled this waits for it:
        what is in the journal must be acknowledged as that.
        """
        thread = asyncio.create_task(asyncio.to_thread(self._commit, group, self._clock()))
        cancelled = False
        while not thread.done():
            try:
                await asyncio.wait({thread})
            except asyncio.CancelledError:
                cancelled = True
        outcomes: dict[_Push, Outcome] = {}
        try:
            outcomes = thread.result()
        except Exception:  # the edge of this task: the other agents' pushes must go on
            log.exception("a group of pushes failed")
        for push in group:
            _answer(push, outcomes.get(push, UNAVAILABLE))
        self._on_accepted()
        if cancelled:
            raise asyncio.CancelledError

    def _commit(self, group: list[_Push], now: float) -> dict[_Push, Outcome]:
        """In a worker thread, one at a time: judges the pushes and appends what is new."""
        outcomes: dict[_Push, Outcome] = {}
        works: list[_Work] = []
        notes: list[Draft] = []
        for push in group:
            found = self._prepare(push, now, notes)
            if isinstance(found, _Work):
                works.append(found)
            else:
                outcomes[push] = found
        try:
            if works or notes:
                self._journal.append([*(work.draft for work in works), *notes])
        except JournalError:
            log.exception("the journal takes no samples")
            return outcomes | {work.push: UNAVAILABLE for work in works}
        for work in works:
            self._admission.confirm(work.memory, work.admitted)
            self.stats.accepted += work.admitted.batch.sample_count()
            outcomes[work.push] = ACCEPTED
        return outcomes

    def _prepare(self, push: _Push, now: float, notes: list[Draft]) -> _Work | Outcome:
        """What of one push is to be appended, or its answer when there is nothing; what is to be noted
        about its sender's clock goes to `notes`.
        """
        memory = self._admission.memory_of(push.enrolled)
        try:
            decoded = decode(
                push.body, memory.received, max_decoded_bytes=self._limits.max_decoded_bytes
            )
        except WireError as error:
            return Outcome(400, f"{error}.", "malformed")
        self.stats.rejected.update(decoded.rejected)
        try:
            admitted = self._admission.admit(memory, decoded, self._limits.window(now))
        except TooManySeries:
            self.stats.rejected[Refusal.SERIES_CAP] += decoded.batch.sample_count()
            return CAPPED
        self.stats.rejected.update(admitted.refused)
        if not admitted.batch.points:
            notes += clock_note(memory, decoded.batch, admitted, int(now * 1000))
            return _nothing_new(decoded, admitted)
        return _Work(push, memory, admitted, _draft(push.enrolled.agent, admitted, now))


def _nothing_new(decoded: Decoded, admitted: Admitted) -> Outcome:
    """The answer to a push without a single new sample: fine if it was a repeat, else why."""
    refused = admitted.refused
    bad = [str(reason) for reason in decoded.rejected if reason != Rejection.STALE]
    if refused and set(refused) == {Refusal.FOREIGN_SITE}:
        return Outcome(403, "This agent may not write about these sites.")
    bad += [str(reason) for reason in (Refusal.FUTURE, Refusal.TOO_OLD) if refused[reason]]
    if bad and not refused[Refusal.DUPLICATE]:
        return Outcome(400, f"No sample could be used: {', '.join(sorted(bad))}.")
    return ACCEPTED


def _draft(agent: str, admitted: Admitted, now: float) -> Draft:
    first = min(points.timestamps_ms[0] for points in admitted.batch.points)
    last = max(points.timestamps_ms[-1] for points in admitted.batch.points)
    payload = encode(admitted.batch)
    return Draft(EntryKind.SAMPLES, int(now * 1000), agent, payload, first, last)


def _answer(push: _Push, outcome: Outcome) -> None:
    if not push.answer.done():  # its client may have gone away
        push.answer.set_result(outcome)
