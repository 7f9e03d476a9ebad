"""Between the event loop and the buffer on disk: takes results at once, commits them in groups.

A power cut may take what is not committed yet: the results of the last second at most, plus the
time of one flush of the disk. What was committed is safe, see `agent.buffer_file`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from agent.buffer import Buffer, BufferState
from agent.buffer_file import BufferFull, Draft, Row
from telemetry.errors import AgentBufferError
from telemetry.remotewrite import encode_samples
from telemetry.sample import Sample

log = logging.getLogger(__name__)

T = TypeVar("T")

COMMIT_SECONDS = 1.0
COMMIT_ROWS = 200
MEMORY_BYTES = 8 << 20
"""What may wait in memory while the disk takes nothing; beyond it the oldest go and are counted."""


def draft_of(samples: Sequence[Sample]) -> Draft:
    """The samples of one result as a row for the buffer. `samples` is not empty."""
    moments = [sample.timestamp_ms for sample in samples]
    return Draft(encode_samples(samples), len(samples), min(moments), max(moments))


class Keeper:
    """Owns the buffer and the one thread that touches it. Used from one event loop."""

    def __init__(
        self, open_buffer: Callable[[], Buffer], now: Callable[[], float] = time.time
    ) -> None:
        self._open_buffer = open_buffer
        self._now = now
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="buffer")
        self._pending: deque[Draft] = deque()
        self._pending_bytes = 0
        self._lost_samples = 0
        self._arrived = asyncio.Event()
        self._many = asyncio.Event()
        self._committing = asyncio.Lock()
        self._buffer: Buffer

    async def open(self) -> None:
        """Opens the buffer; raises AgentBufferError or ConfigError when it cannot be used."""
        self._buffer = await self._in_thread(self._open_buffer)

    def put(self, samples: Sequence[Sample]) -> None:
        """Takes the samples of one result; they are on disk at most about a second later."""
        if not samples:
            return
        draft = draft_of(samples)
        self._pending.append(draft)
        self._pending_bytes += len(draft.payload)
        self._bound_memory()
        self._arrived.set()
        if len(self._pending) >= COMMIT_ROWS:
            self._many.set()

    async def run(self) -> None:
        """Commits for ever: one second after the first result of a group, or when it is large."""
        while True:
            await self._arrived.wait()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._many.wait(), COMMIT_SECONDS)
            # Shielded: what was taken out of memory must reach the disk or come back.
            await asyncio.shield(self.flush())

    async def flush(self) -> bool:
        """Commits what waits in memory; False when the disk did not take it and it waits on."""
        async with self._committing:
            self._arrived.clear()
            self._many.clear()
            drafts, lost = list(self._pending), self._lost_samples
            if not drafts and not lost:
                return True
            self._take(lost)
            now_ms = int(self._now() * 1000)
            try:
                await self._in_thread(lambda: self._buffer.append(drafts, now_ms, lost))
            except AgentBufferError as error:
                log.warning("results not stored yet", extra={"error": error, "rows": len(drafts)})
                self._put_back(drafts, lost)
                await self._recover(error)
                return False
            return True

    def _take(self, lost: int) -> None:
        self._pending.clear()
        self._pending_bytes = 0
        self._lost_samples -= lost

    def _put_back(self, drafts: list[Draft], lost: int) -> None:
        self._pending.extendleft(reversed(drafts))
        self._pending_bytes += sum(len(draft.payload) for draft in drafts)
        self._lost_samples += lost
        self._bound_memory()
        self._arrived.set()

    def _bound_memory(self) -> None:
        while self._pending_bytes > MEMORY_BYTES and len(self._pending) > 1:
            oldest = self._pending.popleft()
            self._pending_bytes -= len(oldest.payload)
            self._lost_samples += oldest.samples

    async def _recover(self, error: AgentBufferError) -> None:
        if isinstance(error, BufferFull):
            return
        try:
            await self._in_thread(self._buffer.reopen)
        except AgentBufferError as still:
            log.warning("buffer cannot be opened again", extra={"error": still})

    async def oldest(self, max_samples: int, max_bytes: int) -> list[Row]:
        """See `Buffer.oldest`."""
        return await self._in_thread(lambda: self._buffer.oldest(max_samples, max_bytes))

    async def remove(self, rows: Sequence[Row]) -> None:
        """See `Buffer.remove`."""
        await self._in_thread(lambda: self._buffer.remove(rows))

    async def bury(self, row: Row, answer: str) -> None:
        """See `Buffer.bury`."""
        now_ms = int(self._now() * 1000)
        await self._in_thread(lambda: self._buffer.bury(row, answer, now_ms))

    async def stored_samples(self) -> int:
        """How many samples wait on disk, without those still in memory."""
        return (await self._in_thread(self._buffer.state)).samples

    async def state(self) -> BufferState:
        """What the buffer holds, with what is still in memory."""
        state = await self._in_thread(self._buffer.state)
        oldest = [draft.oldest_ms for draft in self._pending]
        if state.oldest_ms is not None:
            oldest.append(state.oldest_ms)
        return BufferState(
            samples=state.samples + sum(draft.samples for draft in self._pending),
            bytes=state.bytes,
            oldest_ms=min(oldest, default=None),
            dropped=state.dropped + self._lost_samples,
            buried=state.buried,
        )

    async def close(self) -> None:
        """Commits what waits and lets go of the file and the thread."""
        await self.flush()
        await self._in_thread(self._buffer.close)
        self._thread.shutdown()

    async def _in_thread(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call)
