"""Devices that misbehave, each with both engines; what any engine must do at all is in the common trial."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

import pytest

from agent.probe import Reason, Result, Target
from agent.probes.snmp import SnmpProbe
from agent.snmp.budget import Budget
from agent.snmp.engines import Engines
from agent.snmp.paced import Paced
from agent.snmp.session import Access, Session
from inventory.check import SnmpCheck
from tests.agent.snmp import recorded
from tests.agent.snmp.recorded import (
    END_OF_MIB_VIEW,
    GETBULK,
    NO_SUCH_INSTANCE,
    NULL,
    TIMETICKS,
    Address,
    Arcs,
    Device,
    Request,
    answering,
    arcs,
    device,
    number,
    octets,
    replying,
    tlv,
)
from tests.agent.snmp.session_trial import (
    COMMUNITY,
    SMALL,
    TABLE,
    UP_TIME,
    Table,
    names_of,
    reason_of,
)

pytestmark = pytest.mark.anyio

GEN_ERR = 5
Opener = Callable[..., Awaitable[Session]]


@pytest.fixture(params=["gufo", "pysnmp"])
def engine(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
async def opened(engine: str) -> AsyncIterator[Opener]:
    """Opens sessions of the engine; they are closed in the end."""
    sessions: list[Session] = []

    async def open_(port: int, timeout: float = 1.0) -> Session:
        access = Access("127.0.0.1", port, COMMUNITY, timeout, 0, time.monotonic() + 20)
        sessions.append(await Engines(time.monotonic).open(engine, access))
        return sessions[-1]

    yield open_
    for session in sessions:
        session.close()
    await asyncio.sleep(0)


def ports(count: int) -> list[str]:
    return [f"port {n}" for n in range(1, count + 1)]


class Mixed(Table):
    """Sends the right rows of a GETBULK in a wrong order: Zyxel GS1920."""

    def bulk(self, request: Request) -> list[tuple[Arcs, bytes]]:
        rows = super().bulk(request)
        return [*rows[1::2], *rows[::2]]


class Empty(Table):
    """Answers a GETBULK with no row at all."""

    def bulk(self, request: Request) -> list[tuple[Arcs, bytes]]:
        return []


class EarlyEnd(Table):
    """Says after the third row of a GETBULK that nothing comes any more, when more would."""

    def bulk(self, request: Request) -> list[tuple[Arcs, bytes]]:
        return super().bulk(request)[:3] if request.names[0] == arcs(TABLE) else []


class Refusing(Table):
    """Answers every GETBULK with genErr."""

    def answer(self, request: Request) -> bytes:
        if request.kind == GETBULK:
            return recorded.encode(request, [(request.names[0], tlv(NULL, b""))], GEN_ERR, 1)
        return super().answer(request)


@pytest.mark.parametrize("kind", [Mixed, Empty, EarlyEnd, Refusing])
async def test_getbulk_that_cannot_be_used_is_replaced_and_not_tried_again(
    opened: Opener, kind: type[Table]
) -> None:
    table, budget = kind(25), Budget()
    async with answering(table) as port:
        session = Paced(await opened(port), budget)
        walk = await session.walk(TABLE)
        assert (names_of(walk.rows), walk.broken, walk.repetitions) == (ports(25), None, 0)
        table.requests.clear()
        assert names_of((await session.walk(TABLE)).rows) == ports(25)
        assert GETBULK not in {request.kind for request in table.requests}
        assert budget.repetitions.value == 0


class Skipping(Table):
    """Leaves every fifth row out of a GETBULK."""

    def bulk(self, request: Request) -> list[tuple[Arcs, bytes]]:
        return [row for at, row in enumerate(super().bulk(request), 1) if at % 5]


async def test_skipped_rows_are_noticed(opened: Opener) -> None:
    async with answering(Skipping(25)) as port:
        assert names_of((await Paced(await opened(port), Budget()).walk(TABLE)).rows) == ports(25)


class Bounded(Table):
    """tooBig, with an empty list of rows, for more than `most` at once: RouterOS."""

    most = 6

    def answer(self, request: Request) -> bytes:
        if request.kind == GETBULK and request.third > self.most:
            return recorded.encode(request, [], recorded.TOO_BIG, 0)
        return super().answer(request)


async def test_too_big_does_not_mean_no_getbulk(opened: Opener) -> None:
    table, budget = Bounded(25), Budget()
    async with answering(table) as port:
        session = Paced(await opened(port), budget)
        assert names_of((await session.walk(TABLE)).rows) == ports(25)
    assert budget.repetitions.value == 6


class Stuttering(Table):
    """Sends one row twice and then goes on: duplicate rows of a table."""

    def after(self, name: Arcs) -> tuple[Arcs, bytes]:
        if name == arcs(f"{TABLE}.3") and not getattr(self, "done", False):
            self.done = True
            return name, self.objects[name]
        return super().after(name)


async def test_a_row_that_comes_twice_is_no_reason_to_lose_the_table(opened: Opener) -> None:
    async with answering(Stuttering(9)) as port:
        walk = await (await opened(port)).walk(TABLE)
    assert names_of(walk.rows) == ports(9)


@pytest.mark.parametrize("hole", [tlv(NULL, b""), tlv(NO_SUCH_INSTANCE, b"")])
async def test_a_hole_in_a_table_hides_nothing_behind_it(opened: Opener, hole: bytes) -> None:
    """A NULL or noSuchInstance in place of a row; the cells behind it are there and are read."""
    table = Table(30)
    table.objects[arcs(f"{TABLE}.4")] = hole
    table.objects[arcs(f"{TABLE}.20")] = hole
    async with answering(table) as port:
        session = await opened(port)
        walk = await session.walk(TABLE)
        expected = [name for name in ports(30) if name not in ("port 4", "port 20")]
        assert names_of(walk.rows) == expected
        got = await session.get([f"{TABLE}.3", f"{TABLE}.4", f"{TABLE}.5"])
    assert list(got.values()) == [b"port 3", None, b"port 5"]


async def test_a_value_that_ends_the_view_in_the_middle_of_a_get(opened: Opener) -> None:
    odd = device({**SMALL, f"{TABLE}.1": tlv(END_OF_MIB_VIEW, b"")})
    async with answering(odd) as port:
        found = await (await opened(port)).get([UP_TIME, f"{TABLE}.1"])
    assert found == {UP_TIME: 5, f"{TABLE}.1": None}


async def test_an_answer_from_another_port_is_dropped(opened: Opener) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))

        def reply(data: bytes, address: Address) -> Iterable[bytes]:
            asked = recorded.decode(data)
            forged = device({**SMALL, UP_TIME: number(666, TIMETICKS)})
            other.sendto(forged.answer(asked), address)
            return ()

        async with replying(reply) as port:
            session = await opened(port, timeout=0.2)
            assert await reason_of(session.get([UP_TIME])) is Reason.TIMEOUT


def long_lengths(data: bytes) -> bytes:
    """The same message with each length in four octets, as some agents write them."""
    tag, body, _ = recorded.read(data)
    if tag & 0x20:
        body = b"".join(
            long_lengths(data[start:end]) for start, end in _bounds(data, len(data) - len(body))
        )
    return bytes((tag, 0x84)) + len(body).to_bytes(4, "big") + body


def _bounds(data: bytes, at: int) -> Iterable[tuple[int, int]]:
    while at < len(data):
        end = recorded.read(data, at)[2]
        yield at, end
        at = end


async def test_lengths_longer_than_they_need_to_be_are_read(opened: Opener) -> None:
    """BER allows it, DER does not; SNMP is BER."""
    async with answering(device(SMALL), twist=lambda r, answer: (long_lengths(answer),)) as port:
        assert (await (await opened(port)).get([UP_TIME]))[UP_TIME] == 5


@pytest.mark.parametrize("text", [b"", b"\xff\xfe\x00", b"\x1b[2J" * 50, b"x" * 3000])
async def test_strings_come_as_they_are(opened: Opener, text: bytes) -> None:
    """Empty, not UTF-8, hostile, long: the engine does not judge; readers clean them."""
    strange = device({**SMALL, f"{TABLE}.1": octets(text)})
    async with answering(strange) as port:
        assert (await (await opened(port)).get([f"{TABLE}.1"]))[f"{TABLE}.1"] == text


async def test_answers_longer_than_a_buffer_are_asked_for_in_parts(opened: Opener) -> None:
    """gufo_snmp holds 4,000 octets; twenty long descriptions are more."""
    names = {f"{TABLE}.{n}": octets(b"%03d" % n + b"x" * 700) for n in range(1, 31)}
    async with answering(device(names)) as port:
        session = await opened(port)
        assert len((await session.get(list(names)[:20])).values()) == 20
        assert None not in (await session.get(list(names)[:20])).values()
        walk = await session.walk(TABLE)
    assert [value[:3] for _, value in walk.rows if isinstance(value, bytes)] == [
        b"%03d" % n for n in range(1, 31)
    ]


# Whole polls


SYSTEM, ENGINE_TIME = "1.3.6.1.2.1.1", "1.3.6.1.6.3.10.2.1.3.0"


def old_switch(ticks: int, engine_seconds: int) -> Device:
    """A switch of one port that runs for more than 497 days."""
    interface = "1.3.6.1.2.1.2.2.1"
    return device(
        {
            f"{SYSTEM}.1.0": octets("Old switch"),
            f"{SYSTEM}.2.0": recorded.oid(arcs("1.3.6.1.4.1.9.1.1")),
            f"{SYSTEM}.3.0": number(ticks, TIMETICKS),
            ENGINE_TIME: number(engine_seconds),
            f"{interface}.1.1": number(1),
            f"{interface}.2.1": octets("ge1"),
            f"{interface}.8.1": number(1),
            f"{interface}.10.1": number(1000, recorded.COUNTER32),
        }
    )


async def test_sysuptime_wraps_and_nothing_happened(engine: str) -> None:
    """After 497 days and 2:27:53 the hundredths start over; snmpEngineTime does not."""
    days = 42_949_672
    switch = old_switch((1 << 32) - 3000, days - 30)
    async with answering(switch) as port:
        probe = SnmpProbe()
        target = Target(
            "it", "here", "other", "127.0.0.1", "auto", COMMUNITY, port, snmp_engine=engine
        )

        async def poll() -> Result:
            return await probe.check(target, SnmpCheck(timeout=1), 20.0)

        before = await poll()
        switch.objects.update(old_switch(3000, days + 30).objects)
        after = await poll()
        await probe.close()
    ages = [
        next(r.value for r in result.readings if r.metric == "device_uptime_seconds")
        for result in (before, after)
    ]
    assert ages == [days - 30, days + 30]
    assert not any("restarted" in line for line in after.working)


async def polled(switch: Device, engine: str, address: str = "127.0.0.1") -> Result:
    """One poll of a device by the probe."""
    async with answering(switch) as port:
        probe = SnmpProbe()
        target = Target("it", "here", "other", address, "auto", COMMUNITY, port, snmp_engine=engine)
        result = await probe.check(target, SnmpCheck(timeout=1), 20.0)
        await probe.close()
    return result


async def test_two_rows_that_claim_the_same_ifindex_are_two_interfaces(engine: str) -> None:
    """The row's own place in the table counts, not what its first column says."""
    switch, table = old_switch(100_000, 1000), "1.3.6.1.2.1.2.2.1"
    more = {
        f"{table}.1.2": number(1),
        f"{table}.2.2": octets("ge2"),
        f"{table}.8.2": number(2),
        f"{table}.10.2": number(2000, recorded.COUNTER32),
    }
    both = Device({**switch.objects, **{arcs(name): value for name, value in more.items()}})
    result = await polled(both, engine)
    counters = {
        reading.labels["interface"]: reading.value
        for reading in result.readings
        if reading.metric == "interface_receive_bytes_total"
    }
    assert counters == {"ge1": 1000, "ge2": 2000}


