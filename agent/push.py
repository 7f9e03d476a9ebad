"""Sends what the buffer holds: oldest first, in order, each sample at least once."""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import httpx

from agent.backoff import Backoff
from agent.buffer_file import Row
from agent.config import CollectorSettings, PushSettings
from agent.keeper import Keeper
from agent.push_outcome import PushOutcome, PushReason, outcome_of
from telemetry.errors import AgentBufferError, ConfigError
from telemetry.labels import clean_text
from telemetry.remotewrite import compress

log = logging.getLogger(__name__)

HEADERS = {
    "Content-Type": "application/x-protobuf",
    "Content-Encoding": "snappy",
    "X-Prometheus-Remote-Write-Version": "0.1.0",
    "User-Agent": "lapthach-monitor-agent",
}


class Sender(Protocol):
    """Carries one remote-write request to the collector."""

    async def send(self, message: bytes) -> PushOutcome:
        """Sends a serialised WriteRequest; every trouble of a network is an outcome."""
        ...


def tls_context(collector: CollectorSettings) -> ssl.SSLContext | bool:
    """What checks the collector's certificate and name, always; False for plain http."""
    if not collector.url.startswith("https:"):
        return False
    try:
        return ssl.create_default_context(cafile=collector.ca_file)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"{collector.ca_file}: no usable CA certificate: {error}.") from error


def collector_client(collector: CollectorSettings, timeout: float) -> httpx.AsyncClient:
    """A client for this collector alone: no redirects, no proxies from the environment."""
    return httpx.AsyncClient(
        base_url=collector.url,
        headers={"Authorization": f"Bearer {collector.token.reveal()}"},
        verify=tls_context(collector),
        timeout=httpx.Timeout(timeout, connect=min(10.0, timeout)),
        follow_redirects=False,
        trust_env=False,
    )


def trouble(error: httpx.HTTPError) -> PushOutcome:
    """The outcome of a request that got no answer: the boundary to httpx."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLError):
        cause = cause.__cause__ or cause.__context__
    if cause is not None:
        return PushOutcome(PushReason.TLS, str(cause))
    slow = isinstance(error, httpx.TimeoutException) and not isinstance(error, httpx.ConnectTimeout)
    reason = PushReason.TIMEOUT if slow else PushReason.NETWORK
    return PushOutcome(reason, str(error) or type(error).__name__)


@dataclass(slots=True)
class HttpSender:
    """Sends over HTTP with the agent's token; `client` comes from `collector_client`."""

    client: httpx.AsyncClient
    now: Callable[[], float] = time.time

    async def send(self, message: bytes) -> PushOutcome:
        """See `Sender`. Reads no more than the first 300 bytes of what is answered."""
        try:
            async with self.client.stream(
                "POST", "/api/v1/write", content=compress(message), headers=HEADERS
            ) as response:
                body = b""
                if response.status_code >= 300:
                    body = await anext(response.aiter_raw(300), b"")
        except httpx.HTTPError as error:
            return trouble(error)
        retry_after = response.headers.get("Retry-After")
        return outcome_of(response.status_code, retry_after, clean_text(body), self.now())


@dataclass(slots=True)
class PushState:
    """How pushing goes. Times are seconds since 1970, None for never."""

    failures: Counter[PushReason] = field(default_factory=Counter)
    last_success: float | None = None
    failing_since: float | None = None
    last_answer: str = ""
    last_reason: PushReason | None = None

    def failures_by_name(self) -> dict[str, int]:
        """How many pushes failed, by the reason's name."""
        return {reason.value: count for reason, count in self.failures.items()}


@dataclass(slots=True)
class Pusher:
    """Drains the buffer: while more waits than fits one request, without a pause.

    A request that is refused for its content is halved until the row at fault is found; that row
    goes to the dead letters, the queue goes on. A row is condemned only after an empty request was
    accepted and the row then refused again: a proxy that answers 400 to everything
    (VictoriaMetrics#4701, #11272) must not cost a backlog.
    """

    keeper: Keeper
    sender: Sender
    settings: PushSettings
    state: PushState = field(default_factory=PushState)
    backoff: Backoff = field(default_factory=Backoff)
    pause: Callable[[float], Awaitable[object]] = asyncio.sleep
    now: Callable[[], float] = time.time

    async def run(self) -> None:
        """Pushes for ever."""
        while True:
            await self.pause(await self.turn())

    async def turn(self) -> float:
        """Sends one batch; returns the seconds to wait before the next one."""
        rows: list[Row] = []
        try:
            rows = await self.keeper.oldest(self.settings.batch_samples, self.settings.batch_bytes)
            outcome = await self._deliver(rows) if rows else PushOutcome(None)
        except AgentBufferError as error:
            log.warning("buffer failed while pushing", extra={"error": error})
            return self.backoff.next_wait()
        except Exception:  # the edge of the task: pushing must never end
            log.exception("pushing failed by a fault of our own")
            outcome = PushOutcome(PushReason.INTERNAL, "internal fault, see the log")
        self._note(outcome, bool(rows) if outcome.accepted else True)
        if not outcome.accepted:
            return self.backoff.next_wait(outcome.retry_after)
        self.backoff.succeeded()
        more = rows and await self.keeper.stored_samples()
        return 0.0 if more else self.settings.interval

    async def _deliver(self, rows: Sequence[Row]) -> PushOutcome:
        """Sends the rows in their order and lets go of what was accepted or condemned."""
        outcome = await self.sender.send(b"".join(row.payload for row in rows))
        if outcome.accepted:
            await self.keeper.remove(rows)
            return outcome
        if not outcome.refused:
            return outcome
        self._count(outcome)
        if len(rows) == 1:
            return await self._judge(rows[0])
        half = len(rows) // 2
        first = await self._deliver(rows[:half])
        return await self._deliver(rows[half:]) if first.accepted else first

    async def _judge(self, row: Row) -> PushOutcome:
        """Whether the row is at fault or the way: accepted when the queue may go on without it."""
        control = await self.sender.send(b"")
        if not control.accepted:
            return control
        again = await self.sender.send(row.payload)
        if again.refused:
            await self.keeper.bury(row, again.answer)
            log.error(
                "result refused for ever, put with the dead letters",
                extra={"samples": row.samples, "answer": again.answer},
            )
            return PushOutcome(None)
        if again.accepted:
            await self.keeper.remove([row])
        return again

    def _count(self, outcome: PushOutcome) -> None:
        if outcome.reason is not None:
            self.state.failures[outcome.reason] += 1

    def _note(self, outcome: PushOutcome, sent: bool) -> None:
        state, now = self.state, self.now()
        if outcome.accepted:
            if state.failing_since is not None and sent:
                log.info("collector takes results again")
            if sent:
                state.last_success, state.failing_since, state.last_reason = now, None, None
            return
        self._count(outcome)
        if state.last_reason is not outcome.reason:
            log.warning("push failed", extra={"reason": outcome.reason, "answer": outcome.answer})
        state.failing_since = now if state.failing_since is None else state.failing_since
        state.last_reason, state.last_answer = outcome.reason, outcome.answer
