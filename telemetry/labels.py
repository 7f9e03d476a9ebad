"""Label sets, and the cleaning of strings that come from devices."""

from __future__ import annotations

import codecs
import unicodedata
from collections.abc import Mapping

MAX_TEXT = 256
"""Longest label value or device string that is kept, in characters."""

Labels = tuple[tuple[str, str], ...]
"""Label pairs sorted by name; names are unique, empty values left out (Prometheus data model)."""

# Directional overrides and isolates let a device name rewrite the text around it on a page.
_DROPPED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def make_labels(pairs: Mapping[str, str]) -> Labels:
    """The sorted label set of `pairs`, without the empty values."""
    return tuple(sorted((name, value) for name, value in pairs.items() if value))


def clean_text(raw: str | bytes, limit: int = MAX_TEXT) -> str:
    """Any string a device may send, made safe to keep: one line, no control, format or direction
    characters, no lone surrogates, white space folded, at most `limit` characters.

    Bytes that are not UTF-8 are read as Latin-1. Escaping for HTML, CSV and the like remains the
    duty of whoever writes that format.
    """
    text = _decoded(raw, limit * 8) if isinstance(raw, bytes) else raw[: limit * 8]
    visible = "".join(
        " " if char in "\t\r\n\v\f" else char
        for char in text
        if char in "\t\r\n\v\f" or unicodedata.category(char) not in _DROPPED_CATEGORIES
    )
    return " ".join(unicodedata.normalize("NFC", visible).split())[:limit]


def _decoded(raw: bytes, longest: int) -> str:
    """UTF-8 if it is that (a character that the cut at `longest` bytes tore is left out)."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        return decoder.decode(raw[:longest], final=len(raw) <= longest)
    except UnicodeDecodeError:
        return raw[:longest].decode("latin-1")