async def test_missing_columns_are_absent_and_not_zero(engine: str) -> None:
    """The small switch has no errors, no discards, no speed: none of these is a figure."""
    result = await polled(old_switch(100_000, 1000), engine)
    assert result.ok
    metrics = {reading.metric for reading in result.readings}
    assert {"interface_up", "interface_receive_bytes_total"} <= metrics
    assert not {"interface_receive_errors_total", "interface_speed_bits_per_second"} & metrics


@pytest.mark.parametrize("order", [">f", "<f"])
async def test_figures_with_their_octets_the_wrong_way_round(engine: str, order: str) -> None:
    """Read as they come, 41 degrees would be nearly none: a figure that would be believed."""
    switch, sensors = old_switch(100_000, 1000), "1.3.6.1.4.1.2021.13.16.2.1"
    figure = b"\x9f\x78\x04" + struct.pack(order, 41_000.0)
    more = {
        f"{SYSTEM}.2.0": recorded.oid(arcs("1.3.6.1.4.1.8072.3.2.10")),
        f"{sensors}.2.1": octets("Core 0"),
        f"{sensors}.3.1": tlv(recorded.OPAQUE, figure),
    }
    server = Device({**switch.objects, **{arcs(name): value for name, value in more.items()}})
    result = await polled(server, engine)
    heat = [r.value for r in result.readings if r.metric == "device_temperature_celsius"]
    assert heat == [pytest.approx(41.0)]
