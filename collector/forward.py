"""Copies what the journal holds to other stores (Prometheus, VictoriaMetrics, Mimir), in order.

Each store has its own place in the journal, kept in the table `forward_positions`; one that is away
holds up no other and misses nothing. Delivery is at-least-once: after a crash the last request may
come twice, which the stores take for what it is.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import httpx
import sqlalchemy as sa

from collector.config import StoreSettings
from collector.database import Database, forward_positions, upsert
from collector.journal import Entry, EntryKind, Journal
from telemetry.errors import LtmonError
from telemetry.remotewrite import compress

log = logging.getLogger(__name__)

MAX_MESSAGE_BYTES = 1 << 20
_READ_ENTRIES = 500
_FIRST_WAIT = 1.0
_LONGEST_WAIT = 300.0
_HEADERS = {
    "Content-Encoding": "snappy",
    "Content-Type": "application/x-protobuf",
    "X-Prometheus-Remote-Write-Version": "0.1.0",
    "User-Agent": "lapthach-monitor",
}
# The store, not the request, is at fault, or the way to it is set up wrongly: giving up the samples
# for that is how others lost theirs (VictoriaMetrics #4701, #11272).
_TRY_AGAIN = frozenset({401, 403, 404, 405, 407, 408, 421, 425, 429})


class ForwardPositions:
    """How far each store has come. Owns the table `forward_positions`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, store: str) -> int:
        """The last journal entry that the store has taken, 0 at first."""
        query = sa.select(forward_positions.c.seq).where(forward_positions.c.store == store)
        with self._database.read() as connection:
            return connection.scalar(query) or 0

    def put(self, store: str, seq: int) -> None:
        """Notes that the store has taken all entries up to `seq`."""
        with self._database.write() as connection:
            insert = upsert(connection, forward_positions).values(store=store, seq=seq)
            connection.execute(
                insert.on_conflict_do_update(index_elements=["store"], set_={"seq": seq})
            )


@dataclass(slots=True)
class ForwardStats:
    """How a store is doing: its place, what it lacks, entries taken, entries it refused for good
    (`passed_over`), and failed attempts by reason.
    """

    position: int = 0
    pending: int = 0
    delivered: int = 0
    passed_over: int = 0
    failures: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class _Answer:
    """reason: empty when the store took the request; `again`: whether to send the same once more."""

    reason: str = ""
    again: bool = False
    retry_after: float = 0.0


class Forwarder:
    """Brings one store up to the journal's end and keeps it there, until `run` is cancelled.

    `sleep` and `jitter` (0 to 1) are how it waits between attempts. Raises ConfigError when a secret
    of the store cannot be had.
    """

    def __init__(
        self,
        store: StoreSettings,
        journal: Journal,
        positions: ForwardPositions,
        *,
        timeout_seconds: float = 30.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.stats = ForwardStats()
        self.name = store.name
        self._url = store.url
        self._timeout = timeout_seconds
        self._headers, self._basic = _access(store)
        self._journal = journal
        self._positions = positions
        self._sleep = sleep
        self._jitter = jitter
        self._grown = asyncio.Event()

    def wake(self) -> None:
        """To be called when the journal has grown."""
        self._grown.set()

    async def run(self) -> None:
        """Sends until cancelled. What fails is logged and tried again."""
        async with httpx.AsyncClient(
            headers=self._headers, auth=self._basic, timeout=self._timeout
        ) as client:
            while True:
                self._grown.clear()
                try:
                    await self._catch_up(client)
                except LtmonError:
                    log.exception("forwarding cannot go on now", extra={"store": self.name})
                    self.stats.failures["own_storage"] += 1
                    await self._sleep(_FIRST_WAIT * 10)
                else:
                    await self._grown.wait()

    async def _catch_up(self, client: httpx.AsyncClient) -> None:
        """Sends everything between the store's place and the journal's end."""
        position = await asyncio.to_thread(self._start)
        while entries := await asyncio.to_thread(self._next_entries, position):
            position = entries[-1].seq
            await self._deliver(client, [e for e in entries if e.kind is EntryKind.SAMPLES])
            await asyncio.to_thread(self._positions.put, self.name, position)
            await asyncio.to_thread(self._measure, position)

    def _start(self) -> int:
        position = self._positions.get(self.name)
        last = self._journal.last_seq()
        if position > last:
            log.warning(
                "the journal is shorter than what the store has taken; forwarding it all again",
                extra={"store": self.name, "position": position, "last": last},
            )
            position = 0
        self._measure(position)
        return position

    def _measure(self, position: int) -> None:
        self.stats.position = position
        self.stats.pending = self._journal.last_seq() - position

    def _next_entries(self, position: int) -> list[Entry]:
        """The entries that go into one request: at least one, if there is any."""
        entries: list[Entry] = []
        size = 0
        for entry in self._journal.read(after=position, limit=_READ_ENTRIES):
            size += len(entry.payload) if entry.kind is EntryKind.SAMPLES else 0
            if entries and size > MAX_MESSAGE_BYTES:
                break
            entries.append(entry)
        return entries

    async def _deliver(self, client: httpx.AsyncClient, entries: list[Entry]) -> None:
        """Returns when the store has taken the entries, or will never take those passed over."""
        if not entries:
            return
        answer = await self._send_until_answered(client, entries)
        if not answer.reason:
            self.stats.delivered += len(entries)
        elif len(entries) == 1:
            self.stats.passed_over += 1
            log.warning(
                "a store refused an entry for good",
                extra={"store": self.name, "seq": entries[0].seq, "reason": answer.reason},
            )
        else:  # one bad entry must not take the others with it
            for entry in entries:
                await self._deliver(client, [entry])

    async def _send_until_answered(
        self, client: httpx.AsyncClient, entries: list[Entry]
    ) -> _Answer:
        # Serialised requests may be put one after the other: together they are one request.
        body = compress(b"".join(entry.payload for entry in entries))
        wait = _FIRST_WAIT
        while True:
            answer = await self._send(client, body)
            if answer.reason:
                self.stats.failures[answer.reason] += 1
            if not answer.again:
                return answer
            # Half of the wait is random, so that stores and collectors do not fall into step.
            await self._sleep(max(answer.retry_after, wait * (0.5 + self._jitter() / 2)))
            wait = min(wait * 2, _LONGEST_WAIT)

    async def _send(self, client: httpx.AsyncClient, body: bytes) -> _Answer:
        try:
            response = await client.post(self._url, content=body)
        except httpx.TimeoutException:
            return _Answer("timeout", again=True)
        except httpx.HTTPError:
            return _Answer("unreachable", again=True)
        return _answer_of(response)


def _answer_of(response: httpx.Response) -> _Answer:
    status = response.status_code
    if response.is_success:
        return _Answer()
    if 400 <= status < 500 and status not in _TRY_AGAIN:
        return _Answer(f"http_{status}")
    return _Answer(f"http_{status}", again=True, retry_after=_retry_after(response))


def _retry_after(response: httpx.Response) -> float:
    """The seconds that the store asks for, within bounds; its other form, a date, is not used."""
    text = response.headers.get("retry-after", "")
    return min(float(text[:9]), _LONGEST_WAIT) if text.isascii() and text.isdigit() else 0.0


def _access(store: StoreSettings) -> tuple[dict[str, str], httpx.BasicAuth | None]:
    """The headers of every request, and the user and password where the store wants them."""
    headers = dict(_HEADERS)
    if store.token is not None:
        headers["Authorization"] = f"Bearer {store.token.reveal()}"
    if store.user is None:
        return headers, None
    return headers, httpx.BasicAuth(store.user, store.password.reveal() if store.password else "")
