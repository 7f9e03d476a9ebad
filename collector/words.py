"""Sentences for people: an English template and its values, said in the reader's language.

Templates are looked up in `collector/locale/LANGUAGE/LC_MESSAGES/collector.po`; the English text is
the key.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from babel.messages.pofile import read_po
from babel.numbers import get_decimal_symbol

LOCALE_FOLDER = Path(__file__).parent / "locale"
SOURCE_LANGUAGE = "en"

_PLACE = re.compile(r"\{(\w+)\}")
# A figure with or without a unit, as `12.5%` and `-27.4 dBm`; an address or a version has more points.
_FIGURE = re.compile(r"([-+]?\d+)\.(\d+)(?![\d.])(?=$|%| )")


def N_(template: str) -> str:  # noqa: N802 - the field's name for "translate later"
    """Marks a template for translation and returns it unchanged."""
    return template


STREAMS = {
    "receive/audio": N_("sound received"),
    "receive/video": N_("picture received"),
    "receive/presentation": N_("shared screen received"),
    "transmit/audio": N_("sound sent"),
    "transmit/video": N_("picture sent"),
    "transmit/presentation": N_("shared screen sent"),
}
"""The streams of a call, by the direction and media that its metrics bear."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A template with `{named}` places and the values to put there; not yet in any language.

    Values are numbers already formatted, with a decimal point, names from the inventory, or strings
    from devices: whoever writes the sentence into HTML or a mail escapes it there.
    """

    template: str
    values: Mapping[str, str] = field(default_factory=dict)


def fill(template: str, values: Mapping[str, object]) -> str:
    """The template with its `{named}` places filled; a place without a value stays as it is.

    Not `str.format`: a value that holds braces, or a translation with a slip in it, is plain text
    here and can neither reach into an object nor break the page.
    """
    return _PLACE.sub(lambda place: str(values.get(place[1], place[0])), template)


class Speaker:
    """Says sentences in every language whose catalogue is shipped; what a catalogue lacks is said
    in English. Reads the `.po` files once, at start: there is no compiled copy that could be stale.
    """

    def __init__(self, folder: Path = LOCALE_FOLDER) -> None:
        self._catalogues: dict[str, dict[str, str]] = {SOURCE_LANGUAGE: {}}
        for path in sorted(folder.glob("*/LC_MESSAGES/collector.po")):
            self._catalogues[path.parent.parent.name] = _translations(path)
        self._points = {language: get_decimal_symbol(language) for language in self._catalogues}

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages spoken, by code; English is always among them."""
        return tuple(sorted(self._catalogues))

    def translate(self, template: str, language: str) -> str:
        """The template in `language`, or unchanged when there is no translation."""
        return self._catalogues.get(language, {}).get(template, template)

    def say(self, sentence: Sentence, language: str) -> str:
        """The sentence in `language`, its values put in. Not escaped for any format."""
        return self.text(sentence.template, language, sentence.values)

    def text(self, template: str, language: str, values: Mapping[str, object]) -> str:
        """The template in `language` with `values` put in. Not escaped for any format."""
        said = {
            name: self._value(value, language) if isinstance(value, str) else value
            for name, value in values.items()
        }
        return fill(self.translate(template, language), said)

    def _value(self, written: str, language: str) -> str:
        """A value as the language says it: most are names or figures, a few are words of the catalogue."""
        if written in STREAMS:
            return self.translate(STREAMS[written], language)
        return self.figure(written, language)

    def figure(self, written: str, language: str) -> str:
        """A figure as the language writes it: `12.5%` is `12,5%` in Vietnamese. Other text stays."""
        found = _FIGURE.match(written)
        if found is None:
            return written
        point = self._points.get(language, ".")
        return f"{found[1]}{point}{found[2]}{written[found.end() :]}"


def _translations(path: Path) -> dict[str, str]:
    """Every finished translation in a `.po` file; fuzzy ones are guesses and left out."""
    with path.open("rb") as stream:
        catalogue = read_po(stream)
    return {
        message.id: message.string
        for message in catalogue
        if isinstance(message.id, str)
        and message.id
        and isinstance(message.string, str)
        and message.string
        and not message.fuzzy
    }
