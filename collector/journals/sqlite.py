"""The journal in one SQLite file: no server, safe from power cuts, fit for a district."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import cramjam

from collector.journal import Draft, Entry, EntryKind
from telemetry.errors import JournalError

# AUTOINCREMENT: a number is never given twice, not even when the newest entries were given up.
_SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    source TEXT NOT NULL,
    first_ms INTEGER NOT NULL,
    last_ms INTEGER NOT NULL,
    payload BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS samples_by_time ON entries (source, last_ms, first_ms)
    WHERE kind = 'samples';
"""
_PRAGMAS = ("busy_timeout = 10000", "journal_mode = WAL", "synchronous = FULL")
_COLUMNS = "seq, kind, at_ms, source, payload"
_CHUNK = 64

Row = tuple[int, str, int, str, bytes]


class SqliteJournal:
    """A `collector.journal.Journal` in the file at `path`, made when it is missing (mode 0600).

    Payloads are kept compressed (zstd): label sets repeat, and shrink to a tenth and less.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._write_lock = threading.Lock()
        self._read_lock = threading.Lock()
        with self._translated():
            # O_NOFOLLOW: a link put in its place by another user is refused.
            os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600))
            self._writer = self._connect()
            try:
                self._writer.executescript(_SCHEMA)
                self._reader = self._connect()
            except sqlite3.Error:
                self._writer.close()
                raise

    def append(self, drafts: Sequence[Draft]) -> list[Entry]:
        """See `Journal`: one transaction, synced to the disk before it returns."""
        packed = [bytes(cramjam.zstd.compress(draft.payload, level=1)) for draft in drafts]
        with self._write_lock, self._translated():
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                entries = [
                    self._insert(draft, blob) for draft, blob in zip(drafts, packed, strict=True)
                ]
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:  # SQLite itself rolls back when the disk is full
                    self._writer.execute("ROLLBACK")
                raise
        return entries

    def read(self, after: int = 0, limit: int = 1000) -> Iterator[Entry]:
        """See `Journal`. Entries accepted while the iterator runs may come too."""
        while limit > 0:
            rows = self._fetch(
                f"SELECT {_COLUMNS} FROM entries WHERE seq > ? ORDER BY seq LIMIT ?",  # noqa: S608 - no user text
                (after, min(limit, _CHUNK)),
            )
            if not rows:
                return
            yield from map(self._entry, rows)
            after = rows[-1][0]
            limit -= len(rows)

    def overlapping(self, source: str, first_ms: int, last_ms: int) -> Iterator[Entry]:
        """See `Journal`."""
        after = 0
        while True:
            rows = self._fetch(
                f"SELECT {_COLUMNS} FROM entries WHERE seq IN ("  # noqa: S608 - no user text
                " SELECT seq FROM entries INDEXED BY samples_by_time WHERE kind = 'samples'"
                " AND source = ? AND last_ms >= ? AND first_ms <= ? AND seq > ?"
                " ORDER BY seq LIMIT ?) ORDER BY seq",
                (source, first_ms, last_ms, after, _CHUNK),
            )
            if not rows:
                return
            yield from map(self._entry, rows)
            after = rows[-1][0]

    def newest_sample_ms(self, source: str) -> int | None:
        """See `Journal`."""
        query = "SELECT max(last_ms) FROM entries WHERE kind = 'samples' AND source = ?"
        newest: int | None = self._fetch(query, (source,))[0][0]
        return newest

    def last_seq(self) -> int:
        """See `Journal`."""
        rows = self._fetch("SELECT seq FROM sqlite_sequence WHERE name = 'entries'", ())
        return int(rows[0][0]) if rows else 0

    def drop_before(self, seq: int) -> int:
        """See `Journal`. The room is used again; the file does not shrink."""
        with self._write_lock, self._translated():
            return self._writer.execute("DELETE FROM entries WHERE seq < ?", (seq,)).rowcount

    def close(self) -> None:
        """See `Journal`."""
        with self._read_lock:
            self._reader.close()
        with self._write_lock:
            self._writer.close()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        try:
            for pragma in _PRAGMAS:
                connection.execute(f"PRAGMA {pragma}")
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _insert(self, draft: Draft, blob: bytes) -> Entry:
        row = (draft.kind.value, draft.at_ms, draft.source, draft.first_ms, draft.last_ms, blob)
        cursor = self._writer.execute(
            "INSERT INTO entries (kind, at_ms, source, first_ms, last_ms, payload)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            row,
        )
        seq = cursor.lastrowid or 0
        return Entry(seq, draft.kind, draft.at_ms, draft.source, draft.payload)

    def _fetch(self, query: str, values: tuple[str | int, ...]) -> list[Any]:
        with self._read_lock, self._translated():
            return self._reader.execute(query, values).fetchall()

    def _entry(self, row: Row) -> Entry:
        seq, kind, at_ms, source, blob = row
        try:
            payload = bytes(cramjam.zstd.decompress(blob))
        except cramjam.DecompressionError as error:
            raise JournalError(f"entry {seq} of the journal {self._path} is damaged") from error
        return Entry(seq, EntryKind(kind), at_ms, source, payload)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise JournalError(f"the journal {self._path} does not work: {error}") from error
        except OSError as error:
            raise JournalError(
                f"the journal {self._path} cannot be opened: {error.strerror}"
            ) from error
