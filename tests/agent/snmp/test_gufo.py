"""The gufo_snmp engine against a real snmpd and against agents that break every rule."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import socket
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.probe import Reason
from agent.snmp.gufo import GufoEngine
from agent.snmp.seal import SIGNATURES, Seal
from agent.snmp.session import Access, Session, SnmpFailure, WalkLimits
from inventory.credentials import Credentials
from telemetry.errors import ConfigError
from tests.agent.snmp import recorded
from tests.agent.snmp.recorded import (
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
from tests.snmpd import PASSWORD, PRIVACY, Snmpd, running_snmpd

pytestmark = pytest.mark.anyio

COMMUNITY = Credentials(id="c", version="2c", community="public")  # type: ignore[arg-type]
UP_TIME, DESCR, NAME = "1.3.6.1.2.1.1.3.0", "1.3.6.1.2.1.1.1.0", "1.3.6.1.2.1.1.5.0"
TABLE = "1.3.6.1.2.1.2.2.1.2"
SMALL = {UP_TIME: number(5, recorded.TIMETICKS), DESCR: octets("a device")}


@pytest.fixture(scope="module")
def snmpd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snmpd]:
    with running_snmpd(Path(tmp_path_factory.mktemp("snmpd"))) as running:
        yield running


def v3(
    user: str,
    auth: str = "",
    privacy: str = "",
    password: str = PASSWORD,
    privacy_password: str = PRIVACY,
) -> Credentials:
    written: dict[str, Any] = {"id": "c", "version": "3", "user": user}
    if auth:
        written["auth"] = {"protocol": auth, "password": password}
    if privacy:
        written["privacy"] = {"protocol": privacy, "password": privacy_password}
    return Credentials.model_validate(written)


async def opened(
    port: int,
    credentials: Credentials = COMMUNITY,
    timeout: float = 1.0,
    retries: int = 0,
    address: str = "127.0.0.1",
    seconds: float = 20.0,
) -> Session:
    until = time.monotonic() + seconds
    return await GufoEngine().open(Access(address, port, credentials, timeout, retries, until))


async def reason_of(ask: Any) -> Reason:
    with pytest.raises(SnmpFailure) as caught:
        await ask
    return caught.value.reason


# net-snmp's own agent


@pytest.mark.parametrize(
    "credentials",
    [
        COMMUNITY,
        Credentials(id="c", version="1", community="public"),  # type: ignore[arg-type]
        v3("plain"),
        v3("signed", "sha"),
        v3("md5des", "md5", "des"),
        v3("sha", "sha", "aes128"),
        v3("sha224", "sha224", "aes128"),
        v3("sha256", "sha256", "aes128"),
        v3("sha384", "sha384", "aes192"),
        v3("sha512", "sha512", "aes256"),
    ],
    ids=lambda credentials: credentials.user or credentials.version,
)
@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
async def test_speaks_every_version(snmpd: Snmpd, credentials: Credentials, address: str) -> None:
    session = await opened(snmpd.port, credentials, address=address)
    found = await session.get([NAME, UP_TIME, "1.3.6.1.2.1.1.99.0", "1.3.6.1.2.1.1.2.0"])
    assert found[NAME] == b"test-host"
    assert isinstance(found[UP_TIME], int)
    assert found["1.3.6.1.2.1.1.99.0"] is None
    assert str(found["1.3.6.1.2.1.1.2.0"]).startswith("1.3.6.1.4.1.8072.")
    walk = await session.walk(TABLE)
    assert b"lo" in [value for _, value in walk.rows]
    assert walk.broken is None
    session.close()
    assert await reason_of(session.get([NAME])) is Reason.INTERNAL


@pytest.mark.parametrize(
    "credentials",
    [
        v3("sha", "sha", "aes128", password="wrong-password"),
        v3("sha", "sha", "aes128", privacy_password="wrong-password"),
        v3("sha", "sha256", "aes128"),
        v3("sha", "sha"),
        v3("sha"),
        v3("nobody", "sha", "aes128"),
    ],
    ids=["password", "privacy", "protocol", "no privacy", "no auth", "user"],
)
async def test_wrong_v3_credentials_are_told(snmpd: Snmpd, credentials: Credentials) -> None:
    async def ask() -> None:
        session = await opened(snmpd.port, credentials, timeout=0.3)
        with contextlib.closing(session):
            await session.get([NAME])

    assert await reason_of(ask()) is Reason.AUTH


async def test_a_wrong_community_is_silence(snmpd: Snmpd) -> None:
    wrong = Credentials(id="c", version="2c", community="wrong")  # type: ignore[arg-type]
    session = await opened(snmpd.port, wrong, timeout=0.1, retries=1)
    assert await reason_of(session.get([NAME])) is Reason.TIMEOUT
    assert session.requests == 2


async def test_the_password_is_hashed_once(snmpd: Snmpd) -> None:
    """From a password to a key is a megabyte of hashing; the second session must not pay again."""
    engine = GufoEngine()
    spent = []
    for _ in range(2):
        began = time.process_time()
        until = time.monotonic() + 5
        access = Access("127.0.0.1", snmpd.port, v3("sha512", "sha512", "aes256"), 1.0, 0, until)
        session = await engine.open(access)
        assert await session.get([NAME])
        spent.append(time.process_time() - began)
        session.close()
    assert spent[1] < spent[0] / 2


async def test_nobody_listens() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    session = await opened(port)
    assert await reason_of(session.get([NAME])) is Reason.REFUSED


@pytest.mark.parametrize(
    ("credentials", "words"),
    [
        (v3("u").model_copy(update={"user": None}), "needs a user"),
        (COMMUNITY.model_copy(update={"community": None}), "needs a community"),
        (v3("u", "sha", "aes128").model_copy(update={"auth": None}), "needs auth"),
    ],
)
async def test_credentials_that_cannot_be_used(credentials: Credentials, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        await opened(1, credentials)


async def test_protocols_that_the_engine_lacks_are_named() -> None:
    odd = v3("u", "sha", "aes128")
    assert odd.privacy is not None
    changed = odd.privacy.model_copy(update={"protocol": "3des"})
    with pytest.raises(ConfigError, match="privacy protocol 3des is not one that the engine gufo"):
        await opened(1, odd.model_copy(update={"privacy": changed}))


# Agents that break the rules


async def test_other_peoples_answers_are_not_taken() -> None:
    """A wrong request id, a wrong community and a late repeat come first; the right one counts."""
    seen: list[bytes] = []

    def twist(request: Request, answer: bytes) -> Iterable[bytes]:
        wrong = Request(1, b"public", request.kind, request.id + 1, 0, 0, request.names)
        foreign = Request(1, b"other", request.kind, request.id, 0, 0, request.names)
        for bad in (wrong, foreign):
            yield recorded.encode(bad, [(name, number(666)) for name in request.names])
        yield from seen
        seen.append(answer)
        yield answer

    async with answering(device(SMALL), twist=twist) as port:
        session = await opened(port)
        for _ in range(3):
            assert await session.get([UP_TIME]) == {UP_TIME: 5}


async def test_an_answer_from_another_address_is_not_taken() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as foreigner:
        foreigner.bind(("127.0.0.2", 0))

        def reply(data: bytes, address: recorded.Address) -> Iterable[bytes]:
            answer = device(SMALL).answer(recorded.decode(data))
            foreigner.sendto(answer, address)
            return ()

        async with replying(reply) as port:
            session = await opened(port, timeout=0.2)
            assert await reason_of(session.get([UP_TIME])) is Reason.TIMEOUT


@pytest.mark.parametrize(
    "garbage",
    [
        b"\xff" * 40,  # brings gufo's Rust side down
        b"\x30\x80\x00",
        b"\x30\x82\xff\xff" * 1000,
        b"\x30\x85\x00\x00\x00\x00\x05",
        tlv(0x30, number(0) + octets("public")),
    ],
)
async def test_garbage_is_malformed_and_does_no_harm(garbage: bytes) -> None:
    async with answering(device(SMALL), twist=lambda request, answer: (garbage,)) as port:
        session = await opened(port)
        assert await reason_of(session.get([UP_TIME])) is Reason.MALFORMED


async def test_a_truncated_answer_is_malformed() -> None:
    async with answering(device(SMALL), twist=lambda r, answer: (answer[:-3],)) as port:
        assert await reason_of((await opened(port)).get([UP_TIME])) is Reason.MALFORMED


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.integers(0, 60), st.integers(0, 255), st.integers(0, 70))
async def test_no_flipped_or_cut_octet_escapes_as_another_exception(
    at: int, octet: int, keep: int
) -> None:
    def twist(request: Request, answer: bytes) -> Iterable[bytes]:
        at_ = at % len(answer)
        broken = answer[:at_] + bytes((octet,)) + answer[at_ + 1 :]
        yield broken[: max(keep, at_ + 1)]
        yield broken

    async with answering(device(SMALL), twist=twist) as port:
        session = await opened(port, timeout=0.02)
        with contextlib.suppress(SnmpFailure):
            assert set(await session.get([UP_TIME, DESCR])) == {UP_TIME, DESCR}


async def test_v2c_in_answer_to_v3_is_refused() -> None:
    """An attacker who downgrades the conversation gets no reading in."""
    hello = Request(1, b"public", recorded.GET, 1, 0, 0, ())
    answer = recorded.encode(hello, [(arcs(UP_TIME), number(1))])
    async with replying(lambda data, address: (answer,)) as port:
        assert await reason_of(opened(port, v3("sha", "sha", "aes128"))) is Reason.MALFORMED


class Table(Device):
    """A device with a table of `rows` rows, and something behind it or nothing."""

    def __init__(self, rows: int, behind: bool = True) -> None:
        objects = {f"{TABLE}.{n}": octets(f"port {n}") for n in range(1, rows + 1)}
        last = {"1.3.6.1.2.1.99.1": number(1)} if behind else {}
        super().__init__(
            {arcs(name): value for name, value in {**SMALL, **objects, **last}.items()}
        )


def names_of(rows: Iterable[tuple[str, Any]]) -> list[str]:
    return [value.decode() for _, value in rows]


@pytest.mark.parametrize("behind", [True, False])
@pytest.mark.parametrize("rows", [0, 1, 19, 20, 40, 53])
@pytest.mark.parametrize("version", ["1", "2c"])
async def test_a_walk_is_complete(rows: int, behind: bool, version: str) -> None:
    credentials = COMMUNITY.model_copy(update={"version": version})
    async with answering(Table(rows, behind)) as port:
        walk = await (await opened(port, credentials)).walk(TABLE)
        assert names_of(walk.rows) == [f"port {n}" for n in range(1, rows + 1)]
        assert walk.broken is None


async def test_a_walk_asks_for_twenty_rows_at_once() -> None:
    table = Table(53)
    async with answering(table) as port:
        await (await opened(port)).walk(TABLE)
    assert [request.third for request in table.requests] == [20, 20, 20]


class Circle(Table):
    """Alternates two rows for ever: what keeps gufo_snmp's own walk running without end."""

    def after(self, name: recorded.Arcs) -> tuple[recorded.Arcs, bytes]:
        here = arcs(f"{TABLE}.2") if name == arcs(f"{TABLE}.1") else arcs(f"{TABLE}.1")
        return here, self.objects[here]


