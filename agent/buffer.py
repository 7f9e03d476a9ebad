"""The agent's buffer on disk: every result rests here until the collector has taken it.

Bounded by bytes and by days; the oldest go first, and what went is counted for ever. Why it is
safe against power cuts stands in `agent.buffer_file`; why a wrong clock does not empty it in
`agent.ageing`.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.ageing import Ageing
from agent.buffer_file import BufferDamaged, BufferFile, BufferFull, Draft, Row
from agent.private_files import refuse_symlinks, touch_private
from agent.salvage import set_aside, survivors

log = logging.getLogger(__name__)

DEAD_LETTER_BYTES = 1 << 20
"""How much of what the collector refuses for ever is kept for a person to look at."""

_SHRINK_PAGES = 4096


def log_bytes(max_bytes: int) -> int:
    """About how long SQLite's write-ahead log may get; the reserve has room for it twice."""
    return min(1 << 20, max_bytes // 8)


@dataclass(frozen=True, slots=True)
class BufferState:
    """What a buffer holds.

    samples, bytes: what waits and the room in use; oldest_ms: the first of it, None when empty;
    dropped: samples given up since this buffer was first made; buried: samples refused for ever.
    """

    samples: int
    bytes: int
    oldest_ms: int | None
    dropped: int
    buried: int


class Buffer:
    """Keeps drafts in order, durably, within `max_bytes` and `max_age_ms`; the oldest go first.

    All calls block on the disk and must come from one thread at a time. A file that cannot be read
    is set aside when the buffer opens, and what can be read of it is carried over. Raises
    AgentBufferError for what a person must mend, BufferFull when the disk takes nothing more.
    """

    def __init__(self, path: Path, *, max_bytes: int, max_age_ms: int) -> None:
        self._path = path
        self._reserve = path.with_name(path.name + "-reserve")
        self._max_bytes = max_bytes
        refuse_symlinks(path, path.with_name(path.name + "-wal"), self._reserve)
        touch_private(path)
        self._file = self._open()
        self._ageing = Ageing(max_age_ms, self._file.edge_ms()[1])
        self._refill_reserve()

    def append(self, drafts: Sequence[Draft], now_ms: int, lost_samples: int = 0) -> None:
        """Keeps all drafts, durably, or raises and keeps none. Makes room by giving up the oldest.

        lost_samples: samples that were given up before they came here, to be counted with the rest.
        """
        self._refill_reserve()
        try:
            self._append(drafts, now_ms, lost_samples, room=0)
        except BufferFull:
            needed = sum(len(draft.payload) for draft in drafts)
            self._use_reserve()
            # Giving up and keeping are one transaction: nothing is given up in vain.
            self._append(drafts, now_ms, lost_samples, room=2 * needed + (64 << 10))
            log.warning("disk full, oldest results given up")

    def oldest(self, max_samples: int, max_bytes: int) -> list[Row]:
        """The oldest rows that fit both limits together; at least one when any waits."""
        rows: list[Row] = []
        damaged: list[int] = []
        samples = size = 0
        with self._file.errors(), contextlib.closing(self._file.rows()) as waiting:
            for row in waiting:
                if not row.sound:
                    damaged.append(row.id)
                    continue
                samples, size = samples + row.samples, size + len(row.payload)
                if rows and (samples > max_samples or size > max_bytes):
                    break
                rows.append(row)
        if damaged:
            log.error("damaged rows given up", extra={"rows": len(damaged)})
            with self._file.transaction():
                self._give_up(damaged)
        return rows

    def remove(self, rows: Sequence[Row]) -> None:
        """Lets go of what the collector has taken; rows already given up are passed over."""
        ids = [row.id for row in rows]
        try:
            self._forget(ids)
        except BufferFull:
            self._use_reserve()
            self._forget(ids)
        with self._file.errors():
            # After an outage the file is as large as its backlog; an empty one is cheap to rewrite.
            if self._file.counter("held") == 0 and self._file.free_pages() > _SHRINK_PAGES:
                self._file.rewrite()

    def bury(self, row: Row, answer: str, now_ms: int) -> None:
        """Moves a row that the collector refuses for ever to the dead letters, with its answer."""
        with self._file.transaction():
            self._file.count("buried", self._file.delete([row.id]))
            self._file.bury(row, answer, now_ms, DEAD_LETTER_BYTES)

    def dead_letters(self) -> list[tuple[str, bytes]]:
        """The collector's answer and the payload of each buried row still kept, oldest first."""
        with self._file.errors():
            return self._file.dead_letters()

    def state(self) -> BufferState:
        """What the buffer holds now."""
        with self._file.errors():
            held = self._file.counter("held")
            return BufferState(
                samples=held,
                bytes=self._file.live_bytes(),
                oldest_ms=self._file.edge_ms()[0],
                dropped=self._file.counter("dropped"),
                buried=self._file.counter("buried"),
            )

    def reopen(self) -> None:
        """Opens the file again after it failed while running; may set a torn one aside."""
        self._file.abandon()
        self._file = self._open()

    def close(self) -> None:
        """Lets go of the file; nothing else may be called afterwards."""
        self._file.close()

    def _open(self) -> BufferFile:
        try:
            return BufferFile(self._path, log_bytes(self._max_bytes))
        except BufferDamaged as problem:
            return self._begin_anew(problem)
        except BufferFull:
            self._reserve.unlink(missing_ok=True)
            return BufferFile(self._path, log_bytes(self._max_bytes))

    def _begin_anew(self, problem: BufferDamaged) -> BufferFile:
        damaged = set_aside(self._path)
        log.error("buffer damaged, begun anew", extra={"problem": problem, "old_file": damaged})
        salvage = survivors(damaged)
        touch_private(self._path)
        file = BufferFile(self._path, log_bytes(self._max_bytes))
        saved = sum(row[0] for row in salvage.rows)
        missing = max(0, salvage.counters.get("held", saved) - saved)
        with file.transaction():
            file.insert(Draft(row[3], *row[:3]) for row in salvage.rows)
            file.count("dropped", salvage.counters.get("dropped", 0) + missing)
            file.count("buried", salvage.counters.get("buried", 0))
        log.info("buffer salvaged", extra={"samples": saved, "missing": missing})
        return file

    def _append(self, drafts: Sequence[Draft], now_ms: int, lost: int, room: int) -> None:
        horizon = self._ageing.horizon_ms(now_ms)
        with self._file.transaction():
            if room:
                self._give_up(self._first_rows(room))
            self._file.insert(drafts)
            self._file.count("dropped", lost)
            if horizon is not None:
                self._give_up(self._aged_rows(horizon))
            while (excess := self._file.live_bytes() - self._max_bytes) > 0:
                if not (ids := self._first_rows(excess)):
                    break
                self._give_up(ids)

    def _first_rows(self, total_bytes: int) -> list[int]:
        """Ids of the oldest rows, as many as together hold `total_bytes`, or all."""
        ids: list[int] = []
        # A cursor left open in a traceback would keep the log from being emptied on a full disk.
        with contextlib.closing(self._file.sizes()) as sizes:
            for row_id, _, size in sizes:
                ids.append(row_id)
                total_bytes -= size
                if total_bytes <= 0:
                    break
        return ids

    def _aged_rows(self, horizon_ms: int) -> list[int]:
        """Ids of the rows at the head that hold nothing newer than `horizon_ms`."""
        with contextlib.closing(self._file.sizes()) as sizes:
            return [row[0] for row in itertools.takewhile(lambda row: row[1] < horizon_ms, sizes)]

    def _give_up(self, ids: Sequence[int]) -> None:
        self._file.count("dropped", self._file.delete(ids))

    def _forget(self, ids: Sequence[int]) -> None:
        with self._file.transaction():
            self._file.delete(ids)

    def _use_reserve(self) -> None:
        """A full disk: with the room of the reserve the log is emptied into the file.

        Deleting, too, takes room in the log, which can be emptied only if the file may grow. So the
        file grows only as long as the reserve is there, and without it makes do with its own pages.
        """
        self._reserve.unlink(missing_ok=True)
        with self._file.errors():
            self._file.checkpoint()
            self._file.let_grow(False)

    def _refill_reserve(self) -> None:
        """Holds a little of the disk back, for the moment in which it is full."""
        if self._reserve.exists():
            return
        touch_private(self._reserve)
        try:
            with self._reserve.open("r+b") as stream:
                os.posix_fallocate(stream.fileno(), 0, 2 * log_bytes(self._max_bytes))
        except OSError:
            self._use_reserve()
        else:
            with self._file.errors():
                self._file.let_grow(True)
