"""Recording a device over a real socket: everything with its type, in order, whatever the device does."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from agent.snmp.pysnmp import PysnmpEngine, PysnmpSession
from agent.snmp.recorder import Cut, Recorder, what_a_poll_asks
from agent.snmp.recording import Entry, RecordingFile, read_entry
from agent.snmp.session import Access, SnmpFailure
from inventory.credentials import Credentials
from tests.agent.snmp import recorded
from tests.agent.snmp.recorded import (
    COUNTER32,
    COUNTER64,
    GAUGE32,
    IP_ADDRESS,
    OPAQUE,
    TIMETICKS,
    Device,
    Request,
    answering,
    device,
    number,
    octets,
    tlv,
)

pytestmark = pytest.mark.anyio

SYSTEM = "1.3.6.1.2.1.1"
EVERY_TYPE = {
    f"{SYSTEM}.1.0": octets("Box | one"),
    f"{SYSTEM}.2.0": recorded.oid((1, 3, 6, 1, 4, 1, 9, 1, 1)),
    f"{SYSTEM}.3.0": number(123, TIMETICKS),
    f"{SYSTEM}.4.0": octets(" padded"),
    f"{SYSTEM}.5.0": octets("Lập Thạch"),
    f"{SYSTEM}.6.0": octets(b""),
    f"{SYSTEM}.7.0": number(-3),
    f"{SYSTEM}.8.1": number(1, COUNTER32),
    f"{SYSTEM}.8.2": number(2, GAUGE32),
    f"{SYSTEM}.8.3": number(1 << 40, COUNTER64),
    f"{SYSTEM}.8.4": tlv(IP_ADDRESS, bytes((10, 0, 0, 1))),
    f"{SYSTEM}.8.5": tlv(OPAQUE, bytes.fromhex("9f780442f60000")),
    f"{SYSTEM}.8.6": octets(bytes(range(6))),
    "1.3.6.1.4.1.9.9.1.0": number(7),
}
LINES = [
    "1.3.6.1.2.1.1.1.0|4|Box | one",
    "1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.9.1.1",
    "1.3.6.1.2.1.1.3.0|67|123",
    "1.3.6.1.2.1.1.4.0|4x|20706164646564",
    "1.3.6.1.2.1.1.5.0|4x|4ce1baad70205468e1baa16368",
    "1.3.6.1.2.1.1.6.0|4|",
    "1.3.6.1.2.1.1.7.0|2|-3",
    "1.3.6.1.2.1.1.8.1|65|1",
    "1.3.6.1.2.1.1.8.2|66|2",
    "1.3.6.1.2.1.1.8.3|70|1099511627776",
    "1.3.6.1.2.1.1.8.4|64|10.0.0.1",
    "1.3.6.1.2.1.1.8.5|68x|9f780442f60000",
    "1.3.6.1.2.1.1.8.6|4x|000102030405",
    "1.3.6.1.4.1.9.9.1.0|2|7",
]


@asynccontextmanager
async def asked(
    box: Device, twist: recorded.Twist = lambda request, answer: (answer,), version: str = "2c"
) -> AsyncIterator[PysnmpSession]:
    """A session with the box; patience for two tries."""
    who = Credentials(id="c", version=version, community="public")  # type: ignore[arg-type]
    async with answering(box, twist=twist) as port:
        access = Access("127.0.0.1", port, who, 0.3, 1, time.monotonic() + 30)
        session = await PysnmpEngine().open(access)
        try:
            yield session
        finally:
            session.close()


async def recorded_lines(
    recorder: Recorder, subtree: str = "1.3.6.1", after: str = ""
) -> list[str]:
    return [e.line() async for some in recorder.walk(subtree, after) for e in some]


@pytest.mark.parametrize("version", ["1", "2c"])
@pytest.mark.parametrize("getnext", [False, True])
async def test_every_type_as_it_was_sent(version: str, getnext: bool) -> None:
    """Whatever way of asking; what this agent says over SNMPv1 ends before its first 64-bit counter."""
    async with asked(device(EVERY_TYPE), version=version) as session:
        lines = await recorded_lines(Recorder(session, getnext))
    assert lines == (LINES if version == "2c" else LINES[:9])


def test_a_line_is_read_as_it_was_written() -> None:
    """Into the file and back."""
    entries = [read_entry(line) for line in LINES]
    assert [entry.line() for entry in entries] == LINES
    assert entries[4].value == "Lập Thạch".encode()
    for broken in ("", "1.3.6.1|4", "a.b|4|x", "1.3.6|4x|zz", "1.3.6.1|2|x"):
        with pytest.raises(ValueError, match=r"."):
            read_entry(broken)


async def test_a_subtree_and_what_is_behind_an_object() -> None:
    """Only what lies below, and only what was not recorded before."""
    async with asked(device(EVERY_TYPE)) as session:
        recorder = Recorder(session)
        assert await recorded_lines(recorder, "1.3.6.1.4.1") == LINES[-1:]
        assert await recorded_lines(recorder, SYSTEM, f"{SYSTEM}.7.0") == LINES[7:13]
        assert await recorded_lines(recorder, "1.3.6.1.5") == []


async def test_a_device_that_breaks_the_order() -> None:
    """A table that goes in circles is left where it turns; what comes behind it is recorded."""
    rows = {f"1.3.6.1.2.1.17.4.3.1.1.{n}": number(n) for n in range(1, 6)}
    box = device({**rows, "1.3.6.1.2.1.31.1.0": number(9), **EVERY_TYPE})
    first, turn = (
        recorded.arcs("1.3.6.1.2.1.17.4.3.1.1.1"),
        recorded.arcs("1.3.6.1.2.1.17.4.3.1.1.3"),
    )

    def circling(request: Request, answer: bytes) -> Iterable[bytes]:
        if request.names[0] == turn and request.kind == recorded.GETNEXT:
            return (recorded.encode(request, [(first, number(1))]),)
        return (answer,)

    async with asked(box, circling) as session:
        recorder = Recorder(session, getnext=True)
        lines = await recorded_lines(recorder)
    assert [line for line in lines if ".17.4." in line] == [
        f"1.3.6.1.2.1.17.4.3.1.1.{n}|2|{n}" for n in (1, 2, 3)
    ]
    assert "1.3.6.1.2.1.31.1.0|2|9" in lines
    assert lines[-1] == LINES[-1]
    assert len(recorder.complaints) == 1
    assert "1.3.6.1.2.1.17.4.3.1.1.1 came after 1.3.6.1.2.1.17.4.3.1.1.3" in recorder.complaints[0]


async def test_a_group_without_a_way_out() -> None:
    """Whatever is asked behind a table's third row, its first comes: larger and larger parts are left out."""
    rows = {f"1.3.6.1.2.1.17.4.3.1.1.{n}": number(n) for n in range(1, 6)}
    box = device({**EVERY_TYPE, **rows, "1.3.6.1.2.1.31.1.0": number(9)})
    first, turn = (
        recorded.arcs("1.3.6.1.2.1.17.4.3.1.1.1"),
        recorded.arcs("1.3.6.1.2.1.17.4.3.1.1.3"),
    )

    def stuck(request: Request, answer: bytes) -> Iterable[bytes]:
        if turn <= request.names[0] < recorded.arcs("1.3.6.1.2.1.18"):
            return (recorded.encode(request, [(first, number(1))]),)
        return (answer,)

    async with asked(box, stuck) as session:
        recorder = Recorder(session, getnext=True)
        lines = await recorded_lines(recorder)
    assert "1.3.6.1.2.1.17.4.3.1.1.3|2|3" in lines
    assert lines[-1] == LINES[-1]
    assert len(recorder.complaints) < 10