class Endless(Table):
    """A table without an end."""

    def after(self, name: recorded.Arcs) -> tuple[recorded.Arcs, bytes]:
        last = name[-1] if name[:-1] == arcs(TABLE) else 0
        return (*arcs(TABLE), last + 1), octets("again")


@pytest.mark.parametrize("version", ["1", "2c"])
async def test_a_walk_in_a_circle_ends_and_keeps_the_good_rows(version: str) -> None:
    circle = Circle(2)
    credentials = COMMUNITY.model_copy(update={"version": version})
    async with answering(circle) as port:
        walk = await (await opened(port, credentials)).walk(TABLE)
    assert names_of(walk.rows) == ["port 1", "port 2"]
    assert "do not increase" in (walk.broken or "")
    assert len(circle.requests) <= 3


async def test_an_endless_table_ends_at_the_limit() -> None:
    async with answering(Endless(1)) as port:
        walk = await (await opened(port)).walk(TABLE, WalkLimits(rows=100))
    assert len(walk.rows) == 100
    assert "more than 100 rows" in (walk.broken or "")


class TooBig(Table):
    """Answers tooBig, without any object, when more than `most` objects would be in the answer."""

    most = 3

    def answer(self, request: Request) -> bytes:
        wanted = request.third if request.kind == recorded.GETBULK else len(request.names)
        if wanted > self.most:
            return recorded.encode(request, [], recorded.TOO_BIG, 0)
        return super().answer(request)


