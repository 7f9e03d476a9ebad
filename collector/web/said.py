"""What people say to the collector; it goes through the journal like everything that is judged."""

from __future__ import annotations

import json

from collector.journal import EntryKind
from collector.web.standing import Standing
from telemetry.labels import clean_text

MAX_NOTE = 500


async def acknowledge(standing: Standing, incident_id: str, who: str, note: str) -> bool:
    """Somebody takes an incident on; False when there is no such open incident."""
    incident = standing.view().incident(incident_id)
    if incident is None or not incident.is_open:
        return False
    payload = {"incident": incident.id, "note": clean_text(note, MAX_NOTE)}
    await standing.say(EntryKind.ACKNOWLEDGE, clean_text(who), json.dumps(payload).encode())
    return True


async def silence(
    standing: Standing, silence_id: str, what: str, start: float, until: float, why: str, who: str
) -> None:
    """Somebody does not want to be told about something from `start` until `until`."""
    payload = {
        "id": silence_id,
        "what": what,
        "from": start,
        "until": until,
        "why": clean_text(why, MAX_NOTE),
    }
    await standing.say(EntryKind.SILENCE, clean_text(who), json.dumps(payload).encode())
