"""Opening sockets with and without rights, and what they let through. Real sockets, real kernel."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import time
from pathlib import Path

import pytest

from agent.icmp import sockets
from agent.icmp.address import numeric_target
from agent.icmp.engine import Engine
from agent.icmp.exchange import Exchange, wall_ahead_of_monotonic_ns
from agent.icmp.packets import MAX_REQUESTS, Dialect
from agent.icmp.refusal import refused_by_kernel, refused_by_network
from agent.icmp.sockets import IcmpSocket, NoIcmpSocket, open_icmp_socket
from agent.probe import Reason
from telemetry.errors import LtmonError
from tests.agent.icmp.far import drop_rights, in_new_namespace, in_thread

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("requires_root")]

both = pytest.mark.parametrize("version", [4, 6])
HERE = {4: "127.0.0.1", 6: "::1"}


def as_ordinary_user(version: int) -> IcmpSocket:
    """Opens a socket without any capability."""
    drop_rights()
    return open_icmp_socket(version)


@both
def test_raw_first(version: int) -> None:
    """With the right to it, a raw socket is opened, with room for thousands of replies."""
    port = open_icmp_socket(version)
    assert port.raw
    assert port.capacity >= 4000
    port.close()


@both
async def test_datagram_fallback(version: int) -> None:
    """An ordinary user gets a datagram socket where the kernel allows it, and it measures."""
    port = in_new_namespace(lambda: as_ordinary_user(version))
    assert not port.raw
    engine = Engine(lambda _: port)
    burst = await engine.ping(HERE[version], count=3, spacing=0.001)
    engine.close()
    assert burst.received == 3


@both
def test_forbidden(version: int) -> None:
    """Where neither is allowed, one sentence says what to do about it."""
    with pytest.raises(NoIcmpSocket, match=r"CAP_NET_RAW.*ping_group_range") as caught:
        in_thread(lambda: as_ordinary_user(version))
    assert caught.value.reason is Reason.FORBIDDEN
    assert isinstance(caught.value, LtmonError)


@pytest.mark.parametrize(
    ("number", "reason", "words"),
    [
        (errno.EAFNOSUPPORT, Reason.UNREACHABLE, "this machine has no IPv6"),
        (errno.EMFILE, Reason.INTERNAL, "no ICMP socket can be opened: Too many open files"),
    ],
)
def test_other_failures(
    monkeypatch: pytest.MonkeyPatch, number: int, reason: Reason, words: str
) -> None:
    """A machine without IPv6 or without descriptors is told apart from missing rights."""

    def fail(dialect: Dialect, *, raw: bool) -> IcmpSocket:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(sockets, "IcmpSocket", fail)
    with pytest.raises(NoIcmpSocket, match=words) as caught:
        open_icmp_socket(6)
    assert caught.value.reason is reason


def test_failed_set_up_closes(monkeypatch: pytest.MonkeyPatch) -> None:
    """When an option cannot be set the descriptor is given back, as warnings would tell."""
    monkeypatch.setattr(sockets, "_SO_TIMESTAMPNS", 9999)
    before = descriptors()
    with pytest.raises(NoIcmpSocket, match="Protocol not available"):
        open_icmp_socket(4)
    assert descriptors() == before


def descriptors() -> int:
    """How many descriptors this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


async def test_no_leak() -> None:
    """Engines that come and go leave no descriptor behind."""
    before = descriptors()
    for _ in range(20):
        engine = Engine()
        await engine.ping("127.0.0.1", count=1)
        await engine.ping("::1", count=1)
        engine.close()
    assert descriptors() == before


async def test_other_programs() -> None:
    """Another engine's replies, on the same machine, are kept from ours by the kernel."""
    ours, other = open_icmp_socket(4), Engine()
    ours_exchange = Exchange(ours)
    found = await other.sweep([f"127.0.1.{n}" for n in range(100)])
    assert None not in found.values()
    with pytest.raises(BlockingIOError):
        ours.receive()
    assert not ours_exchange.uncounted
    ours_exchange.close()
    other.close()