async def test_too_big_is_halved_until_it_fits() -> None:
    oids = [f"{TABLE}.{n}" for n in range(1, 31)]
    async with answering(TooBig(30)) as port:
        session = await opened(port)
        found = await session.get([*oids, f"{TABLE}.99"])
        names = {f"{TABLE}.{n}": f"port {n}".encode() for n in range(1, 31)}
        assert found == {**names, f"{TABLE}.99": None}
        assert names_of((await session.walk(TABLE)).rows) == [f"port {n}" for n in range(1, 31)]


async def test_objects_that_are_all_missing_cost_one_more_request() -> None:
    """With an object known to exist beside them, their absence is certain at once."""
    small = device(SMALL)
    async with answering(small) as port:
        session = await opened(port)
        await session.get([UP_TIME])
        small.requests.clear()
        assert set((await session.get([f"{TABLE}.{n}.0" for n in range(20)])).values()) == {None}
        assert len(small.requests) == 2


async def test_one_missing_object_does_not_spoil_a_v1_answer() -> None:
    credentials = COMMUNITY.model_copy(update={"version": "1"})
    async with answering(Table(9)) as port:
        session = await opened(port, credentials)
        asked = [UP_TIME, *(f"{TABLE}.{n}" for n in range(1, 13))]
        found = await session.get(asked)
        assert [oid for oid in asked if found[oid] is None] == [
            f"{TABLE}.{n}" for n in (10, 11, 12)
        ]


