"""Whether the system says that the machine was shut down before it started, or just went off.

Linux writes a record at each start and at each ordered shutdown to /var/log/wtmp (utmp(5)): between two
starts without a shutdown the machine was cut off. Many systems keep no such file any more; then nothing
is said here.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

WTMP = Path("/var/log/wtmp")

BOOT_SECONDS = 180.0
"""How far the record of a start may lie from the start: further, and it is of another start, or of a
machine that did not know the time when it started."""

_READ_RECORDS = 2000
_RUN_LEVEL, _BOOT = 1, 2

# Type, line, user, second. Most systems keep 32-bit times; arm64 and others 64-bit ones, and longer records.
_LAYOUTS = (struct.Struct("=h6x32s4x32s256x8xi40x"), struct.Struct("=h6x32s4x32s256x12xq48x"))


@dataclass(frozen=True, slots=True)
class _Record:
    kind: int
    user: bytes
    at: int


def ended_in_order(booted: float | None, path: Path = WTMP) -> bool | None:
    """Whether the machine that started at `booted` (seconds since 1970) was shut down before; False when
    it was cut off, None when the file does not say.
    """
    if booted is None:
        return None
    for layout in _LAYOUTS:
        records = _newest_first(path, layout)
        started = next((r for r in records if r.kind == _BOOT), None)
        if started is not None and abs(started.at - booted) <= BOOT_SECONDS:
            before = next((r for r in records if r.kind == _BOOT or r.user == b"shutdown"), None)
            return None if before is None else before.kind != _BOOT
    return None


def _newest_first(path: Path, layout: struct.Struct) -> Iterator[_Record]:
    """The records of starts and run levels, as far as the file has this layout."""
    for kind, line, user, at in reversed(list(layout.iter_unpack(_tail(path, layout.size)))):
        if kind in (_RUN_LEVEL, _BOOT) and line.rstrip(b"\0") == b"~":
            yield _Record(kind, user.rstrip(b"\0"), at)


def _tail(path: Path, size: int) -> bytes:
    """The newest whole records of the file; nothing where it cannot be read or has another layout."""
    try:
        with path.open("rb") as stream:
            end = stream.seek(0, 2)
            if end % size:
                return b""
            stream.seek(max(0, end - _READ_RECORDS * size))
            return stream.read(min(end, _READ_RECORDS * size))
    except OSError:
        return b""
