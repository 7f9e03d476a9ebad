"""The TCP probe, and which addresses a probe may ask at all."""

from __future__ import annotations

import asyncio
import errno
import socket
import threading
from contextlib import ExitStack

import pytest

from agent.address import (
    MAX_LOOKUPS,
    Lookup,
    Scope,
    redirect_refusal,
    refusal,
    scope_of,
    try_each,
)
from agent.probe import Reason, Result, Target
from agent.probes.tcp import TcpProbe
from agent.trial import CheckFailed, Trial, explain, reason_of
from inventory.check import TcpCheck

pytestmark = pytest.mark.anyio


async def check(
    port: int | None,
    address: str = "127.0.0.1",
    deadline: float = 2.0,
    or_ports: tuple[int, ...] = (),
) -> Result:
    """One check of this port, or of one of these."""
    probe = TcpProbe()
    target = Target("box", "office", "server", address)
    result = await probe.check(target, TcpCheck(port=port, or_ports=or_ports), deadline)
    await probe.close()
    return result


async def test_open_port() -> None:
    """A listening port is connected to and timed."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        result = await check(server.getsockname()[1])
    assert result.ok
    (reading,) = result.readings
    assert reading.metric == "tcp_connect_seconds"
    assert 0 < reading.value < result.seconds
    assert "The port is open" in result.working[-1]


async def test_open_port_over_ipv6() -> None:
    """The same over IPv6, by a host of the options' own."""
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as server:
        options = TcpCheck(port=server.getsockname()[1], host="::1")
        result = await TcpProbe().check(Target("x", "s", "other", ""), options, 2)
    assert result.ok


async def test_one_of_several_ports() -> None:
    """A meeting room's terminal listens at one of three ports, and nobody remembers at which."""
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.socket() as a,
        socket.socket() as b,
    ):
        for taken in (a, b):
            taken.bind(("127.0.0.1", 0))  # nobody else gets it, and nobody listens
        first, second, listening = (one.getsockname()[1] for one in (a, b, server))
        result = await check(first, or_ports=(second, listening))
        nowhere = await check(first, or_ports=(second,))
    assert result.ok
    assert [reading.metric for reading in result.readings] == ["tcp_connect_seconds"]
    knocked = [line for line in result.working if line.startswith("Knocking")]
    assert [
        str(port) in line for port, line in zip((first, second, listening), knocked, strict=True)
    ]
    assert nowhere.reason is Reason.REFUSED
    assert not nowhere.readings


async def test_closed_port() -> None:
    """A closed port is `refused`, and has no time."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    result = await check(port)
    assert (result.reason, result.readings) == (Reason.REFUSED, ())


async def test_silent_port() -> None:
    """A full backlog drops the handshake like a firewall does: `timeout`, at the deadline."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server, ExitStack() as held:
        for _ in range(4):  # the kernel takes one or two more than the backlog
            filling = held.enter_context(socket.socket())
            filling.setblocking(False)
            filling.connect_ex(server.getsockname())
        result = await check(server.getsockname()[1], deadline=0.3)
    assert result.reason is Reason.TIMEOUT
    assert result.working[-1].endswith("Gave up after 0.3 s.")
    assert result.seconds < 1


async def test_port_that_nobody_named() -> None:
    """Without a port there is nothing to ask; said in words, not raised."""
    assert (await check(None)).reason is Reason.FORBIDDEN


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (errno.ENETUNREACH, Reason.UNREACHABLE),
        (errno.EHOSTUNREACH, Reason.UNREACHABLE),
        (errno.EACCES, Reason.FORBIDDEN),
        (errno.ECONNRESET, Reason.MALFORMED),
        (errno.ETIMEDOUT, Reason.TIMEOUT),
        (errno.EMFILE, Reason.INTERNAL),
    ],
)
async def test_what_the_system_says(number: int, reason: Reason) -> None:
    """Every answer of the operating system has its reason and a sentence."""
    error = OSError(number, "text of the system")
    assert reason_of(error) is reason
    assert explain(error).endswith(".")


async def test_network_without_a_way() -> None:
    """The system's own "no route" is `unreachable`."""

    async def steps() -> None:
        raise OSError(errno.ENETUNREACH, "Network is unreachable")

    result = await Trial().run(steps(), 1)
    assert result.reason is Reason.UNREACHABLE
    assert result.working == ("The network has no way there (Network is unreachable).",)


