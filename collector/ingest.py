"""Takes samples in: `POST /api/v1/write`, Prometheus remote-write 1.0, into the journal.

Who sends is known before a byte of the body is read. Requests that are there at the same time share
one transaction, and none is answered 2xx before its samples are safe on the disk.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from collector.admission import Admission, Admitted, AgentMemory, Refusal, TooManySeries, Window
from collector.enrolment import Enrolled
from collector.journal import Draft, EntryKind, Journal
from collector.untimely import note_of
from collector.web.problem import problem
from telemetry.errors import JournalError, LtmonError, WireError
from telemetry.remotewrite import MAX_DECODED_BYTES, Decoded, Rejection, decode, encode

log = logging.getLogger(__name__)

_MEDIA_TYPE = "application/x-protobuf"
_VERSION_1 = "prometheus.WriteRequest"


@dataclass(frozen=True, slots=True)
class IngestLimits:
    """What one request may cost, and which times are taken; seconds and bytes.

    `max_queued_bytes` bounds the bodies of all requests that are read or wait at the same moment.
    """

    max_body_bytes: int = 4 << 20
    max_decoded_bytes: int = MAX_DECODED_BYTES
    max_queued_bytes: int = 16 << 20
    body_seconds: float = 60.0
    future_seconds: float = 600.0
    retention_seconds: float = 30 * 86400.0

    def window(self, now: float) -> Window:
        """The times of samples that are taken at `now`."""
        oldest, newest = now - self.retention_seconds, now + self.future_seconds
        return Window(int(oldest * 1000), int(newest * 1000))


@dataclass(slots=True)
class IngestStats:
    """Counts since the start: samples accepted; samples, or whole requests, rejected by reason."""

    accepted: int = 0
    rejected: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class _Outcome:
    status: int
    detail: str = ""
    reason: str = ""
    retry_after: int = 0


_ACCEPTED = _Outcome(204)
_UNAVAILABLE = _Outcome(503, "The journal cannot take samples now.", "journal", retry_after=10)
_BUSY = _Outcome(503, "More is being taken in than there is room for.", "busy", retry_after=2)
_CAPPED = _Outcome(429, "This agent has more series than one agent may have.", "", retry_after=300)


@dataclass(slots=True, eq=False)
class _Push:
    """A request whose body is complete, until it is answered."""

    enrolled: Enrolled
    body: bytes
    answer: asyncio.Future[_Outcome]


@dataclass(slots=True)
class _Work:
    """A request of which something is new."""

    push: _Push
    memory: AgentMemory
    admitted: Admitted
    draft: Draft


class Refused(Exception):  # noqa: N818 - an answer, not an error of the program
    """The request ends here with this outcome."""

    def __init__(self, outcome: _Outcome) -> None:
        super().__init__(outcome.detail)
        self.outcome = outcome


class Ingest:
    """The route's endpoint (`handle`) and the task behind it (`run`, while it serves).

    `authenticate` gives the agent with a credential; `clock` the time in seconds since 1970;
    `on_accepted` is called, on the event loop, each time that the journal may have grown.
    """

    def __init__(
        self,
        journal: Journal,
        authenticate: Callable[[str], Enrolled | None],
        admission: Admission,
        *,
        clock: Callable[[], float],
        on_accepted: Callable[[], None],
        limits: IngestLimits | None = None,
    ) -> None:
        self.stats = IngestStats()
        self._journal = journal
        self._authenticate = authenticate
        self._admission = admission
        self._clock = clock
        self._on_accepted = on_accepted
        self._limits = limits or IngestLimits()
        self._queue: deque[_Push] = deque()
        self._queued_bytes = 0
        self._pushed = asyncio.Event()
        self._serving = False

    async def handle(self, request: Request) -> Response:
        """Answers one push: 204 when all that is new in it is in the journal."""
        try:
            outcome = await self._outcome_of(request)
        except Refused as refused:
            outcome = refused.outcome
        if outcome.reason:
            self.stats.rejected[outcome.reason] += 1
        if outcome.status == HTTPStatus.NO_CONTENT:
            return Response(status_code=204)
        headers = {"Retry-After": str(outcome.retry_after)} if outcome.retry_after else {}
        if outcome.status == HTTPStatus.UNAUTHORIZED:
            headers["WWW-Authenticate"] = "Bearer"
        return problem(outcome.status, outcome.detail, headers)

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
                _answer(self._queue.popleft(), _UNAVAILABLE)

    async def _outcome_of(self, request: Request) -> _Outcome:
        enrolled = await self._sender_of(request)
        _check_headers(request, self._limits.max_body_bytes)
        reserved = bytearray()
        try:
            await self._read_body(request, reserved)
            if not self._serving:
                return _UNAVAILABLE
            push = _Push(enrolled, bytes(reserved), asyncio.get_running_loop().create_future())
            self._queue.append(push)
            self._pushed.set()
            return await push.answer
        finally:
            self._queued_bytes -= len(reserved)

    async def _sender_of(self, request: Request) -> Enrolled:
        scheme, _, credential = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not credential.strip():
            raise Refused(_Outcome(401, "A bearer token is needed.", "unauthorized"))
        try:
            enrolled = await asyncio.to_thread(self._authenticate, credential.strip())
        except LtmonError:
            log.exception("agents cannot be looked up")
            raise Refused(_UNAVAILABLE) from None
        if enrolled is None:
            raise Refused(_Outcome(401, "This bearer token is not known.", "unauthorized"))
        if enrolled.revoked_at is not None or not enrolled.sites:
            raise Refused(_Outcome(403, "This agent may not write any more.", "forbidden"))
        return enrolled

    async def _read_body(self, request: Request, body: bytearray) -> None:
        """Gathers the body, within the limits of this request and of all together."""
        try:
            async with asyncio.timeout(self._limits.body_seconds):
                async for chunk in request.stream():
                    if len(body) + len(chunk) > self._limits.max_body_bytes:
                        raise Refused(_too_large(self._limits.max_body_bytes))
                    if self._queued_bytes + len(chunk) > self._limits.max_queued_bytes:
                        raise Refused(_BUSY)
                    body += chunk
                    self._queued_bytes += len(chunk)
        except TimeoutError:
            raise Refused(_Outcome(408, "The body took too long.", "slow_body")) from None
        except ClientDisconnect:
            raise Refused(_Outcome(400, "The body is not complete.", "cut_off")) from None

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
        outcomes: dict[_Push, _Outcome] = {}
        try:
            outcomes = thread.result()
        except Exception:  # the edge of this task: the other agents' pushes must go on
            log.exception("a group of pushes failed")
        for push in group:
            _answer(push, outcomes.get(push, _UNAVAILABLE))
        self._on_accepted()
        if cancelled:
            raise asyncio.CancelledError

    def _commit(self, group: list[_Push], now: float) -> dict[_Push, _Outcome]:
        """In a worker thread, one at a time: judges the pushes and appends what is new."""
        outcomes: dict[_Push, _Outcome] = {}
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
            return outcomes | {work.push: _UNAVAILABLE for work in works}
        for work in works:
            self._admission.confirm(work.memory, work.admitted)
            self.stats.accepted += work.admitted.batch.sample_count()
            outcomes[work.push] = _ACCEPTED
        return outcomes

    def _prepare(self, push: _Push, now: float, notes: list[Draft]) -> _Work | _Outcome:
        """What of one push is to be appended, or its answer when there is nothing; what is to be noted
        about its sender's clock goes to `notes`.
        """
        memory = self._admission.memory_of(push.enrolled)
        try:
            decoded = decode(
                push.body, memory.received, max_decoded_bytes=self._limits.max_decoded_bytes
            )
        except WireError as error:
            return _Outcome(400, f"{error}.", "malformed")
        self.stats.rejected.update(decoded.rejected)
        try:
            admitted = self._admission.admit(memory, decoded, self._limits.window(now))
        except TooManySeries:
            self.stats.rejected[Refusal.SERIES_CAP] += decoded.batch.sample_count()
            return _CAPPED
        self.stats.rejected.update(admitted.refused)
        if not admitted.batch.points:
            notes += note_of(memory, decoded.batch, admitted, int(now * 1000))
            return _nothing_new(decoded, admitted)
        return _Work(push, memory, admitted, _draft(push.enrolled.agent, admitted, now))


def _check_headers(request: Request, max_body_bytes: int) -> None:
    """Refuses by the headers what need not be read."""
    encoding = request.headers.get("content-encoding", "snappy").strip().lower()
    if encoding != "snappy":
        raise Refused(_Outcome(415, "The body must be compressed with snappy.", "encoding"))
    media_type, _, parameters = request.headers.get("content-type", _MEDIA_TYPE).partition(";")
    version = parameters.partition("proto=")[2].split(";")[0].strip() or _VERSION_1
    if media_type.strip().lower() != _MEDIA_TYPE or version != _VERSION_1:
        sentence = "The body must be remote-write 1.0: application/x-protobuf."
        raise Refused(_Outcome(415, sentence, "media_type"))
    length = request.headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()):
        raise Refused(_Outcome(400, "Content-Length is not a number.", "malformed"))
    if int(length[:20]) > max_body_bytes:
        raise Refused(_too_large(max_body_bytes))


def _too_large(limit: int) -> _Outcome:
    return _Outcome(413, f"The body is larger than {limit} bytes.", "too_large")


def _nothing_new(decoded: Decoded, admitted: Admitted) -> _Outcome:
    """The answer to a push without a single new sample: fine if it was a repeat, else why."""
    refused = admitted.refused
    bad = [str(reason) for reason in decoded.rejected if reason != Rejection.STALE]
    if refused and set(refused) == {Refusal.FOREIGN_SITE}:
        return _Outcome(403, "This agent may not write about these sites.")
    bad += [str(reason) for reason in (Refusal.FUTURE, Refusal.TOO_OLD) if refused[reason]]
    if bad and not refused[Refusal.DUPLICATE]:
        return _Outcome(400, f"No sample could be used: {', '.join(sorted(bad))}.")
    return _ACCEPTED


def _draft(agent: str, admitted: Admitted, now: float) -> Draft:
    first = min(points.timestamps_ms[0] for points in admitted.batch.points)
    last = max(points.timestamps_ms[-1] for points in admitted.batch.points)
    payload = encode(admitted.batch)
    return Draft(EntryKind.SAMPLES, int(now * 1000), agent, payload, first, last)


def _answer(push: _Push, outcome: _Outcome) -> None:
    if not push.answer.done():  # its client may have gone away
        push.answer.set_result(outcome)