async def test_a_lost_request_is_sent_again() -> None:
    seen: list[Request] = []

    def twist(request: Request, answer: bytes) -> Iterable[bytes]:
        seen.append(request)
        return (answer,) if len(seen) % 2 == 0 else ()

    async with answering(Table(5), twist=twist) as port:
        session = await opened(port, timeout=0.1, retries=1)
        assert (await session.get([UP_TIME]))[UP_TIME] == 5
        assert len((await session.walk(TABLE)).rows) == 5


async def test_nothing_is_asked_after_the_deadline() -> None:
    quiet = device(SMALL)
    async with answering(quiet, twist=lambda request, answer: ()) as port:
        session = await opened(port, timeout=5, retries=5, seconds=0.2)
        began = time.monotonic()
        assert await reason_of(session.get([UP_TIME])) is Reason.TIMEOUT
        assert time.monotonic() - began < 1
        assert await reason_of(session.get([UP_TIME])) is Reason.TIMEOUT
        assert len(quiet.requests) == 1


# Signatures


def v3_message(id_: int, flags: int, user: bytes, signature: bytes, pdu: bytes) -> bytes:
    """An SNMPv3 message of an engine that started 100 seconds ago, in plain."""
    header = number(id_) + number(65_507) + octets(bytes((flags,))) + number(3)
    times = number(1) + number(100)
    security = octets(ENGINE) + times + octets(user) + octets(signature) + octets(b"")
    scoped = tlv(0x30, octets(ENGINE) + octets(b"") + pdu)
    return tlv(0x30, number(3) + tlv(0x30, header) + octets(tlv(0x30, security)) + scoped)


def v3_pdu(kind: int, id_: int, name: str, value: bytes) -> bytes:
    rows = tlv(0x30, tlv(0x30, recorded.oid(arcs(name)) + value))
    return tlv(kind, number(id_) + number(0) + number(0) + rows)


