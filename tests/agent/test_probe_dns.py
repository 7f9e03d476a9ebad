"""The DNS probe against a name server of the test's own, on a real socket."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.resolver
import dns.rrset
import pytest

from agent.probe import Reason, Result, Target
from agent.probes.dns import DnsProbe
from inventory.check import DnsCheck

pytestmark = pytest.mark.anyio

Answer = Callable[[dns.message.Message], bytes]


class Responder(asyncio.DatagramProtocol):
    """Answers each question with what `answer` makes of it."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.transport.sendto(self.answer(dns.message.from_wire(data)), addr)  # type: ignore[attr-defined]


@asynccontextmanager
async def serving(answer: Answer, tcp_answer: Answer | None = None) -> AsyncIterator[int]:
    """The port of a name server on loopback, over UDP and, if wanted, TCP."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        length = int.from_bytes(await reader.readexactly(2), "big")
        assert tcp_answer is not None
        reply = tcp_answer(dns.message.from_wire(await reader.readexactly(length)))
        writer.write(len(reply).to_bytes(2, "big") + reply)
        writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: Responder(answer), local_addr=("127.0.0.1", port)
    )
    async with server:
        try:
            yield port
        finally:
            transport.close()


def records(*values: str, type_: str = "A", name: str = "portal.example.vn.") -> Answer:
    """Answers with these records."""

    def answer(query: dns.message.Message) -> bytes:
        reply = dns.message.make_response(query)
        if values:
            reply.answer.append(dns.rrset.from_text(name, 60, "IN", type_, *values))
        return reply.to_wire()

    return answer


def code(rcode: dns.rcode.Rcode) -> Answer:
    """Answers with this code and nothing else."""

    def answer(query: dns.message.Message) -> bytes:
        reply = dns.message.make_response(query)
        reply.set_rcode(rcode)
        return reply.to_wire()

    return answer


async def check(port: int, deadline: float = 2.0, **options: object) -> Result:
    """One question to a server on loopback."""
    asked = {"server": "127.0.0.1", "port": port, "name": "portal.example.vn", **options}
    probe = DnsProbe()
    target = Target("portal", "office", "service", "")
    result = await probe.check(target, DnsCheck(**asked), deadline)
    await probe.close()
    return result


def values(result: Result) -> dict[str, float]:
    """Readings by name."""
    return {reading.metric: reading.value for reading in result.readings}


async def test_answer() -> None:
    """A record of the type asked for is a good answer, and timed."""
    async with serving(records("10.1.1.1", "10.1.1.2")) as port:
        result = await check(port)
    assert result.ok, result.working
    assert values(result)["dns_answer_ok"] == 1
    assert 0 < values(result)["dns_response_seconds"] < result.seconds
    assert "Answer: 10.1.1.1, 10.1.1.2." in result.working


async def test_the_device_is_the_server() -> None:
    """Without a server in the options the target's address is asked."""
    async with serving(records("10.1.1.1")) as port:
        options = DnsCheck(port=port, name="portal.example.vn")
        result = await DnsProbe().check(Target("s", "o", "server", "127.0.0.1"), options, 2)
    assert result.ok


async def test_the_systems_own_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """With neither, the name server of this machine is asked."""

    class Configured:
        nameservers = ("127.0.0.1",)

    monkeypatch.setattr(dns.resolver, "Resolver", Configured)
    async with serving(records("10.1.1.1")) as port:
        assert (await check(port, server=None)).ok
    Configured.nameservers = ()
    assert (await check(9, server=None)).reason is Reason.NAME


@pytest.mark.parametrize(
    ("type_", "value", "expect", "good"),
    [
        ("A", "10.1.1.1", "10.1.1.1", True),
        ("A", "10.1.1.1", "10.1.1.9", False),
        ("CNAME", "Web.Example.VN.", "web.example.vn", True),
        ("MX", "10 mail.example.vn.", "10 mail.example.vn.", True),
        ("AAAA", "fd00::1", "fd00::1", True),
    ],
)
async def test_expected_values(type_: str, value: str, expect: str, good: bool) -> None:
    """What is expected must be among the answer, whatever the case and the last dot."""
    async with serving(records(value, type_=type_)) as port:
        result = await check(port, type=type_, expect=[expect])
    assert result.ok is good
    assert values(result)["dns_answer_ok"] == good
    assert good or result.reason is Reason.CONTENT


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (code(dns.rcode.NXDOMAIN), Reason.NAME),
        (code(dns.rcode.SERVFAIL), Reason.STATUS),
        (code(dns.rcode.REFUSED), Reason.STATUS),
        (records(), Reason.CONTENT),
        (records("other.example.vn.", type_="CNAME"), Reason.CONTENT),
    ],
    ids=["nxdomain", "servfail", "refused", "empty", "other-type"],
)
async def test_wrong_answers(answer: Answer, reason: Reason) -> None:
    """Each wrong answer has its reason; it is timed and reads 0."""
    async with serving(answer) as port:
        result = await check(port)
    assert result.reason is reason
    assert values(result)["dns_answer_ok"] == 0
    assert "dns_response_seconds" in values(result)


async def test_cut_answer_is_asked_again_by_tcp() -> None:
    """An answer too long for UDP is fetched by TCP."""

    def cut(query: dns.message.Message) -> bytes:
        reply = dns.message.make_response(query)
        reply.flags |= dns.flags.TC
        return reply.to_wire()

    async with serving(cut, records("10.1.1.1")) as port:
        result = await check(port)
    assert result.ok
    assert any("by TCP" in line for line in result.working)


@pytest.mark.parametrize("reply", [b"\x00" * 5, b"\x81\x80" * 300, b"GET / HTTP/1.1\r\n"])
async def test_garbage(reply: bytes) -> None:
    """What is no DNS message is `malformed`."""
    async with serving(lambda _: reply) as port:
        result = await check(port)
    assert result.reason is Reason.MALFORMED
    assert values(result) == {}


async def test_forged_id() -> None:
    """An answer to another question than ours does not count."""

    def forged(query: dns.message.Message) -> bytes:
        query.id ^= 1
        return records("10.6.6.6")(query)

    async with serving(forged) as port:
        result = await check(port)
    assert result.reason is Reason.MALFORMED


async def test_closed_port_and_silence() -> None:
    """A closed port is told by the kernel at once; silence ends at the deadline."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        late = await check(port, deadline=0.3)
    closed = await check(port)
    assert (late.reason, closed.reason) == (Reason.TIMEOUT, Reason.REFUSED)
    assert late.seconds < 1
    assert values(late) == values(closed) == {}


async def test_questions_that_are_none() -> None:
    """A missing or impossible name is said in words."""
    assert (await check(9, name=None)).reason is Reason.FORBIDDEN
    options = DnsCheck().model_copy(update={"server": "127.0.0.1", "name": "a" * 70 + ".vn"})
    result = await DnsProbe().check(Target("x", "s", "service", ""), options, 1)
    assert result.reason is Reason.MALFORMED
    assert "is not a question" in result.working[-1]


async def test_hostile_text() -> None:
    """What a record says is made safe before it is shown."""
    async with serving(records('"\\027[31mred"', type_="TXT")) as port:
        result = await check(port, type="TXT")
    assert result.ok
    assert all("\x1b" not in line for line in result.working)
