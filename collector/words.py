"""Sentences for people: an English template and its values, said in the reader's language.

Templates are looked up in `collector/locale/LANGUAGE/LC_MESSAGES/collector.po`; the English text is the key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


def N_(template: str) -> str:  # noqa: N802 - the field's name for "translate later"
    """Marks a template for translation and returns it unchanged."""
    return template


@dataclass(frozen=True, slots=True)
class Sentence:
    """A template with `{named}` places and the values to put there; not yet in any language.

    Values are numbers already formatted, names from the inventory, or strings from devices: whoever
    writes the sentence into HTML or a mail escapes it there.
    """

    template: str
    values: Mapping[str, str] = field(default_factory=dict)
