"""Between event loop and disk: group commit, and a disk that fails for a while."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from agent.buffer import Buffer
from agent.buffer_file import BufferFull, Draft
from agent.keeper import COMMIT_ROWS, Keeper
from telemetry.errors import AgentBufferError
from telemetry.sample import Sample, Series

pytestmark = pytest.mark.anyio

START = 1_700_000_000_000
SERIES = Series("check_up", (("device", "d"),))


def samples(first: int, count: int = 1) -> list[Sample]:
    return [Sample(SERIES, START + n, float(n)) for n in range(first, first + count)]


class WatchedBuffer(Buffer):
    """A real buffer that counts its commits and can be told to fail."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, max_bytes=64 << 20, max_age_ms=10**12)
        self.commits: list[int] = []
        self.failure: AgentBufferError | None = None
        self.reopened = 0
        self.committed = threading.Semaphore(0)

    def append(self, drafts: Sequence[Draft], now_ms: int, lost_samples: int = 0) -> None:
        if self.failure is not None:
            raise self.failure
        super().append(drafts, now_ms, lost_samples)
        self.commits.append(len(drafts))
        self.committed.release()

    def reopen(self) -> None:
        self.reopened += 1
        super().reopen()


async def opened(folder: Path) -> tuple[Keeper, WatchedBuffer]:
    made: list[WatchedBuffer] = []

    def make() -> Buffer:
        made.append(WatchedBuffer(folder / "buffer.sqlite3"))
        return made[0]

    keeper = Keeper(make, now=lambda: START / 1000)
    await keeper.open()
    return keeper, made[0]


async def test_results_are_committed_in_groups(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second's results share one commit; many at once are not made to wait for it."""
    keeper, buffer = await opened(tmp_path)
    monkeypatch.setattr("agent.keeper.COMMIT_SECONDS", 60.0)
    running = asyncio.create_task(keeper.run())
    for n in range(COMMIT_ROWS):
        keeper.put(samples(n))
    keeper.put([])
    assert await asyncio.to_thread(buffer.committed.acquire, timeout=10)
    assert buffer.commits == [COMMIT_ROWS]
    monkeypatch.setattr("agent.keeper.COMMIT_SECONDS", 0.05)
    keeper.put(samples(900))
    keeper.put(samples(901))
    assert await asyncio.to_thread(buffer.committed.acquire, timeout=10)
    assert buffer.commits == [COMMIT_ROWS, 2]
    running.cancel()
    await keeper.close()


async def test_closing_commits_what_waits(tmp_path: Path) -> None:
    """Nothing put before the close is lost, and the state counts what is still in memory."""
    keeper, _ = await opened(tmp_path)
    keeper.put(samples(5, 3))
    state = await keeper.state()
    assert (state.samples, state.oldest_ms) == (3, START + 5)
    assert await keeper.stored_samples() == 0
    await keeper.close()
    again, _ = await opened(tmp_path)
    assert [row.samples for row in await again.oldest(100, 1 << 20)] == [3]
    await again.close()


async def test_a_full_disk_keeps_results_in_memory(tmp_path: Path) -> None:
    """They wait in order until the disk takes them again."""
    keeper, buffer = await opened(tmp_path)
    buffer.failure = BufferFull("full")
    keeper.put(samples(1))
    assert not await keeper.flush()
    keeper.put(samples(2))
    assert not await keeper.flush()
    assert buffer.reopened == 0
    buffer.failure = None
    assert await keeper.flush()
    assert await keeper.flush()
    rows = await keeper.oldest(100, 1 << 20)
    assert [row.samples for row in rows] == [1, 1]
    assert buffer.commits == [2]
    await keeper.close()


async def test_memory_is_bounded_and_what_goes_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the disk takes nothing the oldest results go; the count reaches the disk later."""
    monkeypatch.setattr("agent.keeper.MEMORY_BYTES", 3000)
    keeper, buffer = await opened(tmp_path)
    buffer.failure = BufferFull("full")
    for n in range(200):
        keeper.put(samples(n))
        if n % 50 == 49:
            await keeper.flush()
    state = await keeper.state()
    assert state.dropped + state.samples == 200
    assert 10 < state.samples < 100
    assert state.oldest_ms == START + state.dropped
    buffer.failure = None
    assert await keeper.flush()
    assert (await keeper.state()).dropped == state.dropped == buffer.state().dropped
    await keeper.close()


async def test_a_failing_file_is_opened_again(tmp_path: Path) -> None:
    """An error that is not a full disk: the file is opened anew and the results are tried again."""
    keeper, buffer = await opened(tmp_path)
    buffer.failure = AgentBufferError("disk I/O error")
    keeper.put(samples(1))
    assert not await keeper.flush()
    assert buffer.reopened == 1
    buffer.failure = None
    assert await keeper.flush()
    assert await keeper.stored_samples() == 1
    await keeper.close()


async def test_a_file_torn_while_running_is_begun_anew(tmp_path: Path) -> None:
    """Somebody overwrites the file under the running agent: it says so and goes on."""
    keeper, buffer = await opened(tmp_path)
    keeper.put(samples(1))
    assert await keeper.flush()
    path = tmp_path / "buffer.sqlite3"
    path.write_bytes(b"\xff" * 40_000)
    path.with_name(path.name + "-wal").write_bytes(b"")
    buffer.failure = AgentBufferError("database disk image is malformed")
    keeper.put(samples(2))
    assert not await keeper.flush()
    buffer.failure = None
    assert await keeper.flush()
    assert await keeper.stored_samples() == 1
    assert path.with_name(path.name + ".damaged").exists()
    await keeper.close()
