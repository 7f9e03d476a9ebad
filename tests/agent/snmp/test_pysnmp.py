"""The pysnmp engine passes the common trial; and what only it can do."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import socket
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from pysnmp.proto.rfc1902 import OctetString

from agent.probe import Reason
from agent.snmp.messages import Ask, Broken, CommunityForm, Foreign, Missing, request
from agent.snmp.post import Forged
from agent.snmp.pysnmp import PysnmpEngine, PysnmpSession
from agent.snmp.secured import AUTHENTICATION, PRIVACY, Keys, OutOfTime, SecuredForm
from agent.snmp.session import SnmpFailure
from tests.agent.snmp.recorded import (
    COUNTER32,
    COUNTER64,
    END_OF_MIB_VIEW,
    GAUGE32,
    IP_ADDRESS,
    NULL,
    OPAQUE,
    Address,
    Request,
    answering,
    arcs,
    decode,
    device,
    encode,
    number,
    octets,
    read,
    read_all,
    replying,
    tlv,
)
from tests.agent.snmp.session_trial import (
    DESCR,
    ONE,
    SMALL,
    UP_TIME,
    SessionTrial,
    reason_of,
    v3_pdu,
)

pytestmark = pytest.mark.anyio


def descriptors() -> int:
    """How many files and sockets are open."""
    return len(list(Path("/proc/self/fd").iterdir()))


class TestPysnmp(SessionTrial):
    """The portable engine."""

    engine = PysnmpEngine

    async def test_answers_from_elsewhere_are_counted_and_told(self) -> None:
        """Routers with several addresses answer from the one towards us; that must be findable."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.bind(("127.0.0.2", 0))

            def reply(data: bytes, address: Address) -> Iterable[bytes]:
                other.sendto(device(SMALL).answer(decode(data)), address)
                return ()

            async with replying(reply) as port:
                session = await self.opened(port, timeout=0.1, retries=1)
                with pytest.raises(SnmpFailure, match=r"but 2 from 127\.0\.0\.2 port") as caught:
                    await session.get([UP_TIME])
        assert caught.value.reason is Reason.TIMEOUT
        assert isinstance(session, PysnmpSession)
        assert session.dropped == 2

    async def test_a_good_answer_after_a_broken_one_counts(self) -> None:
        """Who can only add datagrams cannot spoil a poll."""

        def twist(request: Request, answer: bytes) -> Iterable[bytes]:
            return (b"\x30\x80", answer[:-1], answer + b"x", answer)

        async with answering(device(SMALL), twist=twist) as port:
            session = await self.opened(port)
            assert await session.get([UP_TIME]) == {UP_TIME: 5}
            assert isinstance(session, PysnmpSession)
            assert session.dropped == 3

    async def test_a_closed_port_does_not_keep_the_processor_busy(self) -> None:
        """An error that stays in the socket's queue would wake the event loop again and again."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as closed:
            closed.bind(("127.0.0.1", 0))
            port = closed.getsockname()[1]
        session = await self.opened(port)
        assert await reason_of(session.get([UP_TIME])) is Reason.REFUSED
        began = time.process_time()
        await asyncio.sleep(0.2)
        assert time.process_time() - began < 0.1

    async def test_a_late_answer_to_the_first_try_is_as_good_as_one_to_the_second(self) -> None:
        """A device that always takes longer than one timeout is read all the same."""
        seen: list[bytes] = []

        def twist(request: Request, answer: bytes) -> Iterable[bytes]:
            seen.append(answer)
            return (seen[0],) if len(seen) == 2 else ()

        async with answering(device(SMALL), twist=twist) as port:
            session = await self.opened(port, timeout=0.1, retries=1)
            assert await session.get([UP_TIME]) == {UP_TIME: 5}
            assert session.requests == 2

    async def test_nothing_is_left_behind(self) -> None:
        """No task and no socket, also when the poll is broken off in the middle of a request."""
        tasks, sockets = asyncio.all_tasks(), descriptors()
        async with answering(device(SMALL), twist=lambda request, answer: ()) as port:
            session = await self.opened(port, timeout=5)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await session.get([UP_TIME])
            session.close()
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == tasks
        assert descriptors() == sockets
        assert await reason_of(session.get([UP_TIME])) is Reason.INTERNAL

    async def test_no_engine_asks_a_name(self) -> None:
        assert await reason_of(self.opened(1, address="no address")) is Reason.UNREACHABLE


CLOCK = [1000.0]


def secured(auth: str = "sha256", privacy: str = "aes128") -> SecuredForm:
    """Our side of a conversation, the device's engine known: five restarts, up for 100 seconds."""
    keys = Keys(
        b"mon",
        AUTHENTICATION[auth],
        OctetString(b"a" * 32),
        PRIVACY.get(privacy, ()),
        OctetString(b"p" * 32) if privacy else None,
    )
    CLOCK[0] = 1000.0
    form = SecuredForm(keys, lambda: CLOCK[0])
    sent = form.greeting()
    form.greeted(message(sent, 0, b"", scoped(REPORT, UNKNOWN)))
    assert form.known
    return form


