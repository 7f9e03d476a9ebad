"""Copies what a journal holds to other stores (Prometheus, VictoriaMetrics, Mimir), in order.

Each store has its own place in the journal, kept in the table `forward_positions`; one that is away
holds up no other and misses nothing. Delivery is at-least-once: when a store or the collector died,
what a store took in the minute before comes twice, which the stores take for what it is.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import httpx

from collector.config import StoreSettings
from collector.forward_place import ForwardPositions, Place
from collector.forward_request import LONGEST_WAIT, Answer, access_to, send
from collector.journal import Entry, EntryKind, Journal
from telemetry.errors import LtmonError
from telemetry.remotewrite import compress

log = logging.getLogger(__name__)

MAX_MESSAGE_BYTES = 1 << 20
_READ_ENTRIES = 500
_FIRST_WAIT = 1.0


@dataclass(slots=True)
class ForwardStats:
    """How a store is doing: its place, up to where that is certain, entries taken, entries it refused
    for good (`passed_over`), and failed attempts by reason.
    """

    position: int = 0
    settled: int = 0
    delivered: int = 0
    passed_over: int = 0
    failures: Counter[str] = field(default_factory=Counter)


class _StoreWasAway(Exception):  # noqa: N818 - a turn of events, not an error
    """What the store took lately must be sent again before anything newer."""


class Forwarder:
    """Brings one store up to a journal's end and keeps it there, until `run` is cancelled.

    what: the name of the journal where a store follows more than one. `sleep` and `jitter` (0 to 1)
    are how it waits between attempts, `clock` tells when what a store took is settled. Raises
    ConfigError when a secret of the store cannot be had.
    """

    def __init__(
        self,
        store: StoreSettings,
        journal: Journal,
        positions: ForwardPositions,
        *,
        what: str = "",
        timeout_seconds: float = 30.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.stats = ForwardStats()
        self.name = store.name
        self._url = store.url
        self._timeout = timeout_seconds
        self._headers, self._basic = access_to(store)
        self._journal = journal
        self._positions = positions
        self._key = f"{store.name}/{what}" if what else store.name
        self._place: Place | None = None
        self._noted = 0
        self._sleep = sleep
        self._jitter = jitter
        self._clock = clock
        self._grown = asyncio.Event()

    def wake(self) -> None:
        """To be called when the journal has grown."""
        self._grown.set()

    def pending(self) -> int:
        """The entries that the store has yet to take, now. Raises JournalError."""
        return max(0, self._journal.last_seq() - self.stats.position)

    async def run(self) -> None:
        """Sends until cancelled. What fails is logged and tried again."""
        try:
            async with httpx.AsyncClient(
                headers=self._headers, auth=self._basic, timeout=self._timeout
            ) as client:
                await self._follow(client)
        finally:
            self._note_the_end()

    async def _follow(self, client: httpx.AsyncClient) -> None:
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
        if self._place is None:
            self._place = await asyncio.to_thread(self._start)
        place = self._place
        while entries := await asyncio.to_thread(self._next_entries, place.taken):
            samples = [entry for entry in entries if entry.kind is EntryKind.SAMPLES]
            try:
                await self._deliver(client, samples)
            except _StoreWasAway:
                log.info("sending again what the store may have lost", extra={"store": self.name})
            else:
                place.take(entries[-1].seq)
            if samples:
                await asyncio.to_thread(self._note, place.settled)
            await asyncio.to_thread(self._measure, place)

    def _start(self) -> Place:
        position = self._noted = self._positions.get(self._key)
        last = self._journal.last_seq()
        if position > last:
            log.warning(
                "the journal is shorter than what the store has taken; forwarding it all again",
                extra={"store": self.name, "position": position, "last": last},
            )
            position = 0
        place = Place(position, self._clock)
        self._measure(place)
        return place

    def _note(self, seq: int) -> None:
        """Keeps the place for the next start."""
        if seq != self._noted:
            self._positions.put(self._key, seq)
            self._noted = seq

    def _note_the_end(self) -> None:
        """An orderly end: what a store that is away may have lost was taken back already."""
        if self._place is None:
            return
        try:
            self._note(self._place.taken)
        except LtmonError:
            log.exception("a store's place could not be kept", extra={"store": self.name})

    def _measure(self, place: Place) -> None:
        self.stats.position = place.taken
        self.stats.settled = place.settled

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

    async def _send_until_answered(self, client: httpx.AsyncClient, entries: list[Entry]) -> Answer:
        # Serialised requests may be put one after the other: together they are one request.
        body = compress(b"".join(entry.payload for entry in entries))
        wait = _FIRST_WAIT
        while True:
            answer = await send(client, self._url, body)
            if answer.reason:
                self.stats.failures[answer.reason] += 1
            if not answer.again:
                return answer
            # Half of the wait is random, so that stores and collectors do not fall into step.
            await self._sleep(max(answer.retry_after, wait * (0.5 + self._jitter() / 2)))
            wait = min(wait * 2, LONGEST_WAIT)
            if answer.away and self._place is not None and self._place.fall_back():
                raise _StoreWasAway
