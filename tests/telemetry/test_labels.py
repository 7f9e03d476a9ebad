"""Label sets are sorted; strings from devices are made harmless and otherwise left alone."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry.labels import MAX_TEXT, clean_text, make_labels


def test_labels_are_sorted_and_empty_ones_left_out() -> None:
    """Prometheus reads an empty label as an absent one."""
    assert make_labels({"site": "a", "device": "b", "x": ""}) == (("device", "b"), ("site", "a"))


@pytest.mark.parametrize(
    ("hostile", "harmless"),
    [
        ("UBND xã Bắc Bình", "UBND xã Bắc Bình"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),  # escaped where it is written
        ("a\x1b[31mred\x1b[0m", "a[31mred[0m"),
        ("router\u202egnp.exe", "routergnp.exe"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("line\r\nBcc: someone", "line Bcc: someone"),
        ("tab\tand\x0bmore\u2028lines\u2029here", "tab and more lines here"),
        ("nul\x00byte\x7f\x9b", "nulbyte"),
        ("lone \udc80 surrogate", "lone surrogate"),
        ("private \ue000 use \U000f0000", "private use"),
        ("  padded  ", "padded"),
        ("e\u0301", "é"),
        (b"\xe1\xba\xa5", "ấ"),
        (b"Caf\xe9", "Café"),
        (b"\xff\xfe\x00", "ÿþ"),
        ("", ""),
        (b"", ""),
    ],
)
def test_hostile_strings(hostile: str | bytes, harmless: str) -> None:
    """What a sysName, an interface alias or a page title may hold, and what is kept of it."""
    assert clean_text(hostile) == harmless


def test_long_strings_are_cut_between_characters() -> None:
    """64 KB of Vietnamese stays Vietnamese, wherever the cut falls in the bytes."""
    for padding in range(4):
        text = clean_text(b"x" * padding + ("ấ" * 30_000).encode())
        assert text == ("x" * padding + "ấ" * MAX_TEXT)[:MAX_TEXT]
    assert clean_text("y" * 65_536, limit=10) == "y" * 10


def test_a_torn_last_character_is_not_utf8() -> None:
    """A short string that ends inside a character was never UTF-8: read as Latin-1."""
    assert clean_text(b"a\xc3") == "aÃ"


@given(st.one_of(st.text(), st.binary()))
def test_any_string_becomes_one_harmless_line(raw: str | bytes) -> None:
    """No control, format or unassigned characters, no white space but single blanks; stable."""
    text = clean_text(raw)
    assert len(text) <= MAX_TEXT
    assert not any(unicodedata.category(char).startswith("C") for char in text)
    assert text == " ".join(text.split())
    assert clean_text(text) == text
    text.encode("utf-8")
