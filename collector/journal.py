"""The journal: what the collector accepted, in the order in which it accepted it.

Everything that the judging engine may know enters through here – samples, the passing of time,
the inventory, what people said – so the engine's verdicts are a function of the journal alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class EntryKind(StrEnum):
    """What an entry's payload holds."""

    SAMPLES = "samples"  # a serialised remote-write request, not compressed; source: the agent
    TICK = "tick"  # nothing: time has passed
    INVENTORY = "inventory"  # Inventory.to_json(); source: what it was read from
    ACKNOWLEDGE = "acknowledge"  # JSON {incident, note}; source: who
    SILENCE = "silence"  # JSON {id, what, from, until, why}; source: who
    CLOCK = "clock"  # JSON {site, newest}: a push out of time, none of it taken; source: the agent


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry that has not been accepted yet. `at_ms`: the collector's clock, ms since 1970.

    `first_ms`, `last_ms`: the time of the oldest and newest sample in the payload, for `overlapping`.
    """

    kind: EntryKind
    at_ms: int
    source: str
    payload: bytes
    first_ms: int = 0
    last_ms: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """An accepted entry. `seq` rises by one with each; the order of `seq` is the order of judging."""

    seq: int
    kind: EntryKind
    at_ms: int
    source: str
    payload: bytes


class Journal(Protocol):
    """Keeps entries in order until they are given up; what `append` returned survives a power cut.

    Every method raises JournalError when the storage fails; what was accepted before stays readable.
    May be used from several threads at once.
    """

    def append(self, drafts: Sequence[Draft]) -> list[Entry]:
        """Accepts all drafts or none, durably. Raises JournalError when the disk does not take
        them.
        """
        ...

    def read(self, after: int = 0, limit: int = 1000) -> Iterator[Entry]:
        """The entries with a `seq` above `after`, in order, at most `limit`."""
        ...

    def overlapping(self, source: str, first_ms: int, last_ms: int) -> Iterator[Entry]:
        """The SAMPLES entries of `source` that may hold a sample in this time (both ends), in order."""
        ...

    def newest_sample_ms(self, source: str) -> int | None:
        """The time of the newest sample in the SAMPLES entries of `source`; None without any."""
        ...

    def last_seq(self) -> int:
        """The `seq` of the newest entry ever accepted, 0 when there was none."""
        ...

    def drop_before(self, seq: int) -> int:
        """Gives up the entries below `seq`; returns how many."""
        ...

    def close(self) -> None:
        """Lets go of the files; nothing else may be called afterwards."""
        ...
