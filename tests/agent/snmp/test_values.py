"""Numbers, texts, OIDs and names out of what devices really send."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.snmp.names import unique_names
from agent.snmp.oid import arcs, index_of, under
from agent.snmp.values import counter, mac, number, text, whole


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (15, 15.0),
        (-3, -3.0),
        (b"15 PERCENT", 15.0),
        (b"-106 dBm", -106.0),
        (b"36,6 C", 36.6),
        (b"n/a", None),
        (b"", None),
        (None, None),
        (float("nan"), None),
        (float("-inf"), None),
        (b"\x9f\x78\x04" + struct.pack(">f", 1.5), 1.5),
        (b"\x9f\x78\x04" + struct.pack(">f", float("inf")), None),
        (b"\x9f\x78\x04" + struct.pack("<f", 1.5), 1.5),
        (b"\x9f\x78\x04" + struct.pack("<f", -23.45), pytest.approx(-23.45)),
        (b"\x9f\x78\x04" + struct.pack("<f", 0.0), 0.0),
        (b"\x9f\x78\x04" + struct.pack("<f", float("nan")), None),
        (9_900_000_000_000_000_000, 9.9e18),
        (b"\xff\xfe\x00", None),
    ],
)
def test_number(value: int | float | bytes | None, expected: float | None) -> None:
    assert number(value) == expected


def test_whole_refuses_fractions_and_keeps_64_bits() -> None:
    assert whole(b"12.5") is None
    assert whole(b"12") == 12
    assert whole((1 << 64) - 1) == (1 << 64) - 1


def test_counter_sent_as_signed_is_unsigned_again() -> None:
    assert counter(-1, 32) == (1 << 32) - 1
    assert counter(-(1 << 31), 32) == 1 << 31
    assert counter(-1, 64) is None
    assert counter(1 << 40, 32) == 1 << 40
    assert counter(1 << 64, 64) is None


@given(
    st.one_of(st.none(), st.integers(), st.floats(), st.binary(max_size=80), st.text(max_size=80))
)
def test_no_value_brings_a_decoder_down(value: int | float | bytes | str | None) -> None:
    found = number(value)
    assert found is None or abs(found) < float("inf")
    assert len(text(value)) <= 256
    assert "\n" not in text(value)
    counter(value, 32)
    assert len(mac(value)) in (0, 17)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (bytes.fromhex("02fc00000001"), "02:fc:00:00:00:01"),
        (b"02:FC:00:00:00:01", "02:fc:00:00:00:01"),
        (bytes(6), ""),
        (b"", ""),
        (b"\x01\x02\x03\x04\x05\x06\x07\x08", ""),
        (7, ""),
    ],
)
def test_mac(value: bytes | int, expected: str) -> None:
    assert mac(value) == expected


def test_prefixes_end_at_arcs() -> None:
    assert under("1.3.6.1.1.5", "1.3.6.1.1")
    assert not under("1.3.6.1.12", "1.3.6.1.1")
    assert not under("1.3.6.1.1", "1.3.6.1.1")
    assert index_of("1.3.6.4.1", "1.3.6") == "4.1"
    assert arcs("1.3.10") > arcs("1.3.9")


def test_rows_that_share_a_name_all_get_their_index() -> None:
    names = {"1": "lan", "2": "wan", "3": "lan", "4": "", "5": "lan #1"}
    assert unique_names(names) == {
        "1": "lan #1 #1",
        "2": "wan",
        "3": "lan #3",
        "4": "#4",
        "5": "lan #1",
    }


@given(
    st.dictionaries(
        st.from_regex(r"[1-9][0-9]{0,3}", fullmatch=True), st.text("ab #12", max_size=4)
    )
)
def test_names_are_unique(names: dict[str, str]) -> None:
    unique = unique_names(names)
    assert set(unique) == set(names)
    assert len(set(unique.values())) == len(names)
