"""What other limits would have meant: the same journal judged twice, side by side, by the same engine."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from collector.evaluate import Engine
from collector.events import Event, EventKind
from collector.incident import Incident
from collector.journal import Entry, EntryKind, Journal
from inventory.document import StrictModel, read_document
from inventory.expectation import Expectation
from inventory.inventory import Inventory
from telemetry.errors import ConfigError

SAME_SECONDS = 600.0
"""Two incidents of one trouble may begin or end this far apart under other limits."""

Expectations = tuple[Expectation, ...]


class ExpectationFile(StrictModel):
    """A file of expectations to be tried: the same key as in the inventory."""

    expectations: Expectations


def read_expectations(path: Path) -> Expectations:
    """The expectations of a file. Raises ConfigError with one sentence."""
    return read_document(path, ExpectationFile).expectations


def parse_expectations(text: str) -> Expectations:
    """The same from what somebody has pasted."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "expectations.yaml"
        path.write_text(text, encoding="utf-8")
        try:
            return read_expectations(path)
        except ConfigError as error:
            raise ConfigError(str(error).replace(f"{folder}/", "")) from None


def with_expectations(inventory: Inventory, tried: Expectations) -> Inventory:
    """The inventory with these expectations over its own."""
    return inventory.model_copy(update={"expectations": (*inventory.expectations, *tried)})


@dataclass(slots=True)
class Tally:
    """What one engine has said: messages that would have been sent, and each incident as it stood last."""

    messages: int = 0
    told: dict[str, Incident] = field(default_factory=dict)

    def take(self, events: Iterable[Event]) -> None:
        """Counts what is new."""
        for event in events:
            if event.kind is EventKind.NOTIFICATION and event.notification is not None:
                self.messages += not event.notification.held
            if event.incident is not None:
                self.told[event.incident.id] = event.incident


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the tried limits change. missed: told today and not any more; added: told only with the tried
    limits; both worst and oldest first.
    """

    messages_now: int
    messages_then: int
    incidents_now: int
    incidents_then: int
    missed: tuple[Incident, ...]
    added: tuple[Incident, ...]


def compare(now: Tally, then: Tally) -> Comparison:
    """What differs between the limits that hold and those that are tried."""
    return Comparison(
        messages_now=now.messages,
        messages_then=then.messages,
        incidents_now=len(now.told),
        incidents_then=len(then.told),
        missed=_only_in(now.told.values(), list(then.told.values())),
        added=_only_in(then.told.values(), list(now.told.values())),
    )


class Trial:
    """Two engines side by side: one with the limits that hold, one with those that are tried."""

    def __init__(self, inventory: Inventory, tried: Expectations) -> None:
        self._tried = tried
        self._now = Engine(inventory)
        self._then = Engine(with_expectations(inventory, tried))
        self.now, self.then = Tally(), Tally()

    @property
    def engines(self) -> Sequence[tuple[Engine, Tally]]:
        """The engine of each side with its tally."""
        return ((self._now, self.now), (self._then, self.then))

    def apply(self, entry: Entry) -> None:
        """Judges one journal entry on both sides."""
        self.now.take(self._now.apply(entry))
        self.then.take(self._then.apply(self._with_tried(entry)))

    def comparison(self) -> Comparison:
        """What has differed so far."""
        return compare(self.now, self.then)

    def _with_tried(self, entry: Entry) -> Entry:
        """A new inventory in the middle of the time comes with the tried limits, too."""
        if entry.kind is not EntryKind.INVENTORY:
            return entry
        inventory = with_expectations(Inventory.from_json(entry.payload), self._tried)
        return replace(entry, payload=inventory.to_json().encode())


def over_journal(trial: Trial, journal: Journal, from_ms: int, until_ms: int) -> Iterator[float]:
    """Judges the entries of a time on both sides; yields how much is done, from 0 to 1, now and then."""
    seq = _first_at(journal, from_ms) - 1
    span = max(1, until_ms - from_ms)
    while True:
        entries = list(journal.read(after=seq, limit=200))
        for entry in entries:
            if entry.at_ms > until_ms:
                return
            trial.apply(entry)
        if not entries:
            return
        seq = entries[-1].seq
        yield min(1.0, (entries[-1].at_ms - from_ms) / span)


def _first_at(journal: Journal, at_ms: int) -> int:
    """The first entry that was accepted at `at_ms` or later: their times rise with their numbers."""
    low, high = 1, journal.last_seq() + 1
    while low < high:
        middle = (low + high) // 2
        entry = next(journal.read(after=middle - 1, limit=1), None)
        if entry is None or entry.at_ms >= at_ms:
            high = middle
        else:
            low = entry.seq + 1
    return low


def _only_in(incidents: Iterable[Incident], others: Sequence[Incident]) -> tuple[Incident, ...]:
    alone = [i for i in incidents if not any(_same_trouble(i, other) for other in others)]
    return tuple(sorted(alone, key=lambda i: (-i.severity.rank, i.since, i.id)))


def _same_trouble(one: Incident, other: Incident) -> bool:
    """Whether both tell of the same: of one cause, or of one rule at one site, at the same time."""
    kin = one.cause == other.cause or (one.site, one.rule) == (other.site, other.rule)
    return (
        kin and one.since <= _end(other) + SAME_SECONDS and other.since <= _end(one) + SAME_SECONDS
    )


def _end(incident: Incident) -> float:
    return math.inf if incident.resolved_at is None else incident.resolved_at
