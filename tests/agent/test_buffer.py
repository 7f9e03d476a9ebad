"""The buffer on disk: order, bounds, damage, a full disk, and beside it a simple model."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from agent.ageing import LEAP_MS, WAIT_MS, Ageing
from agent.buffer import Buffer
from agent.buffer_file import BufferFull, Draft
from telemetry.errors import AgentBufferError, ConfigError

DAY = 86_400_000
START = 1_700_000_000_000


def draft(number: int, size: int = 100, at_ms: int | None = None, samples: int = 1) -> Draft:
    moment = START + number if at_ms is None else at_ms
    payload = (b"%d:" % number).ljust(size, b"x")
    return Draft(payload, samples, moment, moment)


def number_of(payload: bytes) -> int:
    return int(payload.split(b":")[0])


def numbers(buffer: Buffer) -> list[int]:
    return [number_of(row.payload) for row in buffer.oldest(1 << 40, 1 << 40)]


def open_buffer(folder: Path, max_bytes: int = 8 << 20, days: int = 7) -> Buffer:
    return Buffer(folder / "buffer.sqlite3", max_bytes=max_bytes, max_age_ms=days * DAY)


@pytest.fixture
def small_disk(requires_root: None, tmp_path: Path) -> Iterator[Path]:
    """A real file system of 1 MB, so that a full disk is a full disk."""
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def fill(folder: Path) -> None:
    """Takes every free byte, as somebody else's log file would."""
    with (folder / "ballast").open("ab", buffering=0) as stream:
        for size in (65536, 4096, 512):
            try:
                while True:
                    stream.write(bytes(size))
            except OSError:
                continue


def test_rows_come_back_in_order_and_within_both_limits(tmp_path: Path) -> None:
    """The oldest rows come first, as many as fit, at least one."""
    buffer = open_buffer(tmp_path)
    buffer.append([draft(n, samples=10) for n in range(5)], START)
    assert [number_of(r.payload) for r in buffer.oldest(30, 1 << 20)] == [0, 1, 2]
    assert [number_of(r.payload) for r in buffer.oldest(1000, 250)] == [0, 1]
    assert [number_of(r.payload) for r in buffer.oldest(1, 1)] == [0]
    buffer.remove(buffer.oldest(30, 1 << 20))
    assert numbers(buffer) == [3, 4]
    buffer.close()


def test_state_survives_a_restart(tmp_path: Path) -> None:
    """Rows, the dropped and the buried count are there again after a clean and an unclean stop."""
    buffer = open_buffer(tmp_path)
    buffer.append([draft(1), draft(2), draft(3)], START, lost_samples=7)
    buffer.bury(buffer.oldest(1, 1)[0], "HTTP 400", START)
    buffer.close()
    again = open_buffer(tmp_path)
    assert numbers(again) == [2, 3]
    assert (again.state().dropped, again.state().buried, again.state().samples) == (7, 1, 2)
    assert again.state().oldest_ms == START + 2
    assert again.dead_letters() == [("HTTP 400", draft(1).payload)]
    again.close()


def test_bytes_bound_gives_up_the_oldest(tmp_path: Path) -> None:
    """Above max_bytes the oldest rows go, and every sample that went is counted."""
    buffer = open_buffer(tmp_path, max_bytes=1 << 20)
    for n in range(300):
        buffer.append([draft(n, size=10_000, samples=3)], START + n)
        assert buffer.state().bytes <= 1 << 20
    left = numbers(buffer)
    assert left == list(range(left[0], 300))
    assert 60 <= len(left) <= 105
    assert buffer.state().dropped == 3 * left[0]
    size = sum(f.stat().st_size for f in tmp_path.iterdir() if not f.name.endswith("-reserve"))
    assert size < 2 * (1 << 20) + (1 << 20)
    buffer.close()