async def test_a_device_that_begins_again_behind_its_end() -> None:
    """Taken for the end: everything once, no complaint."""
    box = device(EVERY_TYPE)
    begin, last = box.names[0], box.names[-1]

    def again(request: Request, answer: bytes) -> Iterable[bytes]:
        if request.names[0] >= last:
            return (recorded.encode(request, [(begin, box.objects[begin])]),)
        return (answer,)

    async with asked(box, again) as session:
        recorder = Recorder(session, getnext=True)
        assert await recorded_lines(recorder) == LINES
    assert recorder.complaints == []


async def test_an_endless_device() -> None:
    """It is left at the most that is recorded."""
    async with asked(device({f"1.3.6.1.9.{n}": number(n) for n in range(1, 90)})) as session:
        recorder = Recorder(session, most=30)
        assert len(await recorded_lines(recorder)) == 30
    assert "more than 30 objects" in recorder.complaints[0]


async def test_a_device_that_cannot_do_getbulk() -> None:
    """It is asked humbly, and from then on at once so."""

    def deaf(request: Request, answer: bytes) -> Iterable[bytes]:
        return () if request.kind == recorded.GETBULK else (answer,)

    box = device(EVERY_TYPE)
    async with asked(box, deaf) as session:
        assert await recorded_lines(Recorder(session)) == LINES
    assert sum(request.kind == recorded.GETBULK for request in box.requests) == 4


