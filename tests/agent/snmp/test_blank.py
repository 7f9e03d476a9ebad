"""What must not stand in a recording that is given away, and what must still."""

from __future__ import annotations

import pytest

from agent.snmp.blank import Blanker, harmless
from agent.snmp.recording import Entry

SERIAL = "FTX1234A5BC"
MAC = bytes.fromhex("00187d1a2b3c")


def entry(oid: str, value: object, tag: int = 4) -> Entry:
    raw = value.encode() if isinstance(value, str) and tag == 4 else value
    return Entry(oid, tag, raw)  # type: ignore[arg-type]


PRIVATE = [
    entry("1.3.6.1.2.1.1.1.0", f"Box OS 1.2.3.4 on ubnd-lapthach-sw1, S/N: {SERIAL}, 2.0.1"),
    entry("1.3.6.1.2.1.1.4.0", "Nguyễn Văn A, 0912345678"),
    entry("1.3.6.1.2.1.1.5.0", "ubnd-lapthach-sw1"),
    entry("1.3.6.1.2.1.1.6.0", "Tầng 2"),
    entry("1.3.6.1.2.1.2.2.1.2.1", "GigabitEthernet0/1"),
    entry("1.3.6.1.2.1.2.2.1.6.1", MAC),
    entry("1.3.6.1.2.1.2.2.1.6.2", MAC),
    entry("1.3.6.1.2.1.4.20.1.1.10.11.1.2", "10.11.1.2", 64),
    entry("1.3.6.1.2.1.17.1.1.0", b"AbCdEf"),
    entry("1.3.6.1.2.1.17.7.1.4.3.1.2.1", b"\xff\xff\xff\xff\xff\xf0"),
    entry("1.3.6.1.2.1.31.1.1.1.18.1", "to the chairman"),
    entry("1.3.6.1.2.1.47.1.1.1.1.11.1", SERIAL),
    entry("1.3.6.1.2.1.47.1.1.1.1.13.1", "WS-C2960"),
    entry("1.3.6.1.4.1.9.1.0", "10.11.1.2", 64),
    entry("1.3.6.1.4.1.9.2.0", "255.255.255.0", 64),
    entry("1.3.6.1.4.1.9.3.0", f"seen 10.11.1.2 and 00:18:7d:1a:2b:3c by {SERIAL}"),
    entry("1.3.6.1.4.1.9.4.0", "IMEI 359072061234567, ICCID 8984048000012345678"),
    entry("1.3.6.1.4.1.9.5.0", "+84912345678"),
    entry("1.3.6.1.4.1.9.6.0", "admin@lapthach.example"),
    entry("1.3.6.1.4.1.9.7.0", "-106 dBm"),
    entry("1.3.6.1.4.1.9.8.0", 42, 65),
    entry("1.3.6.1.4.1.41112.1.6.1.2.1.6.1", "UBND Lap Thach"),
    entry("1.3.6.1.6.3.10.2.1.1.0", bytes.fromhex("8000000903") + MAC),
]


def blanked() -> dict[str, object]:
    return {e.oid: e.value for e in Blanker().blanked(PRIVATE)}


def test_nothing_private_is_left() -> None:
    """Neither as a whole nor inside other texts, nor as an index."""
    everything = "\n".join(e.line() for e in Blanker().blanked(PRIVATE))
    hexadecimal = [line.split("|")[2] for line in everything.splitlines() if "x|" in line]
    flat = everything + b"".join(map(bytes.fromhex, hexadecimal)).decode("latin-1")
    for word in (
        "ubnd-lapthach", SERIAL, "Nguy", "0912345678", "912345678", "10.11.1.2", "1a2b3c", "1a:2b:3c",
        "359072061234567", "8984048000012345678", "lapthach", "chairman", "UBND", "AbCdEf",
    ):  # fmt: skip
        assert word not in flat, word
        assert word.encode().hex() not in flat, word


def test_what_a_profile_needs_is_as_it_was() -> None:
    """Port names, models, figures, masks, lists of ports, units; lengths and shapes of the rest."""
    found = blanked()
    assert found["1.3.6.1.2.1.2.2.1.2.1"] == b"GigabitEthernet0/1"
    assert found["1.3.6.1.2.1.47.1.1.1.1.13.1"] == b"WS-C2960"
    assert found["1.3.6.1.4.1.9.2.0"] == "255.255.255.0"
    assert found["1.3.6.1.4.1.9.7.0"] == b"-106 dBm"
    assert found["1.3.6.1.4.1.9.8.0"] == 42
    assert found["1.3.6.1.2.1.17.7.1.4.3.1.2.1"] == b"\xff\xff\xff\xff\xff\xf0"
    before = {e.oid: e.value for e in PRIVATE}
    for oid, value in found.items():
        if isinstance(value, bytes) and not value.startswith(b"seen"):
            assert len(value) == len(before[oid]), oid  # type: ignore[arg-type]
    descr = found["1.3.6.1.2.1.1.1.0"]
    assert isinstance(descr, bytes)
    assert descr.startswith(b"Box OS 1.2.3.4 on ")  # a version, though it looks like an address
    assert b", S/N: " in descr


def test_one_word_has_one_substitute() -> None:
    """Wherever it stands, so that what belonged together still does."""
    found = blanked()
    serial, name = found["1.3.6.1.2.1.47.1.1.1.1.11.1"], found["1.3.6.1.2.1.1.5.0"]
    assert isinstance(serial, bytes)
    assert isinstance(name, bytes)
    assert serial in found["1.3.6.1.2.1.1.1.0"]  # type: ignore[operator]
    assert serial in found["1.3.6.1.4.1.9.3.0"]  # type: ignore[operator]
    assert name in found["1.3.6.1.2.1.1.1.0"]  # type: ignore[operator]
    assert found["1.3.6.1.2.1.2.2.1.6.1"] == found["1.3.6.1.2.1.2.2.1.6.2"]
    assert found["1.3.6.1.2.1.2.2.1.6.1"][:3] == MAC[:3]  # type: ignore[index]
    address = found["1.3.6.1.4.1.9.1.0"]
    assert isinstance(address, str)
    assert address.encode() in found["1.3.6.1.4.1.9.3.0"]  # type: ignore[operator]
    assert Blanker().blanked(PRIVATE) == Blanker().blanked(PRIVATE)


def test_different_words_stay_different() -> None:
    """A thousand serial numbers are a thousand."""
    column = "1.3.6.1.2.1.47.1.1.1.1.11"
    many = [entry(f"{column}.{n}", f"SN{n:08d}") for n in range(1, 1001)]
    found = Blanker().blanked(many)
    assert len({e.value for e in found}) == 1000


@pytest.mark.parametrize(
    ("oid", "value", "good"),
    [
        ("1.3.6.1.6.3.18.1.1.1.2.1", "anything", False),
        ("1.3.6.1.6.3.15.1.2.2.1.3.1", "anything", False),
        ("1.3.6.1.4.1.171.12.8.2.1", "x s3cret y", False),
        ("1.3.6.1.4.1.171.12.8.6.115.51.99.114.101.116.1", 1, False),
        ("1.3.6.1.4.1.171.12.8.6.115.51.99.114.101.1", 1, True),
        ("1.3.6.1.2.1.1.1.0", "a switch", True),
    ],
)
def test_what_we_ask_with_is_never_written(oid: str, value: object, good: bool) -> None:
    """Neither the community as a value, nor spelled in an index, nor SNMP's own accounts."""
    assert harmless(entry(oid, value, 4 if isinstance(value, str) else 2), ["s3cret", ""]) is good