def test_a_draft_larger_than_the_buffer_is_given_up(tmp_path: Path) -> None:
    """One monstrous result cannot block or overfill the buffer."""
    buffer = open_buffer(tmp_path, max_bytes=256 << 10)
    buffer.append([draft(1, size=1 << 20, samples=9)], START)
    buffer.append([draft(2)], START)
    assert numbers(buffer) == [2]
    assert buffer.state().dropped == 9
    buffer.close()


def test_days_bound_gives_up_what_is_too_old(tmp_path: Path) -> None:
    """Results older than the bound go when the clock has passed them by ordinary steps."""
    buffer = open_buffer(tmp_path, days=1)
    for hour in range(48):
        buffer.append([draft(hour, at_ms=START + hour * 3_600_000)], START + hour * 3_600_000)
    assert numbers(buffer) == list(range(23, 48))
    assert buffer.state().dropped == 23
    buffer.close()


def test_a_leaping_clock_throws_nothing_away() -> None:
    """The year 2071 for some minutes, then the right time: nothing is too old in between."""
    ageing = Ageing(7 * DAY, START)
    assert ageing.horizon_ms(START + 1000) == START + 1000 - 7 * DAY
    in_2071 = START + 50 * 365 * DAY
    assert ageing.horizon_ms(in_2071) is None
    assert ageing.horizon_ms(in_2071 + 60_000) is None
    assert ageing.horizon_ms(START + 120_000) is None
    assert ageing.horizon_ms(START + 120_000 + WAIT_MS) == START + 120_000 + WAIT_MS - 7 * DAY


def test_after_a_long_holiday_the_backlog_has_an_hour() -> None:
    """Switched off for ten days: what was measured before may still be sent for an hour."""
    ageing = Ageing(7 * DAY, START)
    assert ageing.horizon_ms(START + 10 * DAY) is None
    assert ageing.horizon_ms(START + 10 * DAY + WAIT_MS) == START + 3 * DAY + WAIT_MS
    assert LEAP_MS == DAY


def test_files_are_private_and_links_are_refused(tmp_path: Path) -> None:
    """Mode 0600 for every file, whatever the umask; a planted symbolic link is refused."""
    old = os.umask(0)
    try:
        buffer = open_buffer(tmp_path)
        buffer.append([draft(1)], START)
        for file in tmp_path.iterdir():
            assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
        buffer.close()
    finally:
        os.umask(old)
    for name in ("buffer.sqlite3", "buffer.sqlite3-wal", "buffer.sqlite3-reserve"):
        folder = tmp_path / f"linked-{name}"
        folder.mkdir()
        (tmp_path / "victim").touch()
        (folder / name).symlink_to(tmp_path / "victim")
        with pytest.raises(ConfigError, match="symbolic link"):
            open_buffer(folder)


def test_a_second_agent_is_told(tmp_path: Path) -> None:
    """Two agents on one buffer would send everything twice: the second gets a sentence."""
    first = open_buffer(tmp_path)
    with pytest.raises(AgentBufferError, match="another agent is already using this buffer"):
        open_buffer(tmp_path)
    first.close()


def test_a_file_that_is_no_database_is_set_aside(tmp_path: Path) -> None:
    """Garbage in the place of the buffer does not keep the agent from starting."""
    (tmp_path / "buffer.sqlite3").write_bytes(b"not a database" * 1000)
    buffer = open_buffer(tmp_path)
    buffer.append([draft(1)], START)
    assert numbers(buffer) == [1]
    assert (tmp_path / "buffer.sqlite3.damaged").read_bytes().startswith(b"not a database")
    buffer.close()