@pytest.mark.parametrize(
    ("address", "scope"),
    [
        ("0.0.0.0", Scope.NOWHERE),
        ("::", Scope.NOWHERE),
        ("255.255.255.255", Scope.NOWHERE),
        ("224.0.0.1", Scope.NOWHERE),
        ("ff02::1", Scope.NOWHERE),
        ("127.0.0.1", Scope.HOST),
        ("127.255.0.9", Scope.HOST),
        ("::1", Scope.HOST),
        ("::ffff:127.0.0.1", Scope.HOST),
        ("169.254.169.254", Scope.LINK),
        ("fe80::1", Scope.LINK),
        ("10.11.1.1", Scope.PRIVATE),
        ("100.64.0.1", Scope.PRIVATE),
        ("fd00::1", Scope.PRIVATE),
        ("8.8.8.8", Scope.GLOBAL),
        ("2400:cb00::1", Scope.GLOBAL),
    ],
)
async def test_scopes(address: str, scope: Scope) -> None:
    """How widely each kind of address is reachable."""
    assert scope_of(address) is scope


@pytest.mark.parametrize(
    ("host", "address", "allowed"),
    [
        ("127.0.0.1", "127.0.0.1", True),
        ("169.254.3.4", "169.254.3.4", True),
        ("localhost", "127.0.0.1", True),
        ("LOCALHOST.", "::1", True),
        ("portal.example.vn", "10.1.1.1", True),
        ("portal.example.vn", "127.0.0.1", False),
        ("portal.example.vn", "169.254.169.254", False),
        ("localhost", "169.254.169.254", False),
        ("localhost.example.vn", "127.0.0.1", False),
        ("0x7f000001", "127.0.0.1", False),
        ("2130706433", "127.0.0.1", False),
        ("0.0.0.0", "0.0.0.0", False),
        ("224.0.0.1", "224.0.0.1", False),
    ],
)
async def test_who_may_be_asked(host: str, address: str, allowed: bool) -> None:
    """Loopback and the cable only when the inventory names that very address."""
    assert (refusal(host, address) is None) is allowed


@pytest.mark.parametrize(
    ("came_from", "address", "allowed"),
    [
        ("8.8.8.8", "1.1.1.1", True),
        ("8.8.8.8", "10.0.0.1", False),
        ("8.8.8.8", "127.0.0.1", False),
        ("8.8.8.8", "169.254.169.254", False),
        ("10.0.0.1", "10.0.0.2", True),
        ("10.0.0.1", "8.8.8.8", True),
        ("10.0.0.1", "127.0.0.1", False),
        ("127.0.0.1", "127.0.0.1", True),
        ("127.0.0.1", "127.0.0.2", False),
        ("127.0.0.1", "10.0.0.1", True),
        ("8.8.8.8", "0.0.0.0", False),
    ],
)
async def test_where_a_redirect_may_go(came_from: str, address: str, allowed: bool) -> None:
    """Never further inside than where it came from."""
    assert (redirect_refusal(came_from, address) is None) is allowed


async def test_spelled_out_loopback_is_refused() -> None:
    """Loopback in another spelling is a name that leads inside."""
    result = await check(9, address="0x7f000001")
    assert result.reason is Reason.FORBIDDEN


async def test_unknown_name() -> None:
    """A name that nobody knows is `name`."""
    result = await check(9, address="nowhere.invalid")
    assert result.reason is Reason.NAME
    assert "nowhere.invalid" in result.working[-1]


async def test_name_server_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server that does not answer is told apart from one that does not know."""

    def away(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", away)
    with pytest.raises(CheckFailed, match="no name server answered"):
        await Lookup().addresses("portal.example.vn")


async def test_hanging_look_ups_stay_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """While name resolution hangs, checks end at their deadline and threads do not pile up."""
    release, running = threading.Event(), []

    def hang(*_: object, **__: object) -> list[object]:
        running.append(threading.current_thread())
        release.wait(30)
        raise socket.gaierror(socket.EAI_AGAIN, "late")

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    probe = TcpProbe()
    target = Target("box", "office", "server", "portal.example.vn")
    results = await asyncio.gather(
        *(probe.check(target, TcpCheck(port=9), 0.2) for _ in range(3 * MAX_LOOKUPS))
    )
    assert {result.reason for result in results} == {Reason.TIMEOUT}
    assert len(running) == MAX_LOOKUPS
    assert all(thread.daemon for thread in running)
    release.set()
    for thread in running:
        await asyncio.to_thread(thread.join, 5)
    monkeypatch.undo()
    assert (await probe.check(target, TcpCheck(port=9, host="127.0.0.1"), 1)).reason
    with pytest.raises(CheckFailed):  # the slots were given back
        await asyncio.wait_for(probe._lookup.addresses("nowhere.invalid"), 5)


async def test_each_address_has_its_share() -> None:
    """A first address that swallows everything leaves time for the second."""
    asked = []

    async def attempt(address: str) -> str:
        asked.append(address)
        if address == "a":
            await asyncio.Event().wait()
        return address

    assert await try_each(("a", "b"), 0.2, attempt) == "b"
    assert asked == ["a", "b"]


async def test_last_error_counts() -> None:
    """When every address fails, the last failure is told."""

    async def attempt(address: str) -> str:
        raise ConnectionRefusedError(address)

    with pytest.raises(ConnectionRefusedError, match="b"):
        await try_each(("a", "b"), 1, attempt)
