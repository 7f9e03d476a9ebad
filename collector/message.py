"""Messages: what a person is told, in their language, as text, as HTML and as data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from collector.affected import whom
from collector.channel import Message
from collector.incident import Incident
from collector.phrases import Phrases
from collector.words import N_
from inventory.inventory import Inventory

LISTED = 20
"""A message about more incidents than these names the first and counts the rest."""


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes messages about incidents. public_url: where people reach the pages, or empty."""

    inventory: Inventory
    public_url: str

    def one(self, phrases: Phrases, about: str, incident: Incident) -> Message:
        """The message about one incident that opened, worsened or was resolved."""
        subject = self._subject(phrases, about, incident)
        return self._finish(phrases, about, subject, [incident])

    def several(self, phrases: Phrases, about: str, incidents: Sequence[Incident]) -> Message:
        """One message for many: about `summary` after a cut, `digest` when too much came at once,
        `standing` for a channel that must be reminded.
        """
        still_open = sum(incident.is_open for incident in incidents)
        subject = phrases.text(
            N_("Summary: {count} incidents, {open} still open"),
            count=len(incidents),
            open=still_open,
        )
        return self._finish(phrases, about, subject, incidents)

    def _subject(self, phrases: Phrases, about: str, incident: Incident) -> str:
        headline = phrases.say(incident.headline)
        if about == "resolved":
            return phrases.text(N_("Solved: {headline}"), headline=headline)
        severity = phrases.severity(incident.severity)
        return phrases.text(N_("{severity}: {headline}"), severity=severity, headline=headline)

    def _finish(
        self, phrases: Phrases, about: str, subject: str, incidents: Sequence[Incident]
    ) -> Message:
        blocks = [self._block(phrases, incident) for incident in incidents[:LISTED]]
        left_out = len(incidents) - len(blocks)
        rest = phrases.text(N_("and {count} more"), count=left_out) if left_out else ""
        return Message(
            subject=subject,
            text="\n\n".join([*(block.text() for block in blocks), *([rest] if rest else [])]),
            html=str(Markup("").join([*(block.html() for block in blocks), rest])),
            data={
                "about": about,
                "incidents": [self._data(phrases, incident) for incident in incidents],
            },
        )

    def _block(self, phrases: Phrases, incident: Incident) -> Block:
        lines = [
            (phrases.text(N_("What")), phrases.reason(incident)),
            (phrases.text(N_("When")), lasting(phrases, incident)),
            (phrases.text(N_("Hits")), whom(phrases, self.inventory, incident)),
        ]
        if incident.is_open:
            lines.append((phrases.text(N_("Try first")), phrases.say(incident.advice)))
        if incident.acknowledged_by:
            lines.append((phrases.text(N_("Taken on by")), incident.acknowledged_by))
        return Block(
            headline=phrases.say(incident.headline),
            lines=tuple((label, text) for label, text in lines if text),
            link=self._link(incident),
            link_words=phrases.text(N_("Open the page of this incident")),
        )

    def _link(self, incident: Incident) -> str:
        base = self.public_url.rstrip("/")
        return f"{base}/incidents/{incident.id}" if base else ""

    def _data(self, phrases: Phrases, incident: Incident) -> dict[str, object]:
        return {
            "id": incident.id,
            "state": incident.state.value,
            "severity": incident.severity.value,
            "cause": incident.cause,
            "site": incident.site,
            "rule": incident.rule,
            "since": incident.since,
            "resolved_at": incident.resolved_at,
            "returns": incident.returns,
            "calm_since": incident.calm_since,
            **self._words(phrases, incident),
            "affected": list(incident.affected),
            "acknowledged_by": incident.acknowledged_by,
            "note": incident.note,
            "url": self._link(incident),
            "words": {
                language: self._words(replace(phrases, language=language), incident)
                for language in phrases.speaker.languages
            },
        }

    def _words(self, phrases: Phrases, incident: Incident) -> dict[str, str]:
        """What people read, for programs that serve people of several languages."""
        return {
            "headline": phrases.say(incident.headline),
            "reason": phrases.say(incident.reason),
            "advice": phrases.say(incident.advice),
        }


def lasting(phrases: Phrases, incident: Incident) -> str:
    """Since when, or from when until when and for how long; and how often it came back."""
    told = [_lasting(phrases, incident)]
    if incident.returns:
        told.append(phrases.text(N_("it came back {times} times"), times=incident.returns))
    if incident.calm_since is not None:
        clock = phrases.clock(incident.calm_since)
        told.append(phrases.text(N_("well again since {clock}, still being watched"), clock=clock))
    return "; ".join(told)


def _lasting(phrases: Phrases, incident: Incident) -> str:
    if incident.resolved_at is None:
        return phrases.since(incident.since)
    return phrases.text(
        N_("from {start} until {end} ({duration})"),
        start=phrases.clock(incident.since),
        end=phrases.clock(incident.resolved_at),
        duration=phrases.duration(incident.resolved_at - incident.since),
    )


@dataclass(frozen=True, slots=True)
class Block:
    """One incident in a message: a headline, labelled lines and a link."""

    headline: str
    lines: tuple[tuple[str, str], ...]
    link: str
    link_words: str

    def text(self) -> str:
        """As plain text."""
        told = [self.headline, *(f"{label}: {text}" for label, text in self.lines)]
        return "\n".join([*told, self.link] if self.link else told)

    def html(self) -> Markup:
        """As HTML; everything that is not ours is escaped."""
        told = [Markup("<h2>{}</h2>").format(self.headline)]
        told += [Markup("<p><b>{}:</b> {}</p>").format(*line) for line in self.lines]
        if self.link:
            # The address itself is the words of the link: a phone that shows only text keeps it.
            words = Markup('<p>{}: <a href="{}">{}</a></p>')
            told.append(words.format(self.link_words, self.link, self.link))
        return Markup("").join(told)