def scoped(kind: int, name: str, value: bytes = ONE) -> bytes:
    return tlv(0x30, octets(DEVICE) + octets(b"") + v3_pdu(kind, 77, name, value))


DEVICE, UNKNOWN = bytes.fromhex("80001f8880aabbccdd"), "1.3.6.1.6.3.15.1.1.4.0"
NOT_IN_TIME, REPORT = "1.3.6.1.6.3.15.1.1.2.0", 0xA8


def message(
    asked: bytes,
    flags: int,
    user: bytes,
    body: bytes,
    boots: int = 5,
    at: int = 100,
    key: bytes | None = None,
    salt: bytes = b"",
    engine: bytes = DEVICE,
) -> bytes:
    """What a device answers to `asked`, signed by SHA-256 with `key` where there is one."""
    id_ = read_all(read_all(read(asked)[1])[1][1])[0][1]
    header = tlv(2, id_) + number(65_507) + octets(bytes((flags,))) + number(3)
    blank = bytes(24) if flags & 1 else b""
    security = octets(engine) + number(boots) + number(at) + octets(user) + octets(blank)
    whole = number(3) + tlv(0x30, header) + octets(tlv(0x30, security + octets(salt))) + body
    made = tlv(0x30, whole)
    if key is None:
        return made
    return made.replace(blank, hmac.digest(key, made, "sha256")[:24], 1)


def device_key(master: bytes, engine: bytes = DEVICE) -> bytes:
    return hashlib.sha256(master + engine + master).digest()


OURS = device_key(b"a" * 32)
ANSWER = scoped(0xA2, UP_TIME, number(666))


@pytest.mark.parametrize(
    ("flags", "user", "body", "key", "extra"),
    [
        (0, b"mon", ANSWER, None, {}),  # unsigned
        (1, b"mon", ANSWER, None, {}),  # a signature of zeros
        (1, b"mon", ANSWER, device_key(b"b" * 32), {}),  # somebody else's password
        (1, b"mon", ANSWER, device_key(b"a" * 32, b"another"), {}),  # another device's key
        (1, b"mon", ANSWER, OURS, {}),  # signed and readable, though we speak encrypted
        (1, b"else", ANSWER, OURS, {}),
        (1, b"mon", ANSWER, OURS, {"boots": 4}),  # from before the last restart
        (3, b"mon", octets(b"x" * 40), device_key(b"b" * 32), {"salt": bytes(8)}),
        (2, b"mon", octets(b"x" * 40), None, {"salt": bytes(8)}),  # encrypted, not signed
        (0, b"mon", scoped(REPORT, NOT_IN_TIME), None, {}),  # would set our clock
    ],
)
def test_forged_answers_are_refused(
    flags: int, user: bytes, body: bytes, key: bytes | None, extra: dict[str, Any]
) -> None:
    form = secured()
    asked = form.wrap(request("3", Ask.GET, 77, [UP_TIME]))
    with pytest.raises((Forged, Foreign)):
        form.unwrap(message(asked, flags, user, body, key=key, **extra))