@pytest.mark.parametrize("torn", [0, 50, 120, 199])
def test_torn_pages_cost_only_themselves(tmp_path: Path, torn: int) -> None:
    """A page torn by a power cut: rows before and behind it are salvaged, the rest is counted."""
    buffer = open_buffer(tmp_path)
    buffer.append([draft(n, size=1500) for n in range(200)], START)
    buffer.close()
    path = tmp_path / "buffer.sqlite3"
    with sqlite3.connect(path) as db:
        db.execute("UPDATE counters SET value = 1 WHERE name = 'running'")
    db.close()
    content = bytearray(path.read_bytes())
    start = content.index(b"%d:xxx" % torn) // 4096 * 4096
    content[start : start + 4096] = os.urandom(4096)
    path.write_bytes(content)
    again = open_buffer(tmp_path)
    left = numbers(again)
    assert left == sorted(left)
    assert len(left) >= 190
    assert again.state().samples == len(left)
    assert again.state().dropped == 200 - len(left)
    assert (tmp_path / "buffer.sqlite3.damaged").exists()
    again.append([draft(500)], START)
    assert numbers(again) == [*left, 500]
    again.close()


def test_a_torn_log_costs_only_what_was_not_committed(tmp_path: Path) -> None:
    """The tail of the write-ahead log is cut in the middle: every whole commit before it stands."""
    buffer = open_buffer(tmp_path)
    for n in range(10):
        buffer.append([draft(n, size=3000)], START)
    crash = tmp_path / "crash"
    crash.mkdir()
    for name in ("buffer.sqlite3", "buffer.sqlite3-wal"):
        (crash / name).write_bytes((tmp_path / name).read_bytes())
    wal = crash / "buffer.sqlite3-wal"
    content = wal.read_bytes()
    torn = content.index(b"9:xxx")
    wal.write_bytes(content[:torn] + bytes(len(content) - torn))
    buffer.close()
    again = open_buffer(crash)
    assert numbers(again) == list(range(9))
    again.close()


def test_a_row_rotten_on_disk_is_never_sent(tmp_path: Path) -> None:
    """A flipped bit inside a payload: the row is given up and counted, the others come."""
    buffer = open_buffer(tmp_path)
    buffer.append([draft(n) for n in range(3)], START)
    buffer.close()
    with sqlite3.connect(tmp_path / "buffer.sqlite3") as db:
        db.execute("UPDATE waiting SET payload = x'00' WHERE id = 2")
    db.close()
    again = open_buffer(tmp_path)
    assert numbers(again) == [0, 2]
    assert (again.state().samples, again.state().dropped) == (2, 1)
    again.close()


def test_a_full_disk_costs_the_oldest(small_disk: Path) -> None:
    """With no byte free on the disk the buffer keeps taking results and gives up the oldest."""
    buffer = open_buffer(small_disk, max_bytes=1 << 20)
    kept = 0
    for n in range(60):
        buffer.append([draft(n, size=5000)], START + n)
        kept = n
    fill(small_disk)
    for n in range(kept + 1, kept + 200):
        buffer.append([draft(n, size=5000)], START + n)
    left = numbers(buffer)
    assert left == list(range(left[0], kept + 200))
    assert left[0] > 0
    assert buffer.state().dropped == left[0]
    buffer.remove(buffer.oldest(1 << 40, 1 << 40))
    assert buffer.state().samples == 0
    buffer.close()
    again = open_buffer(small_disk, max_bytes=1 << 20)
    again.append([draft(1)], START)
    assert again.state().dropped == left[0]
    again.close()


def test_an_agent_starts_and_empties_its_buffer_on_a_full_disk(small_disk: Path) -> None:
    """The disk filled up while the agent was off: it opens, sends and lets go of what it sent."""
    buffer = open_buffer(small_disk, max_bytes=1 << 20)
    for n in range(20):
        buffer.append([draft(n, size=5000)], START + n)
    buffer.close()
    fill(small_disk)
    again = open_buffer(small_disk, max_bytes=1 << 20)
    assert numbers(again) == list(range(20))
    fill(small_disk)
    again.remove(again.oldest(10, 1 << 40))
    again.append([draft(20, size=5000)], START)
    assert numbers(again) == list(range(10, 21))
    assert again.state().dropped == 0
    again.close()


