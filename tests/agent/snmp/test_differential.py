"""Both engines, the same questions, over every recording of snmpsim-data: the same objects and values.

Each recording is cut to a few subtrees that stand for all kinds of value, and to their first rows: pysnmp
takes milliseconds for what gufo_snmp does in one tenth of that, and some recordings hold a million objects.
"""

from __future__ import annotations

import bz2
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import pytest

from agent.snmp.gufo import GufoEngine
from agent.snmp.pysnmp import PysnmpEngine
from agent.snmp.session import Access, Engine, Oid, Value, WalkLimits
from inventory.credentials import Credentials
from tests.agent.snmp.recorded import RECORDINGS, Device, answering, objects
from tests.agent.snmp.session_trial import v3
from tests.snmpd import Snmpd

pytestmark = [pytest.mark.anyio, pytest.mark.no_cover]  # minutes of counting; other trials cover it

FILES = sorted(
    path
    for path in RECORDINGS.rglob("*")
    if path.name.endswith((".snmprec", ".snmprec.bz2")) and path.is_file()
)
SYSTEM = "1.3.6.1.2.1.1"
SUBTREES = {
    SYSTEM: 20,
    "1.3.6.1.2.1.2.2.1": 45,  # ifTable, the first columns
    "1.3.6.1.2.1.4.20.1": 20,  # ipAddrTable: addresses
    "1.3.6.1.2.1.17.1": 30,  # dot1dBase
    "1.3.6.1.2.1.25.2.3.1": 30,  # hrStorageTable
    "1.3.6.1.2.1.31.1.1.1": 45,  # ifXTable
    "1.3.6.1.2.1.33.1": 60,  # UPS-MIB
    "1.3.6.1.2.1.47.1.1.1.1": 30,  # entPhysicalTable
    "1.3.6.1.2.1.99.1.1.1": 30,  # entPhySensorTable
    "1.3.6.1.4.1": 45,  # the vendor's own
}
"""What is compared, and how many of its rows."""

MOST_LINES = 150_000
ENOUGH = 60


def lines(path: Path) -> Iterator[bytes]:
    """The beginning of a recording, without unpacking the rest of it."""
    with bz2.open(path) if path.suffix == ".bz2" else path.open("rb") as file:
        yield from islice(file, MOST_LINES)


def cut(path: Path) -> Device:
    """The first rows of each subtree, and the row after them."""
    prefixes = [(f"{prefix}.".encode(), most) for prefix, most in SUBTREES.items()]
    kept: list[bytes] = []
    taken = dict.fromkeys(SUBTREES, 0)
    for line in lines(path):
        for prefix, name in zip(prefixes, SUBTREES, strict=True):
            if line.startswith(prefix[0]) and taken[name] < ENOUGH + prefix[1]:
                kept.append(line.rstrip(b"\r\n"))
                taken[name] += 1
        if taken["1.3.6.1.4.1"] > ENOUGH:
            break
    return Device(dict(objects(kept)))


Brought = dict[str, tuple[tuple[Oid, Value], ...] | dict[Oid, Value | None] | str | None]


async def brought(
    engine: Engine, port: int, who: Credentials, subtrees: Iterable[tuple[Oid, int]]
) -> Brought:
    """All that an engine makes of one device: walks, how they ended, and a GET of what it found."""
    access = Access("127.0.0.1", port, who, 5.0, 0, time.monotonic() + 60)
    session = await engine.open(access)
    found: Brought = {}
    some: list[Oid] = []
    for prefix, most in subtrees:
        walk = await session.walk(prefix, WalkLimits(rows=most))
        found[prefix], found[f"{prefix} ended"] = walk.rows, walk.broken
        some += [oid for oid, _ in walk.rows[:3]]
    found["get"] = await session.get([*some, *(f"{oid}.9" for oid in some[:4])])
    session.close()
    return found


def community(version: str) -> Credentials:
    return Credentials(id="c", version=version, community="public")  # type: ignore[arg-type]


def test_every_recording_is_there() -> None:
    assert len(FILES) == 116


@pytest.mark.parametrize(
    "path", FILES, ids=lambda path: str(path.relative_to(RECORDINGS)).split(".snmprec")[0]
)
async def test_both_engines_read_the_same(path: Path) -> None:
    recording = cut(path)
    some = {name: most for name, most in SUBTREES.items() if _has(recording, name)}
    async with answering(recording) as port:
        quick = await brought(GufoEngine(), port, community("2c"), some.items())
        slow = await brought(PysnmpEngine(), port, community("2c"), some.items())
    assert quick == slow
    assert sum(len(rows) for rows in quick.values() if isinstance(rows, tuple)) > 0


def _has(recording: Device, prefix: str) -> bool:
    wanted = tuple(int(arc) for arc in prefix.split("."))
    return any(name[: len(wanted)] == wanted for name in recording.names)


@pytest.mark.parametrize(
    "who",
    [
        community("1"),
        community("2c"),
        v3("plain"),
        v3("signed", "sha"),
        v3("md5des", "md5", "des"),
        v3("sha384", "sha384", "aes192"),
        v3("reeder256", "md5", "aes256c"),
    ],
    ids=lambda who: who.user or who.version,
)
async def test_both_engines_read_the_same_of_a_living_agent(snmpd: Snmpd, who: Credentials) -> None:
    """net-snmp's own: what does not move between the two walks."""
    still = [(SYSTEM, 9), ("1.3.6.1.2.1.2.2.1.2", 9), ("1.3.6.1.2.1.2.2.1.6", 9)]
    quick = await brought(GufoEngine(), snmpd.port, who, still)
    slow = await brought(PysnmpEngine(), snmpd.port, who, still)
    moving = "1.3.6.1.2.1.1.3.0"
    for found in (quick, slow):
        rows = found[SYSTEM]
        assert isinstance(rows, tuple)
        found[SYSTEM] = tuple(row for row in rows if row[0] != moving)
        got = found["get"]
        assert isinstance(got, dict)
        got.pop(moving, None)
    assert quick == slow
    assert len(quick["1.3.6.1.2.1.2.2.1.2"] or ()) >= 1
