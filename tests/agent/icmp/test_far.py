"""The engine against a far side whose delays, losses and lies are known."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Iterator

import pytest

from agent.icmp.engine import Engine
from agent.icmp.refusal import Refusal
from agent.probe import Reason
from tests.agent.icmp.far import (
    ROUTER,
    Far,
    Request,
    answer,
    answer_after,
    dead_neighbours,
    far_network,
    host,
    silence,
)

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("requires_root")]

LONG = 30.0  # a timeout that a test never waits for: it returns because all is known


@pytest.fixture(params=["raw", "datagram"])
def far(request: pytest.FixtureRequest) -> Iterator[Far]:
    """A far side, asked over either kind of socket."""
    with far_network(raw=request.param == "raw") as network:
        yield network


@pytest.fixture
def far_raw() -> Iterator[Far]:
    """A far side for what only raw sockets are exposed to."""
    with far_network(raw=True) as network:
        yield network


both = pytest.mark.parametrize("version", [4, 6])


@both
async def test_delay(far: Far, version: int) -> None:
    """A round trip reads what the way takes: never less, and not much more."""
    address = host(version, 1)
    far.hosts[address] = answer_after(0.15)
    far.start()
    burst = await far.engine.ping(address, count=5, spacing=0.005, timeout=LONG)
    far.engine.close()
    assert burst.received == 5
    assert burst.min is not None
    assert burst.median is not None
    assert 0.15 <= burst.min <= burst.median < 0.5


@both
async def test_loss(far: Far, version: int) -> None:
    """Exactly the requests that the far side dropped are lost."""
    address = host(version, 1)
    far.hosts[address] = lambda request: [] if request.nth in (1, 4, 5) else answer(request)
    far.start()
    burst = await far.engine.ping(address, count=10, spacing=0.002, timeout=0.6)
    far.engine.close()
    lost = [index for index, value in enumerate(burst.round_trips) if value is None]
    assert lost == [1, 4, 5]
    assert burst.loss_ratio == pytest.approx(0.3)


@both
async def test_silence(far: Far, version: int) -> None:
    """A dead host is a result: all lost, nobody to blame."""
    far.start()
    burst = await far.engine.ping(host(version, 1), count=3, spacing=0.002, timeout=0.05)
    far.engine.close()
    assert (burst.sent, burst.received, burst.refusals) == (3, 0, ())


@both
async def test_duplicates(far: Far, version: int) -> None:
    """A reply that comes three times counts once."""
    address = host(version, 1)
    far.hosts[address] = lambda request: [(0.0, request.reply())] * 3
    far.start()
    burst = await far.engine.ping(address, count=4, spacing=0.02, timeout=LONG)
    far.engine.close()
    assert burst.received == 4
    assert burst.duplicates >= 6  # the last two may come when nobody waits any more


@both
async def test_wrong_source(far: Far, version: int) -> None:
    """A reply from another address than the one that was asked is refused and counted."""
    address, other = host(version, 1), host(version, 2)
    far.hosts[address] = lambda request: [(0.0, request.reply(source=other))]
    far.start()
    burst = await far.engine.ping(address, count=3, spacing=0.01, timeout=0.2)
    far.engine.close()
    assert (burst.received, burst.wrong_source) == (0, 3)


@both
async def test_late(far: Far, version: int) -> None:
    """A reply after the timeout is counted as late, also while the burst is still under way."""
    address = host(version, 1)
    far.hosts[address] = lambda request: [(0.4 if request.nth < 2 else 0.0, request.reply())]
    far.start()
    burst = await far.engine.ping(address, count=3, spacing=0.3, timeout=0.25)
    far.engine.close()
    assert [value is None for value in burst.round_trips] == [True, True, False]
    assert burst.late >= 1


@both
@pytest.mark.parametrize("quoted_bytes", [8, 500])
async def test_unreachable(far_raw: Far, version: int, quoted_bytes: int) -> None:
    """A router's word ends the waiting, also when it quotes no more than RFC 792 demands."""
    address = host(version, 1)
    kind, code = {4: (3, 1), 6: (1, 3)}[version]
    far_raw.hosts[address] = lambda request: [
        (0.0, request.error(kind, code, quoted_bytes=quoted_bytes))
    ]
    far_raw.start()
    burst = await far_raw.engine.ping(address, count=3, spacing=0.01, timeout=LONG)
    far_raw.engine.close()
    words = {4: "host unreachable", 6: "address unreachable"}[version]
    expected = Refusal(Reason.UNREACHABLE, f"{ROUTER[version]} says: {words}")
    assert (burst.received, burst.refusals) == (0, (expected,))


@both
async def test_prohibited(far: Far, version: int) -> None:
    """A firewall's word is told apart from a missing way; both kinds of socket hear it."""
    address = host(version, 1)
    kind, code = {4: (3, 13), 6: (1, 1)}[version]
    far.hosts[address] = lambda request: [(0.0, request.error(kind, code))]
    far.start()
    burst = await far.engine.ping(address, count=3, spacing=0.01, timeout=LONG)
    far.engine.close()
    words = "communication administratively prohibited"
    assert burst.refusals == (Refusal(Reason.FORBIDDEN, f"{ROUTER[version]} says: {words}"),)


