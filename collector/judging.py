"""The engine at work: takes entries from the journal in order, judges, keeps what was said.

The journal is the only way in, so whatever happens here (a crash, a full disk) is mended by reading
on from the last snapshot. What the engine says again then is known by its place in the journal.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass

from pydantic import ValidationError

from collector.evaluate import Engine
from collector.events import Event
from collector.journal import Draft, Entry, EntryKind, Journal
from collector.store import Alongside, Snapshot, Store
from inventory.inventory import Inventory
from telemetry.errors import DatabaseError, InventoryError, JournalError, SnapshotError

log = logging.getLogger(__name__)

READ_AT_ONCE = 200
RETRY_SECONDS = 5.0
ANSWER_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Hands:
    """What the judging works with. take: keeps the messages that go with new events; told: called
    when there may be new messages to send; listen: awaited after each entry, before a snapshot may
    make the engine forget what led to it.
    """

    journal: Journal
    store: Store
    take: Alongside
    told: Callable[[], None]
    clock: Callable[[], float]
    listen: Callable[[Engine, Sequence[Event]], Awaitable[None]]


class Judging:
    """Runs one engine. `turned_at`: when it last looked at the journal; `failures`: entries that it
    could not judge.
    """

    def __init__(self, hands: Hands, engine: Engine) -> None:
        self._hands = hands
        self.engine = engine
        self.turned_at = 0.0
        self.failures = 0
        self.caught_up = asyncio.Event()
        self._grown = asyncio.Event()
        self._turned = asyncio.Condition()
        self._saved_seq = 0
        self._kept_seq = engine.seq
        self._between_entries = asyncio.Lock()

    def grown(self) -> None:
        """The journal may have grown; call on the event loop."""
        self._grown.set()

    async def run(self) -> None:
        """Judges until cancelled. When the journal or the database fails, it waits and tries again."""
        while True:
            self._grown.clear()
            try:
                entries = await asyncio.to_thread(self._next_entries)
            except JournalError:
                log.exception("the journal cannot be read")
                await asyncio.sleep(RETRY_SECONDS)
                continue
            for entry in entries:
                async with self._between_entries:
                    await self._judge(entry)
            self.turned_at = self._hands.clock()
            async with self._turned:
                self._turned.notify_all()
            if not entries:
                self.caught_up.set()
                await self._grown.wait()

    async def say(self, kind: EntryKind, source: str, payload: bytes) -> None:
        """Puts something into the journal and returns when it has been judged (or soon will be)."""
        draft = Draft(kind, int(self._hands.clock() * 1000), source, payload)
        (entry,) = await asyncio.to_thread(self._hands.journal.append, [draft])
        self.grown()
        try:
            async with asyncio.timeout(ANSWER_SECONDS), self._turned:
                await self._turned.wait_for(lambda: self.engine.seq >= entry.seq)
        except TimeoutError:
            log.warning("judging is behind", extra={"seq": entry.seq, "judged": self.engine.seq})

    async def tick(self, every_seconds: float) -> None:
        """Lets the journal know that time passes, when nothing else does."""
        while True:
            await asyncio.sleep(every_seconds)
            if self._hands.clock() - self.engine.now >= every_seconds * 0.9:
                try:
                    await self.say(EntryKind.TICK, "", b"")
                except JournalError:
                    log.exception("the journal takes no ticks")

    async def save_snapshot(self) -> None:
        """Keeps what the engine knows, with the inventory it knows it by.

        Never while the events of an entry are not kept yet: after a crash nobody would say them
        again.
        """
        async with self._between_entries:
            seq = self.engine.seq
            if seq in (0, self._saved_seq) or seq != self._kept_seq:
                return
            text = self.engine.inventory.to_json()
            engine = text.encode() + b"\n" + self.engine.snapshot()
        await asyncio.to_thread(self._hands.store.save_snapshot, seq, engine, self._hands.clock())
        self._saved_seq = seq

    async def save_regularly(self, every_seconds: float) -> None:
        """Saves a snapshot now and then."""
        while True:
            await asyncio.sleep(every_seconds)
            try:
                await self.save_snapshot()
            except DatabaseError:
                log.exception("the snapshot could not be saved")

    @property
    def saved_seq(self) -> int:
        """The journal entry up to which a snapshot was saved by this process."""
        return self._saved_seq

    def _next_entries(self) -> list[Entry]:
        return list(self._hands.journal.read(after=self.engine.seq, limit=READ_AT_ONCE))

    async def _judge(self, entry: Entry) -> None:
        try:
            events = self.engine.apply(entry)
        except (
            Exception
        ):  # an entry that trips a rule must not stop the district's monitoring for good
            log.exception(
                "an entry could not be judged", extra={"seq": entry.seq, "kind": entry.kind}
            )
            self.failures += 1
            events = []
        for correction in self.engine.corrections():
            log.info("time was accounted anew", extra=asdict(correction))
        if events:
            await self._keep(events)
            self._hands.told()
        else:
            await asyncio.sleep(0)
        await self._hands.listen(self.engine, events)
        self._kept_seq = self.engine.seq

    async def _keep(self, events: list[Event]) -> None:
        """Does not go on before the events are kept: what was judged must not be forgotten."""
        while True:
            try:
                await asyncio.to_thread(self._hands.store.record, events, self._hands.take)
            except DatabaseError:
                log.exception("events cannot be kept; waiting for the database")
                await asyncio.sleep(RETRY_SECONDS)
            else:
                return


def wake_engine(store: Store, inventory: Inventory) -> Engine:
    """The engine from the newest snapshot that this program can read, or a new one.

    inventory: for a new engine; a snapshot brings its own, which the journal then changes as it
    did.
    """
    for snapshot in store.snapshots():
        engine = _restored(snapshot)
        if engine is not None:
            return engine
    return Engine(inventory)


def _restored(snapshot: Snapshot) -> Engine | None:
    text, _, knowledge = snapshot.engine.partition(b"\n")
    try:
        engine = Engine.restore(Inventory.from_json(text), knowledge)
    except (ValidationError, SnapshotError, InventoryError, json.JSONDecodeError) as error:
        log.warning(
            "a snapshot is of another version; going further back",
            extra={"seq": snapshot.seq, "problem": error},
        )
        return None
    return engine
