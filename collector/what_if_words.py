"""What other limits would have meant, in words: for the page and for the command line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from collector.incident import Incident
from collector.message import lasting
from collector.phrases import Phrases
from collector.what_if import Comparison
from collector.words import N_


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of some incidents: name: missed, added or kept; words: that as a heading."""

    name: str
    words: str
    incidents: tuple[Incident, ...]


def fates(result: Comparison) -> tuple[Fate, ...]:
    """The incidents by what becomes of them, what hurts most first."""
    return (
        Fate("missed", N_("These would have been missed"), result.missed),
        Fate("added", N_("These would have been told in addition"), result.added),
        Fate("kept", N_("These would have been told as before"), result.kept),
    )


def counts(result: Comparison, phrases: Phrases) -> str:
    """How many incidents meet which fate, in one sentence."""
    return phrases.text(
        N_("Incidents: {missed} missed, {added} in addition, {kept} as before."),
        missed=len(result.missed),
        added=len(result.added),
        kept=len(result.kept),
    )


def difference(result: Comparison, phrases: Phrases) -> Iterator[str]:
    """The same for a person at a terminal, with each incident that is missed or new."""
    yield phrases.text(
        N_("With these limits: {now} messages → {then}."),
        now=result.messages_now,
        then=result.messages_then,
    )
    yield counts(result, phrases)
    for fate in fates(result):
        if fate.name == "kept" or not fate.incidents:
            continue
        yield f"{phrases.text(fate.words)}:"
        for incident in fate.incidents:
            severity = phrases.severity(incident.severity)
            headline, reason = phrases.say(incident.headline), phrases.say(incident.reason)
            yield f"  {lasting(phrases, incident)} · {severity} · {headline}: {reason}"