@both
async def test_time_exceeded(far: Far, version: int) -> None:
    """A routing loop is named."""
    address = host(version, 1)
    kind = {4: 11, 6: 3}[version]
    far.hosts[address] = lambda request: [(0.0, request.error(kind, 0))]
    far.start()
    burst = await far.engine.ping(address, count=1, timeout=LONG)
    far.engine.close()
    assert burst.refusals[0].reason is Reason.UNREACHABLE
    assert "routing loop" in burst.refusals[0].sentence


@both
async def test_reply_overrules(far_raw: Far, version: int) -> None:
    """A forged or hasty error does not undo a reply that comes in time."""
    address = host(version, 1)
    kind, code = {4: (3, 1), 6: (1, 3)}[version]
    far_raw.hosts[address] = lambda request: [
        (0.0, request.error(kind, code)),
        (0.02, request.reply()),
    ]
    far_raw.start()
    burst = await far_raw.engine.ping(address, count=5, spacing=0.05, timeout=LONG)
    far_raw.engine.close()
    assert burst.received >= 4  # of the last one only the error is waited for
    assert burst.refusals


@both
async def test_neighbour_of_refused(far: Far, version: int) -> None:
    """A refusal for one host costs another nothing, although both share a socket."""
    refused, fine = host(version, 1), host(version, 2)
    kind, code = {4: (3, 1), 6: (1, 3)}[version]
    far.hosts[refused] = lambda request: [(0.0, request.error(kind, code))]
    far.hosts[fine] = answer
    far.start()
    bad, good = await asyncio.gather(
        far.engine.ping(refused, count=40, spacing=0.002, timeout=LONG),
        far.engine.ping(fine, count=40, spacing=0.002, timeout=LONG),
    )
    far.engine.close()
    assert (bad.received, bad.refusals[0].reason) == (0, Reason.UNREACHABLE)
    assert (good.received, good.refusals) == (40, ())


async def test_refusal_met_by_sendto(far: Far) -> None:
    """A refusal that waits in the socket does not fail the next request, to somebody else."""
    refused, fine = host(4, 1), host(4, 2)
    far.hosts[refused] = lambda request: [(0.0, request.error(3, 1))]
    far.hosts[fine] = answer
    far.start()
    waiting = asyncio.create_task(far.engine.ping(refused, count=1, timeout=LONG))
    await far.heard.wait()
    burst = await far.engine.ping(fine, count=3, spacing=0.0, timeout=LONG)
    assert (burst.received, burst.refusals) == (3, ())
    assert (await waiting).refusals
    far.engine.close()


async def test_damaged(far_raw: Far) -> None:
    """A reply whose checksum is wrong is a loss, as it would be for any other program."""
    address = host(4, 1)
    far_raw.hosts[address] = lambda request: [(0.0, request.reply(damaged=request.nth == 1))]
    far_raw.start()
    burst = await far_raw.engine.ping(address, count=3, spacing=0.01, timeout=0.2)
    assert far_raw.engine.uncounted() == {"corrupt": 1}
    far_raw.engine.close()
    assert [value is None for value in burst.round_trips] == [False, True, False]


@both
async def test_forged(far: Far, version: int) -> None:
    """A reply without our token belongs to nobody."""
    address = host(version, 1)
    far.hosts[address] = lambda request: [(0.0, request.forged(token=1))]
    far.start()
    burst = await far.engine.ping(address, count=2, spacing=0.01, timeout=0.2)
    assert far.engine.uncounted() == {"stray": 2}
    far.engine.close()
    assert burst.received == 0


async def test_refusal_of_nobody(far_raw: Far) -> None:
    """An error that quotes a request of ours with another token refuses nothing."""

    def behaviour(request: Request) -> list[tuple[float, bytes]]:
        error = bytearray(request.error(3, 1))
        error[20 + 8 + 20 + 8] ^= 0xFF  # the first byte of the quoted token
        error[22:24] = b"\0\0"
        return [(0.0, bytes(error)), (0.0, request.reply())]

    address = host(4, 1)
    far_raw.hosts[address] = behaviour
    far_raw.start()
    burst = await far_raw.engine.ping(address, count=2, spacing=0.01, timeout=LONG)
    far_raw.engine.close()
    assert (burst.received, burst.refusals) == (2, ())


async def test_no_route(far: Far) -> None:
    """That our own machine knows no way is a refusal like a router's."""
    far.start()
    burst = await far.engine.ping("192.0.2.1", count=2, spacing=0.0, timeout=LONG)
    far.engine.close()
    sentence = "this machine did not send it: network is unreachable"
    assert burst.refusals == (Refusal(Reason.UNREACHABLE, sentence),)


