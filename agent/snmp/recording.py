"""Recordings of devices in snmpsim's format: one object a line, `OID|tag|value`, in ascending order.

The tag is the BER number of the type; with an `x` behind it the value is in hexadecimal.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from agent.snmp.oid import arcs
from agent.snmp.session import Oid, Value

INTEGER, OCTETS, OBJECT_ID, ADDRESS, OPAQUE = 2, 4, 6, 64, 68
_NUMBERS = frozenset({INTEGER, 65, 66, 67, 70})


@dataclass(frozen=True, slots=True)
class Entry:
    """One object. tag: its type's BER number."""

    oid: Oid
    tag: int
    value: Value

    def line(self) -> str:
        """As it stands in the file. What is not plain text goes in hexadecimal."""
        value = self.value
        if not isinstance(value, bytes):
            return f"{self.oid}|{self.tag}|{value}"
        text = value.decode("latin-1")
        if text.isascii() and text.isprintable() and text.strip() == text:
            return f"{self.oid}|{self.tag}|{text}"
        return f"{self.oid}|{self.tag}x|{value.hex()}"

    @property
    def place(self) -> tuple[int, ...]:
        """What the file is ordered by."""
        return arcs(self.oid)


def read_entry(line: str) -> Entry:
    """The object in a line. Raises ValueError for what is no line of a recording."""
    oid, tag, raw = line.rstrip("\r\n").split("|", 2)
    kind = int(tag.rstrip("x"))
    arcs(oid)
    if tag.endswith("x"):
        return Entry(oid, kind, bytes.fromhex(raw))
    if kind in _NUMBERS:
        return Entry(oid, kind, int(raw))
    if kind in (OBJECT_ID, ADDRESS):
        return Entry(oid, kind, raw)
    return Entry(oid, kind, raw.encode("latin-1"))


class RecordingFile:
    """A recording: while it grows in a file beside its own that only we can read, then in one stroke there.

    A run that was stopped leaves that file, and the next one goes on behind it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.part = path.with_name(f".{path.name}.part")

    def begun(self) -> list[Entry]:
        """What an earlier, stopped run has recorded; an unfinished line is cut off."""
        try:
            text = self.part.read_text(encoding="latin-1")
        except FileNotFoundError:
            return []
        found: list[Entry] = []
        for line in text.split("\n")[:-1]:
            try:
                found.append(read_entry(line))
            except ValueError:
                break
        self._put(self.part, found, "w")
        return found

    def append(self, entries: Sequence[Entry]) -> None:
        """Adds objects behind the last one."""
        self._put(self.part, entries, "a")

    def finish(self, entries: Iterable[Entry]) -> None:
        """Writes the whole file, in rising order, and lets go of the growing one."""
        made = self.path.with_name(f".{self.path.name}.new")
        self._put(made, sorted(entries, key=lambda entry: entry.place), "w")
        made.replace(self.path)
        self.part.unlink(missing_ok=True)

    @staticmethod
    def _put(path: Path, entries: Iterable[Entry], mode: Literal["a", "w"]) -> None:
        with open(path, mode, encoding="latin-1", opener=_privately) as file:
            file.writelines(f"{entry.line()}\n" for entry in entries)


def _privately(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
