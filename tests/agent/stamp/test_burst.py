"""Sender and reflector over real sockets, with a line between them that loses and delays."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace

import pytest

from agent.stamp.packets import build_request, padding
from agent.stamp.reflection import Refused
from agent.stamp.reflector import Reflector
from agent.stamp.sender import Burst, Plan, send_burst
from telemetry.errors import ConfigError
from tests.agent.stamp.relay import Line, line_to

pytestmark = pytest.mark.anyio

PLAN = Plan(count=40, spacing=0.005, timeout=0.6, size=172, dscp=46)
SHORT = replace(PLAN, count=10, timeout=0.3)


@contextmanager
def reflecting(
    host: str = "127.0.0.1",
    peers: tuple[str, ...] = ("127.0.0.0/8", "::1"),
    rate: float = 1000.0,
    stateful: bool = True,
) -> Iterator[Reflector]:
    reflector = Reflector([(host, 0)], peers, rate=rate, total=10_000, stateful=stateful)
    reflector.start()
    try:
        yield reflector
    finally:
        reflector.close()


async def over(line: Line, plan: Plan = PLAN, *, stateful: bool = True) -> Burst:
    """The burst over this line to a reflector of its own."""
    with reflecting(stateful=stateful) as reflector:
        async with line_to(reflector.ports[0], line):
            return await send_burst("127.0.0.1", line.port, plan)


@asynccontextmanager
async def knocking(port: int) -> AsyncIterator[socket.socket]:
    """A plain socket to the reflector, to send it anything."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as plain:
        plain.setblocking(False)
        plain.connect(("127.0.0.1", port))
        yield plain


async def reply_to(plain: socket.socket, data: bytes) -> bytes:
    await asyncio.get_running_loop().sock_sendall(plain, data)
    async with asyncio.timeout(5):
        return await asyncio.get_running_loop().sock_recv(plain, 9000)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_a_good_path(host: str) -> None:
    """All come back, over both families; DSCP and TTL are seen at both ends; octets are counted."""
    with reflecting(host) as reflector:
        burst = await send_burst(host, reflector.ports[0], SHORT)
    assert burst.figures.loss_by_direction == (0.0, 0.0)
    assert burst.figures.round_trip is not None
    assert 0 < burst.figures.round_trip < 0.1
    assert (burst.dscp, burst.far_ttl, burst.malformed, burst.refused) == (46, 64, 0, 0)
    assert burst.octets == 20 * (172 + (28 if host == "127.0.0.1" else 48))
    assert SHORT.octets(4 if host == "127.0.0.1" else 6) == burst.octets
    assert reflector.answered == 10


@pytest.mark.parametrize(
    ("line", "sent", "received"),
    [
        (Line(lose_there=frozenset({2, 3, 20, 31})), 0.1, 0.0),
        (Line(lose_back=frozenset({1, 7})), 0.0, 0.05),
        (Line(lose_there=frozenset(range(1, 21)), lose_back=frozenset({25, 26})), 0.5, 0.1),
    ],
)
async def test_loss_is_told_by_direction(line: Line, sent: float, received: float) -> None:
    """Exactly what the line lost, on the way where it lost it."""
    burst = await over(line)
    assert burst.figures.loss_by_direction == pytest.approx((sent, received))


async def test_a_stateless_reflector_leaves_the_direction_open() -> None:
    """The round trip's loss is told all the same."""
    burst = await over(Line(lose_there=frozenset({2, 3})), stateful=False)
    assert burst.figures.loss_by_direction is None
    assert burst.figures.loss == pytest.approx(0.05)


@pytest.mark.parametrize("there", [True, False])
async def test_delay_variation_is_told_by_direction(there: bool) -> None:
    """A quarter of the packets is 150 ms late on one way; the other way stays far below that."""
    late = dict.fromkeys(range(5, 45, 4), 0.150)
    line = Line(late_there=late) if there else Line(late_back=late)
    figures = (await over(line)).figures
    bad, good = figures.variation_sent, figures.variation_received
    if not there:
        bad, good = good, bad
    assert bad is not None
    assert good is not None
    assert bad.p90 >= 0.140
    assert good.p90 < 0.100
    assert figures.reordered > 0
    assert figures.loss == 0.0


async def test_copies_do_not_count_twice() -> None:
    """A line that doubles packets, on either way, loses none."""
    line = Line(twice_there=frozenset({3, 4}), lose_there=frozenset({10}))
    figures = (await over(line)).figures
    assert figures.loss == pytest.approx(1 / 40)
    assert figures.loss_by_direction == pytest.approx((1 / 40, 0.0))
    figures = (await over(Line(twice_back=frozenset({3, 4})))).figures
    assert figures.loss_by_direction == pytest.approx((0.0, 0.0))


