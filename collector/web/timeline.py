"""What happened to an incident, or to a device, told line by line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from collector.events import Event, EventKind
from collector.incident import Incident
from collector.phrases import Phrases
from collector.words import N_


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened. at: seconds since 1970; mood: bad, good or plain."""

    at: float
    text: str
    mood: str = "plain"


def incident_lines(phrases: Phrases, history: Sequence[Event]) -> list[Line]:
    """The incident's life, oldest first; changes that say nothing to people are left out."""
    lines: list[Line] = []
    before: Incident | None = None
    for event in history:
        now = event.incident
        if now is None:
            continue
        line = _line(phrases, event, before, now)
        if line is not None:
            lines.append(line)
        before = now
    return lines


def _line(phrases: Phrases, event: Event, before: Incident | None, now: Incident) -> Line | None:
    if event.kind is EventKind.INCIDENT_RESOLVED:
        return Line(event.at, phrases.text(N_("Solved")), "good")
    if before is None:
        return Line(event.at, phrases.say(now.reason), "bad")
    if event.kind is EventKind.INCIDENT_OPENED:
        return Line(
            event.at, phrases.text(N_("It is back")) + ": " + phrases.say(now.reason), "bad"
        )
    return _change(phrases, event.at, before, now)


def _change(phrases: Phrases, at: float, before: Incident, now: Incident) -> Line | None:
    """What an update says that the one before it did not."""
    if now.acknowledged_by and (now.acknowledged_by, now.note) != (
        before.acknowledged_by,
        before.note,
    ):
        words = N_("{who} takes care of it: {note}") if now.note else N_("{who} takes care of it")
        return Line(at, phrases.text(words, who=now.acknowledged_by, note=now.note))
    if now.headline != before.headline:
        return Line(at, phrases.say(now.headline), "bad")
    if len(now.affected) > len(before.affected):
        count = len(now.affected)
        return Line(at, phrases.text(N_("Devices cut off now: {count}"), count=count), "bad")
    fresh = [f for f in now.findings if f.key not in {old.key for old in before.findings}]
    return Line(at, phrases.say(fresh[0].reason), "bad") if fresh else None


def finding_lines(phrases: Phrases, history: Sequence[Event]) -> list[Line]:
    """What was found wrong with a device and what went away, newest first."""
    lines = []
    for event in history:
        if event.finding is None:
            continue
        reason = phrases.say(event.finding.reason)
        if event.kind is EventKind.FINDING_OPENED:
            lines.append(Line(event.at, reason, "bad"))
        else:
            lines.append(Line(event.at, phrases.text(N_("Over: {what}"), what=reason), "good"))
    return lines[::-1]
