"""Takes samples in: `POST /api/v1/write`, Prometheus remote-write 1.0, into the journal.

Who sends is known before a byte of the body is read. What becomes of a complete body is the matter
of `collector/pushes.py`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from http import HTTPStatus

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from collector.admission import Admission
from collector.enrolment import Enrolled
from collector.ingest_limits import IngestLimits, IngestStats
from collector.journal import Journal
from collector.pushes import UNAVAILABLE, Outcome, Pushes
from collector.web.problem import problem
from telemetry.errors import LtmonError

log = logging.getLogger(__name__)

_MEDIA_TYPE = "application/x-protobuf"
_VERSION_1 = "prometheus.WriteRequest"


_BUSY = Outcome(503, "More is being taken in than there is room for.", "busy", retry_after=2)


class Refused(Exception):  # noqa: N818 - an answer, not an error of the program
    """The request ends here with this outcome."""

    def __init__(self, outcome: Outcome) -> None:
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
        self._limits = limits or IngestLimits()
        self._authenticate = authenticate
        self._pushes = Pushes(
            journal, admission, self._limits, clock=clock, on_accepted=on_accepted
        )
        self._queued_bytes = 0

    @property
    def stats(self) -> IngestStats:
        """What was accepted and rejected since the start."""
        return self._pushes.stats

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
        await self._pushes.run()

    async def _outcome_of(self, request: Request) -> Outcome:
        enrolled = await self._sender_of(request)
        _check_headers(request, self._limits.max_body_bytes)
        reserved = bytearray()
        try:
            await self._read_body(request, reserved)
            return await self._pushes.take(enrolled, bytes(reserved))
        finally:
            self._queued_bytes -= len(reserved)

    async def _sender_of(self, request: Request) -> Enrolled:
        scheme, _, credential = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not credential.strip():
            raise Refused(Outcome(401, "A bearer token is needed.", "unauthorized"))
        try:
            enrolled = await asyncio.to_thread(self._authenticate, credential.strip())
        except LtmonError:
            log.exception("agents cannot be looked up")
            raise Refused(UNAVAILABLE) from None
        if enrolled is None:
            raise Refused(Outcome(401, "This bearer token is not known.", "unauthorized"))
        if enrolled.revoked_at is not None or not enrolled.sites:
            raise Refused(Outcome(403, "This agent may not write any more.", "forbidden"))
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
            raise Refused(Outcome(408, "The body took too long.", "slow_body")) from None
        except ClientDisconnect:
            raise Refused(Outcome(400, "The body is not complete.", "cut_off")) from None


def _check_headers(request: Request, max_body_bytes: int) -> None:
    """Refuses by the headers what need not be read."""
    encoding = request.headers.get("content-encoding", "snappy").strip().lower()
    if encoding != "snappy":
        raise Refused(Outcome(415, "The body must be compressed with snappy.", "encoding"))
    media_type, _, parameters = request.headers.get("content-type", _MEDIA_TYPE).partition(";")
    version = parameters.partition("proto=")[2].split(";")[0].strip() or _VERSION_1
    if media_type.strip().lower() != _MEDIA_TYPE or version != _VERSION_1:
        sentence = "The body must be remote-write 1.0: application/x-protobuf."
        raise Refused(Outcome(415, sentence, "media_type"))
    length = request.headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()):
        raise Refused(Outcome(400, "Content-Length is not a number.", "malformed"))
    if int(length[:20]) > max_body_bytes:
        raise Refused(_too_large(max_body_bytes))


def _too_large(limit: int) -> Outcome:
    return Outcome(413, f"The body is larger than {limit} bytes.", "too_large")
