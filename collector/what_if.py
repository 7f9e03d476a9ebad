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
from inventory.expectation import Expectation
from inventory.expectation_file import read_expectations
from inventory.inventory import Inventory
from telemetry.errors import ConfigError

SAME_SECONDS = 600.0
"""Two incidents of one trouble may begin or end this far apart under other limits."""

Expectations = tuple[Expectation, ...]


def parse_expectations(
    content: bytes, inventory: Inventory, name: str = "expectations.yaml"
) -> Expectations:
    """What somebody has pasted or sent, as `read_expectations` reads a file that is called `name`."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sent.yaml"
        path.write_bytes(content)
        try:
            return read_expectations(path, inventory)
        except ConfigError as error:
            raise ConfigError(str(error).replace(str(path), name)) from None


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
    """What the tried limits change. kept: told either way, as it would be told; missed: told today and not
    any more; added: told only with the tried limits; each worst and oldest first.
    """

    messages_now: int
    messages_then: int
    incidents_now: int
    incidents_then: int
    kept: tuple[Incident, ...]
    missed: tuple[Incident, ...]
    added: tuple[Incident, ...]


def compare(now: Tally, then: Tally) -> Comparison:
    """What differs between the limits that hold and those that are tried."""
    missed = _without(now.told.values(), then.told.values())
    added = _without(then.told.values(), now.told.values())
    pairs = _understood_otherwise(missed, added)
    new = {incident.id for incident in added} - {other.id for other in pairs.values()}
    return Comparison(
        messages_now=now.messages,
        messages_then=then.messages,
        incidents_now=len(now.told),
        incidents_then=len(then.told),
        kept=_worst_first(i for i in then.told.values() if i.id not in new),
        missed=_worst_first(i for i in missed if i.id not in pairs),
        added=_worst_first(i for i in added if i.id in new),
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


def _understood_otherwise(
    missed: Sequence[Incident], added: Sequence[Incident]
) -> dict[str, Incident]:
    """Which of the one are the same trouble as one of the other, laid to another cause: of one rule at
    one site at the same time. Each stands for one other only, or an outage beside a longer one would
    not be missed.
    """
    pairs: dict[str, Incident] = {}
    free = sorted(added, key=lambda i: i.since)
    for incident in sorted(missed, key=lambda i: i.since):
        kin = (o for o in free if (o.site, o.rule) == (incident.site, incident.rule))
        other = next((o for o in kin if _at_once(incident, o)), None)
        if other is not None:
            free.remove(other)
            pairs[incident.id] = other
    return pairs


def _without(incidents: Iterable[Incident], others: Iterable[Incident]) -> list[Incident]:
    """Those of which no other tells the same cause at the same time."""
    by_cause: dict[str, list[Incident]] = {}
    for other in others:
        by_cause.setdefault(other.cause, []).append(other)
    return [i for i in incidents if not any(_at_once(i, o) for o in by_cause.get(i.cause, ()))]


def _at_once(one: Incident, other: Incident) -> bool:
    return one.since <= _end(other) + SAME_SECONDS and other.since <= _end(one) + SAME_SECONDS


def _worst_first(incidents: Iterable[Incident]) -> tuple[Incident, ...]:
    return tuple(sorted(incidents, key=lambda i: (-i.severity.rank, i.since, i.id)))


def _end(incident: Incident) -> float:
    return math.inf if incident.resolved_at is None else incident.resolved_at
