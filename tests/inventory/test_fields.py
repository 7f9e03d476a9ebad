"""Slugs, durations, addresses, names, places in a file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from inventory.fields import (
    Address,
    DataSize,
    Duration,
    Slug,
    Text,
    parse_data_size,
    parse_duration,
    slug_of,
)
from inventory.problem import Problem, closed_list, did_you_mean, shown

ADDRESS: TypeAdapter[str] = TypeAdapter(Address)
SLUG: TypeAdapter[str] = TypeAdapter(Slug)
TEXT: TypeAdapter[str] = TypeAdapter(Text)
DURATION: TypeAdapter[float] = TypeAdapter(Duration)
DATA_SIZE: TypeAdapter[int] = TypeAdapter(DataSize)


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("30s", 30),
        ("2m", 120),
        ("1h", 3600),
        ("7d", 604800),
        ("1w", 604800),
        ("250ms", 0.25),
        ("1.5h", 5400),
        (" 5 s ", 5),
        (0, 0),
        (12, 12),
        (0.5, 0.5),
    ],
)
def test_durations_are_seconds(written: object, seconds: float) -> None:
    """With a unit, or a plain number of seconds."""
    assert parse_duration(written) == seconds


@pytest.mark.parametrize(
    "written", ["", "5", "-5s", "5 minutes", "1m30s", True, None, -1, 1e30, float("nan")]
)
def test_other_durations_are_refused(written: object) -> None:
    """A bare text number would leave the unit to chance."""
    with pytest.raises(ValidationError, match="expected a duration such as 30s"):
        DURATION.validate_python(written)


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("10.11.1.1", "10.11.1.1"),
        ("FD00:0:0::1", "fd00::1"),
        ("Portal.Example.", "portal.example"),
        ("pc-7", "pc-7"),
        ("_sip._tcp.example", "_sip._tcp.example"),
    ],
)
def test_addresses_take_their_canonical_form(written: str, address: str) -> None:
    """So that two ways to write one are found to be the same."""
    assert ADDRESS.validate_python(written) == address


@pytest.mark.parametrize(
    "written",
    [
        "",
        "10.1.1",
        "10.11.01.1",
        "1.2.3.4.5",
        "-x",
        "a b",
        "a..b",
        "10.0.0.0/8",
        "a;id",
        "x" * 64,
        "http://x",
    ],
)
def test_other_addresses_are_refused(written: str) -> None:
    """Nothing that a resolver or a command line could misread."""
    with pytest.raises(ValidationError, match="expected an IP address"):
        ADDRESS.validate_python(written)


def test_names_are_one_clean_line() -> None:
    """Composed letters, no control or direction characters."""
    assert TEXT.validate_python(" Bắc\u202e\n Bình ") == "Bắc Bình"
    with pytest.raises(ValidationError, match="not empty"):
        TEXT.validate_python("\u200b")


@given(st.text(max_size=100))
def test_a_proposed_slug_is_a_slug(text: str) -> None:
    """Whatever was typed, the proposal would be accepted."""
    near = slug_of(text)
    if near:
        assert SLUG.validate_python(near) == near


def test_vietnamese_becomes_a_slug() -> None:
    """As the ids of the district are spelt."""
    assert slug_of("Đồng Ích") == "dong-ich"
    assert slug_of("UBND xã Tử Du") == "ubnd-xa-tu-du"


@given(st.text(max_size=30))
def test_a_duration_never_raises_anything_else(text: str) -> None:
    """Hostile text gets the sentence."""
    try:
        seconds = DURATION.validate_python(text)
    except ValidationError as error:
        kinds = [detail["type"] for detail in error.errors()]
    else:
        kinds = ["expected"] if seconds >= 0 else ["negative"]
    assert kinds == ["expected"]


def test_a_sentence_has_its_place() -> None:
    """File, line and key, whatever of them is known."""
    assert str(Problem("a.yaml", 3, "x.y", "wrong")) == "a.yaml, line 3, key x.y: wrong."
    assert str(Problem("a.yaml", None, "", "wrong")) == "a.yaml: wrong."
    assert str(Problem("a.yaml", 1, "", 'no; did you mean "b"?')).endswith('"b"?')


def test_what_is_near_is_proposed() -> None:
    """Also across hyphen, underscore, blank and capitals; nothing where nothing is near."""
    assert did_you_mean("lan-switch", ["router", "lan_switch"]) == '; did you mean "lan_switch"?'
    assert did_you_mean("LAN SWITCH", ["router", "lan_switch"]) == '; did you mean "lan_switch"?'
    assert did_you_mean("zzz", ["router"]) == ""


def test_lists_and_quotes_stay_short() -> None:
    """A sentence fits a terminal."""
    assert closed_list([]) == "nothing at all"
    assert closed_list(["a"]) == "a"
    assert closed_list(["a", "b", "c"]) == "a, b or c"
    assert closed_list("abcdef", most=2) == "a, b or one of 4 more"
    assert len(shown("x\n" * 1000)) == 62


@pytest.mark.parametrize(
    ("written", "octets"),
    [
        ("50MB", 50_000_000),
        ("1.5 GB", 1_500_000_000),
        ("500kB", 500_000),
        ("7B", 7),
        (0, 0),
        (9, 9),
    ],
)
def test_amounts_of_data_are_octets(written: object, octets: int) -> None:
    """In thousands, as data plans are sold."""
    assert parse_data_size(written) == octets


@pytest.mark.parametrize(
    "written", ["", "50", "50 MiB", "50mb", "-1MB", True, None, -1, 1.5, 1 << 60]
)
def test_other_amounts_of_data_are_refused(written: object) -> None:
    """A small b is a bit and a bare text could be anything."""
    with pytest.raises(ValidationError, match="expected an amount of data such as 500kB"):
        DATA_SIZE.validate_python(written)