async def test_broadcast(far: Far) -> None:
    """The kernel forbids a broadcast, and we say so."""
    far.start()
    burst = await far.engine.ping("10.77.255.255", count=1, timeout=LONG)
    far.engine.close()
    assert burst.refusals[0].reason is Reason.FORBIDDEN


async def test_many(far: Far) -> None:
    """Three hundred bursts at once: each host gets its own losses and its own delay."""
    far.start()
    hosts = {host(4, number): number for number in range(300)}

    def behaviour(request: Request) -> list[tuple[float, bytes]]:
        number = hosts[request.destination]
        delay = 0.5 if number % 3 == 0 else 0.1
        return [] if request.nth == number % 4 else [(delay, request.reply())]

    far.hosts.update(dict.fromkeys(hosts, behaviour))
    bursts = await asyncio.gather(
        *(far.engine.ping(address, count=4, spacing=0.01, timeout=1.5) for address in hosts)
    )
    far.engine.close()
    for burst, number in zip(bursts, hosts.values(), strict=True):
        lost = [index for index, value in enumerate(burst.round_trips) if value is None]
        assert lost == [number % 4], burst
        assert burst.min is not None
        if number % 3 == 0:
            assert burst.min >= 0.5
        else:
            assert 0.1 <= burst.min < 0.45


@both
async def test_sweep(far: Far, version: int) -> None:
    """A sweep finds exactly the hosts that answer."""
    far.start()
    addresses = [host(version, number) for number in range(900)]
    alive = {address for number, address in enumerate(addresses) if number % 3}
    far.hosts.update(dict.fromkeys(alive, answer))
    found = await far.engine.sweep(addresses, timeout=0.5)
    far.engine.close()
    assert list(found) == addresses
    assert {address for address, value in found.items() if value is not None} == alive


async def test_sweep_holds_back(far_raw: Far) -> None:
    """No more requests are in the air than the receive buffer holds, and none is given up for it."""
    port = far_raw.sockets[4]
    port.capacity = 32
    in_air: list[int] = []
    first_seen: list[float] = []

    def behaviour(request: Request) -> list[tuple[float, bytes]]:
        now = time.monotonic()
        first_seen.append(now)
        in_air.append(sum(now - seen < 0.08 for seen in first_seen))
        return answer(request) if request.destination.endswith("0") else []

    far_raw.start()
    addresses = [host(4, number) for number in range(100)]
    far_raw.hosts.update(dict.fromkeys(addresses, behaviour))
    found = await far_raw.engine.sweep(addresses, timeout=0.1)
    far_raw.engine.close()
    assert {address for address, value in found.items() if value is not None} == {
        address for address in addresses if address.endswith("0")
    }
    assert len(first_seen) == 100
    assert max(in_air) <= 32 + 10  # the answered ones have landed already


async def test_no_room() -> None:
    """When the kernel's queues stay full, waiting ends and the request counts as not sent."""
    with dead_neighbours() as port:
        with socket.socket(fileno=os.dup(port.fileno())) as same:
            same.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2048)
        engine = Engine(lambda version: port)
        burst = await engine.ping(host(4, 1), count=14, spacing=0.0, timeout=0.01)
        engine.close()
    words = "this machine has no room left to send it"
    assert burst.refusals == (Refusal(Reason.UNREACHABLE, words),)


async def test_dead_neighbours() -> None:
    """Hundreds of requests to dead neighbours do not keep those to a healthy host from leaving."""
    with dead_neighbours() as port:
        engine = Engine(lambda version: port)
        dead = [
            asyncio.create_task(engine.ping(host(4, n), count=10, spacing=0.0, timeout=0.3))
            for n in range(200)
        ]
        await asyncio.sleep(0)
        burst = await engine.ping("127.0.0.1", count=20, spacing=0.005, timeout=0.5)
        bursts = await asyncio.gather(*dead)
        engine.close()
    assert (burst.received, burst.refusals) == (20, ())
    assert not any(lost.received or lost.refusals for lost in bursts)


async def test_held_up(far: Far) -> None:
    """A reply in time counts with its true round trip although the loop looks much later.

    The kernel begins to stamp a moment after the first socket asked for it; until then it stamps when
    the reply is read. So there are some pings before.
    """
    address = host(4, 1)
    far.hosts[address] = answer
    far.start()
    await far.engine.ping(address, count=10, spacing=0.05)
    far.heard.clear()
    task = asyncio.create_task(far.engine.ping(address, count=1, timeout=1.0))
    await far.heard.wait()
    time.sleep(1.3)  # noqa: ASYNC251 - the loop is held up on purpose
    burst = await task
    far.engine.close()
    assert burst.received == 1
    assert burst.max is not None
    assert burst.max < 1.0


def test_silence_is_the_default() -> None:
    """The far side's hosts answer only when told to; otherwise these tests prove nothing."""
    assert silence(Request(4, "a", "b", b"", 0)) == []