async def test_packets_are_as_large_as_asked_and_look_random() -> None:
    """A line that compresses must not flatter itself; number 0 is never sent."""
    line = Line()
    await over(line, replace(SHORT, size=1100))
    assert {len(data) for data in line.seen} == {1100}
    assert [int.from_bytes(data[:4], "big") for data in line.seen] == list(range(1, 11))
    assert len(set(line.seen[0][48:304])) > 100


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data[:20],
        lambda data: data[:24] + b"\xff\xff\xff\xff" + data[28:],
        lambda data: data[:28] + bytes(8) + data[36:],
    ],
    ids=["cut short", "another number", "another time"],
)
async def test_what_is_no_reply_is_counted_and_not_believed(spoil: object) -> None:
    """A reply must bring back what only our packet said."""
    burst = await over(Line(spoil=spoil), SHORT)  # type: ignore[arg-type]
    assert burst.figures.echoes == ()
    assert burst.malformed == 10


async def test_a_clock_that_is_set_within_the_burst_is_noticed() -> None:
    """Loss is told all the same; a burst over a quiet clock is not suspected."""
    calls = iter(range(1000))
    with reflecting() as reflector:
        burst = await send_burst(
            "127.0.0.1",
            reflector.ports[0],
            SHORT,
            lambda: time.time_ns() + (10**9 if next(calls) > 5 else 0),
        )
        assert burst.clock_set
        assert burst.figures.loss_by_direction == (0.0, 0.0)
        assert not (await send_burst("127.0.0.1", reflector.ports[0], SHORT)).clock_set


async def test_a_closed_port_ends_the_burst_early() -> None:
    """Nobody listens: three refusals are enough, the data is not spent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    burst = await send_burst("127.0.0.1", port, PLAN)
    assert burst.refused >= 3
    assert burst.figures.sent < 10
    assert burst.figures.echoes == ()


async def test_a_way_that_does_not_exist_is_an_error() -> None:
    """The caller hears what the system said, and no socket stays open (warnings are errors)."""
    with pytest.raises(OSError, match="too long") as caught:
        await send_burst("127.0.0.1", 9, replace(SHORT, size=65_530))
    assert caught.value.errno == errno.EMSGSIZE


async def test_unknown_peers_get_no_answer(caplog: pytest.LogCaptureFixture) -> None:
    """They are counted, and the log says it once however many there are."""
    with caplog.at_level(logging.INFO), reflecting(peers=("10.0.0.0/8",)) as reflector:
        burst = await send_burst("127.0.0.1", reflector.ports[0], SHORT)
        assert burst.figures.loss == 1.0
        assert reflector.refused == {Refused.PEER: 10}
    told = [record for record in caplog.records if record.message == "test packets refused"]
    assert len(told) == 1
    assert vars(told[0])["peer"] == "127.0.0.1"
    stopped = caplog.records[-1]
    assert vars(stopped)["refused"] == {"peer": 10}


async def test_a_peer_that_floods_is_held_to_its_rate() -> None:
    """Twice the rate at once, and then the agreed rate."""
    with reflecting(rate=5) as reflector:
        burst = await send_burst("127.0.0.1", reflector.ports[0], replace(PLAN, timeout=0.3))
        assert reflector.answered + reflector.refused[Refused.RATE] == 40
        assert 10 <= reflector.answered == len(burst.figures.echoes) <= 15


async def test_oversize_and_malformed_packets_do_no_harm() -> None:
    """They are counted; the next good packet is answered, with as many octets as it had."""
    with reflecting() as reflector:
        async with knocking(reflector.ports[0]) as plain:
            for bad in (
                b"",
                b"x" * 43,
                b"\xff" * 100,
                b"x" * 9500,
                build_request(1, 2, 3, bytes(2000)),
            ):
                plain.send(bad)
            good = build_request(1, 0, 3, padding(200, b"ab"))
            assert len(await reply_to(plain, good)) == 200
            assert len(await reply_to(plain, build_request(2, 0, 3))) == 44
        assert reflector.refused == {Refused.SHORT: 2, Refused.REFLECTION: 1, Refused.LONG: 2}


async def test_answers_leave_from_the_address_that_was_asked() -> None:
    """A machine with several addresses listens on all of them; the sender hears only the one it asked."""
    with reflecting("0.0.0.0") as reflector:
        burst = await send_burst("127.0.0.7", reflector.ports[0], SHORT)
    assert burst.figures.loss == 0.0


async def test_a_reflector_outlives_the_senders_that_go_away() -> None:
    """An answer to a closed port comes back as an error; the reflector goes on."""
    with reflecting() as reflector:
        for _ in range(3):
            async with knocking(reflector.ports[0]) as plain:
                plain.send(build_request(1, 0, 3))
        burst = await send_burst("127.0.0.1", reflector.ports[0], SHORT)
        assert burst.figures.loss == 0.0


async def test_a_port_that_is_taken_is_one_sentence() -> None:
    """It names address, port and what helps; what was opened before is closed."""
    with reflecting() as first:
        second = Reflector(
            [("127.0.0.1", 0), ("127.0.0.1", first.ports[0])], ["::1"], rate=1, total=1
        )
        with pytest.raises(ConfigError, match=r"cannot listen on 127\.0\.0\.1 UDP port \d+: Addr"):
            second.start()
        assert second.ports == ()
