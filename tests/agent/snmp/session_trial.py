"""What every SNMP engine must do: against net-snmp's own agent and against agents that break every rule.

A module of tests inherits `SessionTrial` and names its engine.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.probe import Reason
from agent.snmp.session import Access, Engine, Session, SnmpFailure, WalkLimits
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
from tests.snmpd import PASSWORD, PRIVACY, Snmpd

COMMUNITY = Credentials(id="c", version="2c", community="public")  # type: ignore[arg-type]
UP_TIME, DESCR, NAME = "1.3.6.1.2.1.1.3.0", "1.3.6.1.2.1.1.1.0", "1.3.6.1.2.1.1.5.0"
TABLE = "1.3.6.1.2.1.2.2.1.2"
SMALL = {UP_TIME: number(5, recorded.TIMETICKS), DESCR: octets("a device")}


def v3(
    user: str,
    auth: str = "",
    privacy: str = "",
    password: str = PASSWORD,
    privacy_password: str = PRIVACY,
) -> Credentials:
    """Credentials of a user of `tests.snmpd`, or of one that it does not have."""
    written: dict[str, Any] = {"id": "c", "version": "3", "user": user}
    if auth:
        written["auth"] = {"protocol": auth, "password": password}
    if privacy:
        written["privacy"] = {"protocol": privacy, "password": privacy_password}
    return Credentials.model_validate(written)


async def reason_of(ask: Any) -> Reason:
    """The reason of the failure in which `ask` must end."""
    with pytest.raises(SnmpFailure) as caught:
        await ask
    return caught.value.reason


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


class TooBig(Table):
    """Answers tooBig, without any object, when more than `most` objects would be in the answer."""

    most = 3

    def answer(self, request: Request) -> bytes:
        wanted = request.third if request.kind == recorded.GETBULK else len(request.names)
        if wanted > self.most:
            return recorded.encode(request, [], recorded.TOO_BIG, 0)
        return super().answer(request)


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


class SessionTrial:
    """The promises of `agent.snmp.session`, for the engine that a subclass names."""

    engine: ClassVar[Callable[[], Engine]]

    @pytest.fixture(autouse=True)
    async def _closed(self) -> AsyncIterator[None]:
        self.sessions: list[Session] = []
        yield
        for session in self.sessions:
            session.close()
        await asyncio.sleep(0)  # the event loop closes sockets in its next round

    async def opened(
        self,
        port: int,
        credentials: Credentials = COMMUNITY,
        timeout: float = 1.0,
        retries: int = 0,
        address: str = "127.0.0.1",
        seconds: float = 20.0,
    ) -> Session:
        """A session of the engine on trial."""
        until = time.monotonic() + seconds
        access = Access(address, port, credentials, timeout, retries, until)
        self.sessions.append(await type(self).engine().open(access))
        return self.sessions[-1]

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
            v3("reeder192", "sha", "aes192c"),
            v3("reeder256", "md5", "aes256c"),
        ],
        ids=lambda credentials: credentials.user or credentials.version,
    )
    @pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
    async def test_speaks_every_version(
        self, snmpd: Snmpd, credentials: Credentials, address: str
    ) -> None:
        session = await self.opened(snmpd.port, credentials, address=address)
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
    async def test_wrong_v3_credentials_are_told(
        self, snmpd: Snmpd, credentials: Credentials
    ) -> None:
        async def ask() -> None:
            session = await self.opened(snmpd.port, credentials, timeout=0.3)
            with contextlib.closing(session):
                await session.get([NAME])

        assert await reason_of(ask()) is Reason.AUTH

    async def test_a_wrong_community_is_silence(self, snmpd: Snmpd) -> None:
        wrong = Credentials(id="c", version="2c", community="wrong")  # type: ignore[arg-type]
        session = await self.opened(snmpd.port, wrong, timeout=0.1, retries=1)
        assert await reason_of(session.get([NAME])) is Reason.TIMEOUT
        assert session.requests == 2

    async def test_the_password_is_hashed_once(self, snmpd: Snmpd) -> None:
        """From a password to a key is a megabyte of hashing; the second session must not pay again."""
        engine = type(self).engine()
        spent = []
        for _ in range(2):
            began = time.process_time()
            until = time.monotonic() + 5
            access = Access(
                "127.0.0.1", snmpd.port, v3("sha512", "sha512", "aes256"), 1.0, 0, until
            )
            session = await engine.open(access)
            assert await session.get([NAME])
            spent.append(time.process_time() - began)
            session.close()
        assert spent[1] < spent[0] / 2

    async def test_nobody_listens(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as closed:
            closed.bind(("127.0.0.1", 0))
            port = closed.getsockname()[1]
        session = await self.opened(port)
        assert await reason_of(session.get([NAME])) is Reason.REFUSED

    @pytest.mark.parametrize(
        ("credentials", "words"),
        [
            (v3("u").model_copy(update={"user": None}), "needs a user"),
            (COMMUNITY.model_copy(update={"community": None}), "needs a community"),
            (v3("u", "sha", "aes128").model_copy(update={"auth": None}), "needs auth"),
        ],
    )
    async def test_credentials_that_cannot_be_used(
        self, credentials: Credentials, words: str
    ) -> None:
        with pytest.raises(ConfigError, match=words):
            await self.opened(1, credentials)

    async def test_protocols_that_the_engine_lacks_are_named(self) -> None:
        odd = v3("u", "sha", "aes128")
        assert odd.privacy is not None
        changed = odd.privacy.model_copy(update={"protocol": "3des"})
        with pytest.raises(ConfigError, match="privacy protocol 3des is not one that the engine"):
            await self.opened(1, odd.model_copy(update={"privacy": changed}))

    # Agents that break the rules

    async def test_other_peoples_answers_are_not_taken(self) -> None:
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
            session = await self.opened(port)
            for _ in range(3):
                assert await session.get([UP_TIME]) == {UP_TIME: 5}

    async def test_an_answer_from_another_address_is_not_taken(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as foreigner:
            foreigner.bind(("127.0.0.2", 0))

            def reply(data: bytes, address: recorded.Address) -> Iterable[bytes]:
                answer = device(SMALL).answer(recorded.decode(data))
                foreigner.sendto(answer, address)
                return ()

            async with replying(reply) as port:
                session = await self.opened(port, timeout=0.2)
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
    async def test_garbage_is_malformed_and_does_no_harm(self, garbage: bytes) -> None:
        async with answering(device(SMALL), twist=lambda request, answer: (garbage,)) as port:
            session = await self.opened(port, timeout=0.1)
            assert await reason_of(session.get([UP_TIME])) is Reason.MALFORMED

    async def test_a_truncated_answer_is_malformed(self) -> None:
        async with answering(device(SMALL), twist=lambda r, answer: (answer[:-3],)) as port:
            assert (
                await reason_of((await self.opened(port, timeout=0.1)).get([UP_TIME]))
                is Reason.MALFORMED
            )

    @settings(
        max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(st.integers(0, 60), st.integers(0, 255), st.integers(0, 70))
    async def test_no_flipped_or_cut_octet_escapes_as_another_exception(
        self, at: int, octet: int, keep: int
    ) -> None:
        def twist(request: Request, answer: bytes) -> Iterable[bytes]:
            at_ = at % len(answer)
            broken = answer[:at_] + bytes((octet,)) + answer[at_ + 1 :]
            yield broken[: max(keep, at_ + 1)]
            yield broken

        async with answering(device(SMALL), twist=twist) as port:
            session = await self.opened(port, timeout=0.02)
            with contextlib.suppress(SnmpFailure):
                assert set(await session.get([UP_TIME, DESCR])) == {UP_TIME, DESCR}

    async def test_v2c_in_answer_to_v3_is_refused(self) -> None:
        """An attacker who downgrades the conversation gets no reading in."""
        hello = Request(1, b"public", recorded.GET, 1, 0, 0, ())
        answer = recorded.encode(hello, [(arcs(UP_TIME), number(1))])
        async with replying(lambda data, address: (answer,)) as port:
            assert (
                await reason_of(self.opened(port, v3("sha", "sha", "aes128"), 0.1))
                is Reason.MALFORMED
            )

    @pytest.mark.parametrize("behind", [True, False])
    @pytest.mark.parametrize("rows", [0, 1, 19, 20, 40, 53])
    @pytest.mark.parametrize("version", ["1", "2c"])
    async def test_a_walk_is_complete(self, rows: int, behind: bool, version: str) -> None:
        credentials = COMMUNITY.model_copy(update={"version": version})
        async with answering(Table(rows, behind)) as port:
            walk = await (await self.opened(port, credentials)).walk(TABLE)
            assert names_of(walk.rows) == [f"port {n}" for n in range(1, rows + 1)]
            assert walk.broken is None

    async def test_a_walk_asks_for_twenty_rows_at_once(self) -> None:
        table = Table(53)
        async with answering(table) as port:
            await (await self.opened(port)).walk(TABLE)
        assert [request.third for request in table.requests] == [20, 20, 20]

    @pytest.mark.parametrize("version", ["1", "2c"])
    async def test_a_walk_in_a_circle_ends_and_keeps_the_good_rows(self, version: str) -> None:
        circle = Circle(2)
        credentials = COMMUNITY.model_copy(update={"version": version})
        async with answering(circle) as port:
            walk = await (await self.opened(port, credentials)).walk(TABLE)
        assert names_of(walk.rows) == ["port 1", "port 2"]
        assert "do not increase" in (walk.broken or "")
        assert len(circle.requests) <= 4

    async def test_an_endless_table_ends_at_the_limit(self) -> None:
        async with answering(Endless(1)) as port:
            walk = await (await self.opened(port)).walk(TABLE, WalkLimits(rows=100))
        assert len(walk.rows) == 100
        assert "more than 100 rows" in (walk.broken or "")

    async def test_too_big_is_halved_until_it_fits(self) -> None:
        oids = [f"{TABLE}.{n}" for n in range(1, 31)]
        async with answering(TooBig(30)) as port:
            session = await self.opened(port)
            found = await session.get([*oids, f"{TABLE}.99"])
            names = {f"{TABLE}.{n}": f"port {n}".encode() for n in range(1, 31)}
            assert found == {**names, f"{TABLE}.99": None}
            assert names_of((await session.walk(TABLE)).rows) == [f"port {n}" for n in range(1, 31)]

    async def test_objects_that_are_all_missing_cost_at_most_one_more_request(self) -> None:
        """With an object known to exist beside them, their absence is certain at once."""
        small = device(SMALL)
        async with answering(small) as port:
            session = await self.opened(port)
            await session.get([UP_TIME])
            small.requests.clear()
            assert set((await session.get([f"{TABLE}.{n}.0" for n in range(20)])).values()) == {
                None
            }
            assert len(small.requests) <= 2

    async def test_one_missing_object_does_not_spoil_a_v1_answer(self) -> None:
        credentials = COMMUNITY.model_copy(update={"version": "1"})
        async with answering(Table(9)) as port:
            session = await self.opened(port, credentials)
            asked = [UP_TIME, *(f"{TABLE}.{n}" for n in range(1, 13))]
            found = await session.get(asked)
            assert [oid for oid in asked if found[oid] is None] == [
                f"{TABLE}.{n}" for n in (10, 11, 12)
            ]

    async def test_a_lost_request_is_sent_again(self) -> None:
        seen: list[Request] = []

        def twist(request: Request, answer: bytes) -> Iterable[bytes]:
            seen.append(request)
            return (answer,) if len(seen) % 2 == 0 else ()

        async with answering(Table(5), twist=twist) as port:
            session = await self.opened(port, timeout=0.1, retries=1)
            assert (await session.get([UP_TIME]))[UP_TIME] == 5
            assert len((await session.walk(TABLE)).rows) == 5

    async def test_nothing_is_asked_after_the_deadline(self) -> None:
        quiet = device(SMALL)
        async with answering(quiet, twist=lambda request, answer: ()) as port:
            session = await self.opened(port, timeout=5, retries=5, seconds=0.2)
            began = time.monotonic()
            assert await reason_of(session.get([UP_TIME])) is Reason.TIMEOUT
            assert time.monotonic() - began < 1
            assert await reason_of(session.get([UP_TIME])) is Reason.TIMEOUT
            assert len(quiet.requests) == 1

    # Signatures

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
    async def test_an_answer_without_our_signature_is_thrown_away(
        self, flags: int, signature: bytes
    ) -> None:
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

            async def ask() -> None:
                session = await self.opened(port, v3("signed", "sha"), timeout=0.2)
                await session.get([UP_TIME])

            with pytest.raises(SnmpFailure, match="1 answers were not signed with our key") as told:
                await ask()
        assert told.value.reason is Reason.AUTH

    async def test_an_unsigned_report_may_say_that_the_key_is_wrong(self) -> None:
        def reply(data: bytes, address: recorded.Address) -> Iterable[bytes]:
            message, _ = v3_ids(data)
            user, name = (b"signed", WRONG_DIGEST) if ENGINE in data else (b"", UNKNOWN_ENGINE)
            return (v3_message(message, 0, user, b"", v3_pdu(REPORT, 0, name, ONE)),)

        async with replying(reply) as port:
            with contextlib.closing(await self.opened(port, v3("signed", "sha"))) as session:
                assert await reason_of(session.get([UP_TIME])) is Reason.AUTH
