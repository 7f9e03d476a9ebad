"""What can be saved of a buffer file that a power cut or a dying disk has damaged."""

from __future__ import annotations

import contextlib
import sqlite3
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SavedRow = tuple[int, int, int, bytes]
"""samples, oldest_ms, newest_ms, payload"""

_COLUMNS = "SELECT id, samples, oldest_ms, newest_ms, checksum, payload FROM waiting"


@dataclass(frozen=True, slots=True)
class Survivors:
    """rows: the rows whose checksum holds, in their old order; counters: as far as readable."""

    rows: list[SavedRow]
    counters: dict[str, int]


def set_aside(path: Path) -> Path:
    """Renames the file and its log to `….damaged` and returns the new name.

    Only the latest damaged file is kept, so that repeated damage cannot fill the disk.
    """
    damaged = path.with_name(path.name + ".damaged")
    for suffix in ("", "-wal", "-shm"):
        old, new = path.with_name(path.name + suffix), damaged.with_name(damaged.name + suffix)
        new.unlink(missing_ok=True)
        if old.exists():
            old.rename(new)
    return damaged


def survivors(path: Path) -> Survivors:
    """All rows that can still be read; a file that is no database at all yields none.

    Reads forwards until the first damage, then backwards until the damage from the other side.
    """
    rows: dict[int, SavedRow] = {}
    counters: dict[str, int] = {}
    with contextlib.closing(sqlite3.connect(path)) as db:
        for direction in ("ASC", "DESC"):
            for row_id, row in _readable(db, direction):
                if row_id in rows:
                    break
                rows[row_id] = row
        # What cannot be read here is what the damage took: that is the answer, not a fault of ours.
        with contextlib.suppress(sqlite3.DatabaseError):
            for name, value in db.execute("SELECT name, value FROM counters"):
                counters[str(name)] = int(value)
    return Survivors([rows[row_id] for row_id in sorted(rows)], counters)


def _readable(db: sqlite3.Connection, direction: str) -> Iterator[tuple[int, SavedRow]]:
    try:
        for row in db.execute(f"{_COLUMNS} ORDER BY id {direction}"):
            row_id, samples, oldest, newest, checksum, payload = row
            if isinstance(payload, bytes) and zlib.crc32(payload) == checksum:
                yield row_id, (samples, oldest, newest, payload)
    except (sqlite3.DatabaseError, OverflowError):
        return