ENGINE = bytes.fromhex("80001f8880aabbccdd")
REPORT = 0xA8
UNKNOWN_ENGINE, WRONG_DIGEST = "1.3.6.1.6.3.15.1.1.4.0", "1.3.6.1.6.3.15.1.1.5.0"
ONE = number(1, recorded.COUNTER32)


def v3_ids(data: bytes) -> tuple[int, int]:
    """Message id and request id of a plain v3 request."""
    _, (_, header), _, (_, scoped) = recorded.read_all(recorded.read(data)[1])
    pdu = recorded.read_all(scoped)[2][1]
    return tuple(  # type: ignore[return-value]
        int.from_bytes(recorded.read_all(part)[0][1], "big") for part in (header, pdu)
    )


@pytest.mark.parametrize(
    ("flags", "signature"),
    [
        (0, b""),  # unsigned
        (1, b""),
        (1, b"\0"),  # CVE-2008-0960 was taken in by one octet
        (1, bytes(11)),
        (1, bytes(12)),
        (1, bytes(4000)),
    ],
)
async def test_an_answer_without_our_signature_is_thrown_away(flags: int, signature: bytes) -> None:
    """The forger on the cable knows every number of the conversation, but not the key."""
    answered = []

    def reply(data: bytes, address: recorded.Address) -> Iterable[bytes]:
        message, request = v3_ids(data)
        if not answered:
            answered.append(data)
            return (v3_message(message, 0, b"", b"", v3_pdu(REPORT, 0, UNKNOWN_ENGINE, ONE)),)
        pdu = v3_pdu(recorded.RESPONSE, request, UP_TIME, number(666))
        return (v3_message(message, flags, b"signed", signature, pdu),)

    async with replying(reply) as port:
        with pytest.raises(SnmpFailure, match="1 answers were not signed with our key") as caught:
            await opened(port, v3("signed", "sha"), timeout=0.2)
    assert caught.value.reason is Reason.AUTH


async def test_an_unsigned_report_may_say_that_the_key_is_wrong() -> None:
    def reply(data: bytes, address: recorded.Address) -> Iterable[bytes]:
        message, _ = v3_ids(data)
        user, name = (b"signed", WRONG_DIGEST) if ENGINE in data else (b"", UNKNOWN_ENGINE)
        return (v3_message(message, 0, user, b"", v3_pdu(REPORT, 0, name, ONE)),)

    async with replying(reply) as port:
        with contextlib.closing(await opened(port, v3("signed", "sha"))) as session:
            assert await reason_of(session.get([UP_TIME])) is Reason.AUTH


@given(st.binary(max_size=200))
def test_no_octets_bring_the_seal_down(data: bytes) -> None:
    seal = Seal("sha256", b"master key", ENGINE)
    assert not seal.holds(data)
    genuine = v3_message(1, 1, b"signed", bytes(24), v3_pdu(recorded.RESPONSE, 1, UP_TIME, ONE))
    assert not seal.holds(genuine[: len(data)] + data)


@pytest.mark.parametrize(("protocol", "length"), [(k, n) for k, (_, n) in SIGNATURES.items()])
def test_the_seal_holds_what_is_signed_and_nothing_else(protocol: str, length: int) -> None:
    """The key of RFC 3414 A.3 and the lengths of RFC 7860; each changed octet breaks it."""
    seal, name = Seal(protocol, b"m" * 20, ENGINE), SIGNATURES[protocol][0]
    key = hashlib.new(name, b"m" * 20 + ENGINE + b"m" * 20).digest()
    pdu = v3_pdu(recorded.RESPONSE, 1, UP_TIME, ONE)
    blank = v3_message(1, 1, b"signed", bytes(length), pdu)
    signature = hmac.digest(key, blank, name)[:length]
    signed = v3_message(1, 1, b"signed", signature, pdu)
    assert seal.holds(signed)
    for at in range(len(signed)):
        assert not seal.holds(signed[:at] + bytes((signed[at] ^ 1,)) + signed[at + 1 :])