async def test_a_device_that_falls_silent() -> None:
    """What came before was handed on; then the failure."""
    came: list[Entry] = []

    def dying(request: Request, answer: bytes) -> Iterable[bytes]:
        return () if request.names[0] > recorded.arcs(f"{SYSTEM}.4") else (answer,)

    async with asked(device(EVERY_TYPE), dying) as session:
        walk = Recorder(session, getnext=True).walk("1.3.6.1")
        for _ in range(4):
            came += await anext(walk)
        with pytest.raises(SnmpFailure):
            await anext(walk)
    assert [entry.line() for entry in came] == LINES[:4]


async def test_what_a_poll_asks_for() -> None:
    """A cut holds what the profile asks, a few rows of each column, and yields the same when polled."""
    box = recorded.recording("network/switch/dlink-des3038")
    async with asked(box) as session:
        entries, polling = await what_a_poll_asks(session, time.monotonic, "auto", Cut(3))
    assert (polling.identity.profile, polling.poll.failure) == ("dlink", None)
    names = [entry.oid for entry in entries]
    assert names == sorted(names, key=recorded.arcs)
    assert sum(name.startswith("1.3.6.1.2.1.2.2.1.8.") for name in names) == 3
    assert all(entry.tag for entry in entries)
    cut = Device({recorded.arcs(e.oid): box.objects[recorded.arcs(e.oid)] for e in entries})
    async with asked(cut) as session:
        _, again = await what_a_poll_asks(session, time.monotonic, "auto", Cut(3))
    readings = [
        {
            (r.metric, str(r.labels), r.value)
            for r in one.readings
            if r.metric != "snmp_response_seconds"
        }
        for one in (polling, again)
    ]
    assert readings[0] == readings[1]
    assert len(readings[0]) > 20


def test_the_file_grows_and_is_whole_at_the_end(tmp_path: Path) -> None:
    """Readable by us alone until then; a line that was cut off is recorded anew."""
    file = RecordingFile(tmp_path / "box.snmprec")
    entries = [read_entry(line) for line in LINES]
    file.append(entries[:2])
    file.append(entries[2:4])
    assert not file.path.exists()
    assert file.part.stat().st_mode & 0o777 == 0o600
    with file.part.open("a", encoding="latin-1") as part:
        part.write("1.3.6.1.2.1.1.5.0|4x|4ce1")
    assert file.begun() == entries[:4]
    file.finish(reversed(entries))
    assert file.path.read_text(encoding="latin-1").splitlines() == LINES
    assert sorted(path.name for path in tmp_path.iterdir()) == ["box.snmprec"]
    assert file.begun() == []
