"""Silences: somebody asked not to be told about something for a while; it is still judged."""

from __future__ import annotations

import json
from dataclasses import dataclass

from collector.incident import Incident


@dataclass(frozen=True, slots=True)
class Silence:
    """what: `site:ID`, `device:ID`, `link:ID`, `agent:ID` or `incident:ID`; times in seconds since
    1970.
    """

    id: str
    what: str
    start: float
    until: float
    why: str
    who: str

    def covers(self, incident: Incident, at: float) -> bool:
        """Whether messages about the incident are unwanted at `at`."""
        names = (incident.cause, f"site:{incident.site}", f"incident:{incident.id}")
        return self.start <= at < self.until and self.what in names


def read_silence(payload: bytes, who: str) -> Silence:
    """A silence from a journal entry's payload."""
    fields = json.loads(payload)
    return Silence(
        id=str(fields["id"]),
        what=str(fields["what"]),
        start=float(fields["from"]),
        until=float(fields["until"]),
        why=str(fields.get("why", "")),
        who=who,
    )