@both
async def test_many_here(version: int) -> None:
    """Bursts to one's own machine lose nothing and read less than the time they took."""
    engine = Engine()
    targets = [f"127.0.2.{n}" for n in range(200)] if version == 4 else ["::1"] * 200
    began = time.perf_counter()
    bursts = await asyncio.gather(
        *(engine.ping(target, count=5, spacing=0.01, timeout=5) for target in targets)
    )
    took = time.perf_counter() - began
    engine.close()
    assert {burst.received for burst in bursts} == {5}
    assert all(0 < value < took for burst in bursts for value in burst.replies)
    assert [burst.address for burst in bursts] == targets


@pytest.mark.parametrize("size", [0, 16, 57, 8192])
async def test_sizes(size: int) -> None:
    """Any size of payload comes back, odd ones too."""
    engine = Engine()
    for address in HERE.values():
        burst = await engine.ping(address, count=2, spacing=0.0, size=size)
        assert burst.received == 2
    engine.close()


async def test_sweep_here() -> None:
    """A sweep over both families, with a repetition, gives each address once, in order."""
    engine = Engine()
    addresses = [f"127.0.3.{n}" for n in range(250)]
    found = await engine.sweep([*addresses, "::1", "127.0.3.0"])
    engine.close()
    assert list(found) == [*addresses, "::1"]
    assert all(value is not None and 0 < value < 1 for value in found.values())


async def test_sweep_of_nothing() -> None:
    """No addresses: nothing is opened, nothing found."""
    engine = Engine()
    assert await engine.sweep([]) == {}
    engine.close()


@pytest.mark.parametrize(
    "text", ["host.example", "", "1.2.3", "01.2.3.4", "1.2.3.4\0", "::g", "fe80::1%nowhere"]
)
async def test_names_refused(text: str) -> None:
    """Names and near-addresses are refused before anything could ask a resolver."""
    engine = Engine()
    with pytest.raises(ValueError, match=r"not a numeric address|embedded null"):
        await engine.sweep([text])
    with pytest.raises(ValueError, match=r"not a numeric address|embedded null"):
        await engine.ping(text)
    engine.close()


def test_spelling() -> None:
    """An IPv6 address is spelled as the kernel names the source of a reply; a zone becomes a number."""
    assert numeric_target("FD00:0:0::1") == ("fd00::1", 0, 0, 0)
    assert numeric_target("fe80::1%lo") == ("fe80::1", 0, 0, socket.if_nametoindex("lo"))
    assert numeric_target("10.0.0.1") == ("10.0.0.1", 0)


async def test_too_many_for_one_flight() -> None:
    """A flight has as many requests as there are sequence numbers; more are refused at once."""
    exchange = Exchange(open_icmp_socket(4))
    with pytest.raises(ValueError, match="65536 requests, not 65537"):
        exchange.launch([("127.0.0.1", 0)] * (MAX_REQUESTS + 1), 1.0, 56)
    exchange.close()


async def test_closed_while_under_way() -> None:
    """A ping whose engine is closed ends soon, and says that the rest was not sent."""
    engine = Engine()
    task = asyncio.create_task(engine.ping("127.0.0.1", count=2, spacing=0.0, timeout=0.05))
    await asyncio.sleep(0)
    engine.close()
    async with asyncio.timeout(0.5):
        burst = await task
    assert burst.received == 0
    assert burst.refusals[0].sentence == "this machine did not send it: bad file descriptor"


def test_clock_difference() -> None:
    """The difference of the clocks is right within what reading them takes."""
    expected = time.time_ns() - time.monotonic_ns()
    assert abs(wall_ahead_of_monotonic_ns() - expected) < 50_000_000


def test_unknown_code() -> None:
    """Codes without words keep their numbers; an errno keeps its own words."""
    assert refused_by_network(4, 3, 99, "10.0.0.1").sentence == "10.0.0.1 says: ICMP type 3 code 99"
    assert refused_by_kernel(errno.EPERM).reason is Reason.FORBIDDEN