def test_a_signed_answer_is_read_and_a_late_copy_is_not() -> None:
    """Outside of the 150 seconds of RFC 3414 an old answer may be one that somebody kept."""
    form = secured(privacy="")
    asked = form.wrap(request("3", Ask.GET, 77, [UP_TIME]))
    genuine = message(asked, 1, b"mon", ANSWER, key=OURS)
    assert form.unwrap(genuine).rows == ((UP_TIME, 666),)
    for at in range(0, len(genuine), 3):
        flipped = genuine[:at] + bytes((genuine[at] ^ 1,)) + genuine[at + 1 :]
        with pytest.raises((Forged, Foreign, Broken)):
            form.unwrap(flipped)
    CLOCK[0] += 151
    with pytest.raises(Forged):
        form.unwrap(genuine)


def test_the_devices_clock_is_taken_over_when_it_is_signed() -> None:
    form = secured()
    asked = form.wrap(request("3", Ask.GET, 77, [UP_TIME]))
    late = message(asked, 1, b"mon", scoped(REPORT, NOT_IN_TIME), boots=6, at=9, key=OURS)
    with pytest.raises(OutOfTime):
        form.unwrap(late)
    again = form.wrap(request("3", Ask.GET, 78, [UP_TIME]))
    assert number(6) + number(9) in again


@pytest.mark.parametrize("engine", [b"", b"1234", bytes(33)])
def test_an_engine_id_of_a_wrong_length_is_none(engine: bytes) -> None:
    form = SecuredForm(Keys(b"mon"), lambda: 0.0)
    sent = form.greeting()
    with pytest.raises(Broken):
        form.greeted(message(sent, 0, b"", scoped(REPORT, UNKNOWN), engine=engine))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (number(-5, COUNTER32), (1 << 32) - 5),
        (number(1 << 40, GAUGE32), 1 << 40),
        (number((1 << 64) - 1, COUNTER64), (1 << 64) - 1),
        (number(1 << 70), Missing.OBJECT),
        (tlv(2, b"\x7f" * 60_000), Missing.OBJECT),
        (tlv(NULL, b""), Missing.OBJECT),
        (tlv(END_OF_MIB_VIEW, b""), Missing.END),
        (tlv(IP_ADDRESS, bytes((10, 0, 0, 1))), "10.0.0.1"),
        (tlv(IP_ADDRESS, b"abc"), b"abc"),
        (octets(b"\xff\x00"), b"\xff\x00"),
        (tlv(OPAQUE, b"\x9f\x78\x04\x41\x20\x00\x00"), b"\x9f\x78\x04\x41\x20\x00\x00"),
    ],
)
def test_values_beyond_their_types_cost_no_others(value: bytes, expected: Any) -> None:
    form = CommunityForm("2c", "public")
    asked = decode(form.wrap(request("2c", Ask.GET, 3, [UP_TIME])))
    found = form.unwrap(encode(asked, [(arcs(UP_TIME), value), (arcs(DESCR), octets("good"))]))
    assert found.rows == ((UP_TIME, expected), (DESCR, b"good"))


def test_an_endless_arc_is_broken() -> None:
    form = CommunityForm("2c", "public")
    asked = decode(form.wrap(request("2c", Ask.GET, 3, [UP_TIME])))
    rows = tlv(0x30, tlv(0x30, tlv(6, b"\x2b" + b"\xff" * 30_000 + b"\x01") + number(1)))
    pdu = tlv(0xA2, number(asked.id) + number(0) + number(0) + rows)
    with pytest.raises(Broken):
        form.unwrap(tlv(0x30, number(1) + octets("public") + pdu))
