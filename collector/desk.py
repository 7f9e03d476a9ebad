"""The notifier's desk: what lies on it, and what is written there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from collector.channel import Message
from collector.incident import Incident
from collector.message import Writer
from collector.outbox import Outbox, Row
from collector.phrases import Phrases
from collector.recipients import Way
from collector.store import Store
from collector.words import Speaker
from inventory.inventory import Inventory


@dataclass(frozen=True, slots=True)
class Desk:
    """What the notifier works with; `inventory`, `clock` and `standing` are asked anew each time.

    standing: the open incidents that are worth a message, None while that is not known yet.
    public_url: where people reach the pages, or empty.
    """

    outbox: Outbox
    store: Store
    inventory: Callable[[], Inventory]
    clock: Callable[[], float]
    speaker: Speaker
    standing: Callable[[], Sequence[Incident] | None]
    public_url: str

    def as_now(self, incident: Incident) -> Incident:
        """The incident as it stands now, or as it stood when the notification was made."""
        return self.store.incident(incident.id) or incident

    def message(self, way: Way, rows: Sequence[Row]) -> Message:
        """What one recipient is told by these rows together."""
        latest = {i.id: self.as_now(i) for row in rows for i in row.notification.incidents}
        if len(rows) > 1:
            return self.several(way, "digest", tuple(latest.values()))
        notification = rows[0].notification
        if notification.about == "summary" or len(latest) > 1:
            return self.several(way, notification.about, tuple(latest.values()))
        # That it was solved stays true when it comes again: another message follows.
        told = notification.incidents[0]
        incident = told if notification.about == "resolved" else latest[told.id]
        return self._writer().one(self._phrases(way), notification.about, incident)

    def several(self, way: Way, about: str, incidents: Sequence[Incident]) -> Message:
        """One message about many incidents as they are given."""
        return self._writer().several(self._phrases(way), about, incidents)

    def _phrases(self, way: Way) -> Phrases:
        zone = ZoneInfo(self.inventory().district.timezone)
        return Phrases(self.speaker, way.language, zone, self.clock())

    def _writer(self) -> Writer:
        return Writer(self.inventory(), self.public_url)
