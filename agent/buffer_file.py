"""The SQLite file under the agent's buffer: opening, transactions, rows and counters.

SQLite in WAL mode with `synchronous=FULL`: a commit returns only after the write-ahead log has
been flushed to the disk (fsync), so what was committed survives a power cut. With NORMAL the last
commits could be rolled back. The price, one flush a commit, is paid at most about once a second
because `agent.keeper` commits many results together. A torn tail of the log is recognised by its
checksums and left out; a torn database file is recognised when it opens (`BufferDamaged`).
https://www.sqlite.org/wal.html, https://www.sqlite.org/pragma.html#pragma_synchronous
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from telemetry.errors import AgentBufferError

_SCHEMA = """
CREATE TABLE IF NOT EXISTS waiting (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    samples INTEGER NOT NULL, oldest_ms INTEGER NOT NULL, newest_ms INTEGER NOT NULL,
    checksum INTEGER NOT NULL, payload BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS dead_letters (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms INTEGER NOT NULL, samples INTEGER NOT NULL, answer TEXT NOT NULL, payload BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
INSERT OR IGNORE INTO counters VALUES ('held', 0), ('dropped', 0), ('buried', 0), ('running', 0);
"""

_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


_NO_LIMIT = 1_073_741_823  # pages; SQLite reads any smaller limit as at least the present size


class BufferFull(AgentBufferError):  # noqa: N818 - named for what it says
    """The disk takes nothing more."""


class BufferDamaged(AgentBufferError):  # noqa: N818 - named for what it says
    """The file is torn: it has to be set aside and begun anew."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One result to keep: `payload` is a serialised, uncompressed remote-write request."""

    payload: bytes
    samples: int
    oldest_ms: int
    newest_ms: int


@dataclass(frozen=True, slots=True)
class Row:
    """One result that waits. Rows are pushed in the order of `id`; `sound`: its checksum holds."""

    id: int
    samples: int
    payload: bytes
    sound: bool = True


class BufferFile:
    """One open file, owned by this process alone; every call may block on the disk.

    Raises BufferDamaged when the file is torn, BufferFull when the disk is, AgentBufferError else.
    """

    def __init__(self, path: Path, log_bytes: int) -> None:
        self.path = path
        self._log_pages = max(8, log_bytes // 4096)
        with self.errors():
            self._db = sqlite3.connect(
                path, isolation_level=None, check_same_thread=False, timeout=2
            )
        try:
            with self.errors():
                self._prepare()
        except AgentBufferError:
            self._db.close()
            raise

    def _prepare(self) -> None:
        # One owner, and no shared-memory file that could be torn.
        self._db.execute("PRAGMA locking_mode=EXCLUSIVE")
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.execute(f"PRAGMA wal_autocheckpoint={self._log_pages}")
        self._db.executescript(_SCHEMA)
        if self.counter("running"):
            verdict = str(self._db.execute("PRAGMA quick_check(1)").fetchone()[0])
            if verdict != "ok":
                raise BufferDamaged(f"{self.path}: {verdict}.")
        self._db.execute("UPDATE counters SET value = 1 WHERE name = 'running'")
        self._take_room()

    def _take_room(self) -> None:
        """Half a log is written and freed: later commits find room in log and file, whoever fills
        the disk meanwhile. SQLite keeps both at their size as long as they are open.
        """
        self._db.execute("DROP TABLE IF EXISTS filler")
        size = self._log_pages * 2048
        self._db.execute("CREATE TABLE filler AS SELECT zeroblob(?) AS zeros", (size,))
        self._db.execute("DROP TABLE filler")
        self.checkpoint()

    def close(self) -> None:
        """Lets go of the file; after a clean close the next start need not check it."""
        try:
            with self.errors():
                self._db.execute("UPDATE counters SET value = 0 WHERE name = 'running'")
        finally:
            self._db.close()

    def abandon(self) -> None:
        """Lets go of a file that failed; the next start checks it."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All changes inside are kept together, durably, or none of them."""
        with self.errors():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    @contextmanager
    def errors(self) -> Iterator[None]:
        """The one place where SQLite's errors become ours."""
        try:
            yield
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            if code == sqlite3.SQLITE_FULL:
                raise BufferFull(f"{self.path}: the disk is full.") from error
            if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise AgentBufferError(
                    f"{self.path}: another agent is already using this buffer."
                ) from error
            kind = BufferDamaged if code in _DAMAGE else AgentBufferError
            raise kind(f"{self.path}: the buffer failed: {error}.") from error

    def insert(self, drafts: Iterable[Draft]) -> None:
        """Appends the drafts in their order."""
        held = 0
        for draft in drafts:
            checksum = zlib.crc32(draft.payload)
            self._db.execute(
                "INSERT INTO waiting (samples, oldest_ms, newest_ms, checksum, payload)"
                " VALUES (?, ?, ?, ?, ?)",
                (draft.samples, draft.oldest_ms, draft.newest_ms, checksum, draft.payload),
            )
            held += draft.samples
        self.count("held", held)

    def rows(self) -> Generator[Row, None, None]:
        """All rows, oldest first, read as they are asked for; to be closed."""
        cursor = self._db.execute("SELECT id, samples, checksum, payload FROM waiting ORDER BY id")
        for row_id, samples, checksum, payload in cursor:
            yield Row(row_id, samples, payload, zlib.crc32(payload) == checksum)

    def sizes(self) -> sqlite3.Cursor:
        """(id, newest_ms, payload bytes) of all rows, oldest first; to be closed."""
        return self._db.execute("SELECT id, newest_ms, LENGTH(payload) FROM waiting ORDER BY id")

    def edge_ms(self) -> tuple[int | None, int | None]:
        """Oldest timestamp of the first row and newest timestamp of the last, None when empty."""
        first = self._db.execute("SELECT oldest_ms FROM waiting ORDER BY id LIMIT 1").fetchone()
        last = self._db.execute("SELECT newest_ms FROM waiting ORDER BY id DESC LIMIT 1").fetchone()
        return (first[0], last[0]) if first else (None, None)

    def delete(self, ids: Iterable[int]) -> int:
        """Removes rows; returns how many samples were in those that were still there."""
        gone = 0
        for row_id in ids:
            found = self._db.execute(
                "DELETE FROM waiting WHERE id = ? RETURNING samples", (row_id,)
            ).fetchone()
            gone += found[0] if found else 0
        self.count("held", -gone)
        return gone

    def bury(self, row: Row, answer: str, at_ms: int, keep_bytes: int) -> None:
        """Adds a dead letter and lets go of the oldest ones beyond `keep_bytes`."""
        self._db.execute(
            "INSERT INTO dead_letters (at_ms, samples, answer, payload) VALUES (?, ?, ?, ?)",
            (at_ms, row.samples, answer, row.payload),
        )
        self._db.execute(
            "DELETE FROM dead_letters WHERE id IN (SELECT id FROM (SELECT id, SUM(LENGTH(payload))"
            " OVER (ORDER BY id DESC) AS newer FROM dead_letters) WHERE newer > ?)",
            (keep_bytes,),
        )

    def dead_letters(self) -> list[tuple[str, bytes]]:
        """(answer, payload) of each dead letter, oldest first."""
        return list(self._db.execute("SELECT answer, payload FROM dead_letters ORDER BY id"))

    def count(self, name: str, step: int) -> None:
        """Adds to a counter that survives restarts."""
        if step:
            self._db.execute("UPDATE counters SET value = value + ? WHERE name = ?", (step, name))

    def counter(self, name: str) -> int:
        """The value of a counter."""
        row = self._db.execute("SELECT value FROM counters WHERE name = ?", (name,)).fetchone()
        return int(row[0])

    def checkpoint(self) -> None:
        """Moves the write-ahead log into the database and begins it at its start again."""
        self._db.execute("PRAGMA wal_checkpoint(RESTART)").fetchall()

    def let_grow(self, allowed: bool) -> None:
        """Forbids or allows more pages than the file has now; what needs more is BufferFull."""
        self._db.execute(f"PRAGMA max_page_count={_NO_LIMIT if allowed else 1}")

    def live_bytes(self) -> int:
        """Room that is in use: pages of the file without the free ones."""
        return (self._pragma("page_count") - self.free_pages()) * self._pragma("page_size")

    def free_pages(self) -> int:
        """Pages of the file that hold nothing."""
        return self._pragma("freelist_count")

    def rewrite(self) -> None:
        """Gives free pages back to the disk."""
        self._db.execute("VACUUM")

    def _pragma(self, name: str) -> int:
        return int(self._db.execute(f"PRAGMA {name}").fetchone()[0])
