"""What the pages and the API may look at and do: handed in by the app, nothing is reached
otherwise.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from collector.incident import Incident
from collector.journal import EntryKind
from collector.phrases import Phrases
from collector.store import Store
from collector.view import View
from collector.words import Sentence, Speaker
from inventory.inventory import Inventory

Say = Callable[[EntryKind, str, bytes], Awaitable[None]]
"""Puts what somebody said (kind, who, payload) into the journal and returns once it is judged."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand. engine and clock are asked anew for each request; notices: what the people
    should know about the collector itself; operator_of: the name behind a token, or None.
    """

    view: Callable[[], View]
    store: Store
    speaker: Speaker
    clock: Callable[[], float]
    notices: Callable[[], list[Sentence]]
    operator_of: Callable[[str], str | None]
    say: Say

    @property
    def inventory(self) -> Inventory:
        """The inventory as it is judged by."""
        return self.view().inventory

    def phrases(self, language: str) -> Phrases:
        """How to speak to a reader of this language now."""
        zone = ZoneInfo(self.inventory.district.timezone)
        return Phrases(self.speaker, language, zone, self.clock())

    def incident(self, incident_id: str) -> Incident | None:
        """An incident, from the engine's memory or from the database."""
        return self.view().incident(incident_id) or self.store.incident(incident_id)