def test_a_full_disk_and_nothing_to_give_up(small_disk: Path) -> None:
    """Nothing fits: the caller hears BufferFull, and once there is room it goes on."""
    buffer = open_buffer(small_disk, max_bytes=1 << 20)
    fill(small_disk)
    with pytest.raises(BufferFull, match="the disk is full"):
        buffer.append([draft(1, size=600_000)], START)
    (small_disk / "ballast").unlink()
    buffer.append([draft(1, size=300_000)], START, lost_samples=4)
    assert numbers(buffer) == [1]
    assert buffer.state().dropped == 4
    buffer.close()


def test_an_emptied_file_gives_its_room_back(tmp_path: Path) -> None:
    """After an outage the file shrinks again."""
    buffer = open_buffer(tmp_path, max_bytes=64 << 20)
    buffer.append([draft(n, size=1 << 20) for n in range(20)], START)
    buffer.remove(buffer.oldest(1 << 40, 1 << 40))
    buffer.close()
    assert (tmp_path / "buffer.sqlite3").stat().st_size < 1 << 20


def test_dead_letters_are_bounded(tmp_path: Path) -> None:
    """Only the latest megabyte of refused rows is kept; the count knows them all."""
    buffer = open_buffer(tmp_path)
    for n in range(5):
        buffer.append([draft(n, size=400_000)], START)
        buffer.bury(buffer.oldest(1, 1)[0], "HTTP 400", START)
    assert [number_of(payload) for _, payload in buffer.dead_letters()] == [3, 4]
    assert buffer.state().buried == 5
    buffer.close()


class BufferModel(RuleBasedStateMachine):
    """The buffer beside a list: what waits is a suffix of what came, all else is accounted for."""

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.buffer = open_buffer(Path(self.folder.name), max_bytes=256 << 10)
        self.came = 0
        self.waiting: list[int] = []
        self.gone = self.given_up = self.buried = 0

    @rule(sizes=st.lists(st.integers(10, 60_000), max_size=6))
    def append(self, sizes: list[int]) -> None:
        drafts = [draft(self.came + n, size) for n, size in enumerate(sizes)]
        self.buffer.append(drafts, START + self.came)
        self.waiting += range(self.came, self.came + len(sizes))
        self.came += len(sizes)
        left = numbers(self.buffer)
        self.given_up += len(self.waiting) - len(left)
        assert self.waiting[len(self.waiting) - len(left) :] == left
        self.waiting = left

    @precondition(lambda self: self.waiting)
    @rule(samples=st.integers(1, 10))
    def push(self, samples: int) -> None:
        rows = self.buffer.oldest(samples, 1 << 30)
        assert [number_of(row.payload) for row in rows] == self.waiting[:samples]
        self.buffer.remove(rows)
        del self.waiting[:samples]

    @precondition(lambda self: self.waiting)
    @rule()
    def bury(self) -> None:
        self.buffer.bury(self.buffer.oldest(1, 1)[0], "HTTP 400", START)
        del self.waiting[0]
        self.buried += 1

    @rule()
    def restart(self) -> None:
        self.buffer.close()
        self.buffer = open_buffer(Path(self.folder.name), max_bytes=256 << 10)

    @rule()
    def fail_and_reopen(self) -> None:
        self.buffer.reopen()

    @invariant()
    def accounts_agree(self) -> None:
        state = self.buffer.state()
        assert state.samples == len(self.waiting)
        assert state.dropped == self.given_up
        assert state.buried == self.buried
        assert state.bytes <= 256 << 10
        assert state.oldest_ms == (START + self.waiting[0] if self.waiting else None)

    def teardown(self) -> None:
        self.buffer.close()
        self.folder.cleanup()


TestBufferModel = BufferModel.TestCase
TestBufferModel.settings = settings(
    max_examples=15,
    stateful_step_count=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
