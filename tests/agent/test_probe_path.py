"""The path probe against reflectors on real sockets: readings, reasons, the data budget."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest

from agent.probe import Reason, Result, Target
from agent.probes.path import PathProbe, fitted
from agent.stamp.reflector import Reflector
from agent.stamp.sender import Burst, Plan, send_burst
from inventory.check import PathCheck
from tests.agent.stamp.relay import Line, line_to

pytestmark = pytest.mark.anyio

ROOM = Target("room-1", "office", "vc_endpoint", "10.11.1.9")
BURST_OCTETS = 2 * 10 * (172 + 28)


@contextmanager
def reflector_port(
    *, host: str = "127.0.0.1", peers: tuple[str, ...] = ("127.0.0.1", "::1"), stateful: bool = True
) -> Iterator[int]:
    reflector = Reflector([(host, 0)], peers, rate=1000, total=10_000, stateful=stateful)
    reflector.start()
    try:
        yield reflector.ports[0]
    finally:
        reflector.close()


def options(port: int, **more: Any) -> PathCheck:
    wanted = {"peer": "127.0.0.1", "count": 10, "spacing": 0.005, "timeout": 0.4, **more}
    return PathCheck.model_validate({"port": port, **wanted})


async def probed(check: PathCheck, target: Target = ROOM, deadline: float = 5) -> Result:
    return await PathProbe().check(target, check, deadline)


def readings(result: Result) -> dict[tuple[str, ...], float]:
    """By metric, peer and direction."""
    return {
        (reading.metric.removeprefix("path_"), *reading.labels.values()): reading.value
        for reading in result.readings
    }


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_a_good_path_reads_everything(host: str) -> None:
    """Loss three ways, variation two ways, round trip, grade; the working says it in words."""
    with reflector_port(host=host) as port:
        result = await probed(options(port, peer=host))
    assert (result.ok, result.reason) == (True, None)
    found = readings(result)
    assert set(found) == {
        *(("loss_ratio", host, way) for way in ("both", "sent", "received")),
        *(("delay_variation_p90_seconds", host, way) for way in ("sent", "received")),
        ("round_trip_median_seconds", host),
        ("grade", host),
    }
    assert [found["loss_ratio", host, way] for way in ("both", "sent", "received")] == [0, 0, 0]
    assert 0 < found["round_trip_median_seconds", host] < 0.1
    assert 3 < found["grade", host] < 4.5
    working = "\n".join(result.working)
    assert f"Sending 10 packets of 172 octets to {host} UDP port" in working
    assert "10 of 10 came back, 0.0% lost." in working
    assert "replies bear DSCP 46." in working


async def test_a_bad_path_is_an_answer() -> None:
    """The check is good, the figures are not: loss on the way there, packets out of order."""
    line = Line(lose_there=frozenset({3}), late_there={5: 0.1})
    with reflector_port() as port:
        async with line_to(port, line):
            result = await probed(options(line.port, name="district"))
    assert result.ok
    found = readings(result)
    assert found["loss_ratio", "district", "sent"] == pytest.approx(0.1)
    assert found["loss_ratio", "district", "received"] == 0.0
    assert found["grade", "district"] < 2.5
    assert "Lost on the way there 10.0%, on the way back 0.0%." in result.working
    assert "1 came back in another order." in result.working


async def test_a_reflector_that_does_not_count() -> None:
    """Loss of both ways together only, and the working says why."""
    line = Line(lose_back=frozenset({3}))
    with reflector_port(stateful=False) as port:
        async with line_to(port, line):
            result = await probed(options(line.port))
    losses = {key: value for key, value in readings(result).items() if key[0] == "loss_ratio"}
    assert losses == {("loss_ratio", "127.0.0.1", "both"): pytest.approx(0.1)}
    assert any("the reflector does not count" in line for line in result.working)


async def test_nobody_there_in_three_ways() -> None:
    """A closed port, a reflector that does not know us, one that talks nonsense: no readings."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as unused:
        unused.bind(("127.0.0.1", 0))
        closed = unused.getsockname()[1]
    refused = await probed(options(closed))
    assert (refused.reason, refused.readings) == (Reason.REFUSED, ())
    with reflector_port(peers=("10.0.0.0/8",)) as port:
        unknown = await probed(options(port))
    assert (unknown.reason, unknown.readings) == (Reason.TIMEOUT, ())
    with reflector_port() as port:
        async with line_to(port, Line(spoil=lambda data: data[:10])) as line:
            nonsense = await probed(options(line.port))
    assert (nonsense.reason, nonsense.readings) == (Reason.MALFORMED, ())


async def test_whom_it_asks() -> None:
    """The peer of the options, else the target; without either, or with a name that nobody knows, none."""
    with reflector_port() as port:
        check = options(port, peer=None)
        itself = Target("far", "office", "router", "127.0.0.1")
        assert (await probed(check, itself)).ok
        assert (await probed(check, Target("far", "office", "router", ""))).reason is (
            Reason.FORBIDDEN
        )
    missing = await probed(options(9, peer="no-such-host.invalid"))
    assert missing.reason is Reason.NAME


async def test_two_ends_of_the_same_calls() -> None:
    """The district and the bridge, each under its name; a silent one leaves the other's figures alone."""
    with reflector_port() as district, reflector_port(host="::1") as bridge:
        also = [{"peer": "::1", "name": "bridge", "port": bridge}]
        both = await probed(options(district, name="district", also=also))
    assert both.ok
    found = readings(both)
    assert {key[1] for key in found} == {"district", "bridge"}
    assert 3 < found["grade", "district"] < 4.5
    assert 3 < found["grade", "bridge"] < 4.5


@pytest.mark.parametrize("silent", ["district", "bridge"])
async def test_one_of_two_ends_is_silent(silent: str) -> None:
    """The check fails and says which way; the other end is measured all the same."""
    heard = {"bridge", "district"} - {silent}
    strangers = ("10.0.0.0/8",)
    with (
        reflector_port(peers=strangers if silent == "district" else ("127.0.0.0/8",)) as district,
        reflector_port(peers=strangers if silent == "bridge" else ("127.0.0.0/8",)) as bridge,
    ):
        also = [{"peer": "127.0.0.1", "name": "bridge", "port": bridge}]
        result = await probed(options(district, name="district", also=also))
    assert (result.ok, result.reason) == (False, Reason.TIMEOUT)
    assert {key[1] for key in readings(result)} == heard
    working = "\n".join(result.working)
    assert working.index(f"UDP port {district}") < working.index(f"UDP port {bridge}")
    assert working.count("Nothing came back") == 1
    assert f"{silent}: Nothing came back" in working


async def test_all_ends_share_the_budget() -> None:
    """What the first end cost is not there for the second."""
    with reflector_port() as port:
        also = [{"peer": "127.0.0.1", "name": "bridge", "port": port}]
        result = await probed(options(port, name="district", also=also, budget=BURST_OCTETS))
    assert result.reason is Reason.BUDGET
    assert {key[1] for key in readings(result)} == {"district"}


async def test_packets_too_long_for_the_way() -> None:
    """Longer than any datagram: the options do not allow it, but a tunnel's MTU may say the same."""
    check = options(9).model_copy(update={"size": 65_530})
    result = await probed(check)
    assert result.reason is Reason.UNREACHABLE
    assert "choose a smaller size" in result.working[-1]


async def test_the_budget_of_a_day() -> None:
    """Two bursts fit; the third is refused without a packet, until the next day, for this target only."""
    today = [date(2026, 11, 23)]
    probe = PathProbe(lambda: today[0])
    with reflector_port() as port:
        line = Line()
        async with line_to(port, line):
            check = options(line.port, budget=2 * BURST_OCTETS)
            assert (await probe.check(ROOM, check, 5)).ok
            assert (await probe.check(ROOM, check, 5)).ok
            sent = len(line.seen)
            refused = await probe.check(ROOM, check, 5)
            assert (refused.ok, refused.reason, refused.readings) == (False, Reason.BUDGET, ())
            assert "It goes on tomorrow." in refused.working[-1]
            assert len(line.seen) == sent
            other = Target("room-2", "office", "vc_endpoint", "")
            assert (await probe.check(other, check, 5)).ok
            today[0] = date(2026, 11, 24)
            assert (await probe.check(ROOM, check, 5)).ok


async def test_what_did_not_come_back_was_not_paid_for() -> None:
    """A peer that is silent costs one way only; a burst that breaks off is paid in full."""
    probe = PathProbe()
    with reflector_port(peers=("10.0.0.0/8",)) as port:
        check = options(port, budget=2 * BURST_OCTETS)
        reasons = [(await probe.check(ROOM, check, 5)).reason for _ in range(4)]
        assert reasons == [Reason.TIMEOUT] * 3 + [Reason.BUDGET]
        broken = PathProbe()
        task = asyncio.create_task(broken.check(ROOM, options(port, budget=BURST_OCTETS), 5))
        await asyncio.sleep(0)
        while not broken._spent:  # noqa: ASYNC110 - no event tells that the burst has begun
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        again = await broken.check(ROOM, options(port, budget=BURST_OCTETS), 5)
        assert again.reason is Reason.BUDGET


async def test_a_clock_that_was_set_leaves_loss_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Times across a jump would be lies; they are left out."""

    async def jumping(address: str, port: int, plan: Plan) -> Burst:
        calls = iter(range(1000))
        clock = lambda: time.time_ns() + (10**9 if next(calls) > 5 else 0)  # noqa: E731 - one line
        return await send_burst(address, port, plan, clock)

    monkeypatch.setattr("agent.probes.path.send_burst", jumping)
    with reflector_port() as port:
        result = await probed(options(port))
    assert result.ok
    assert {reading.metric for reading in result.readings} == {"path_loss_ratio"}
    assert "The clock of this machine was set meanwhile: times say nothing." in result.working


@pytest.mark.parametrize(
    ("seconds", "count", "timeout"),
    [(60.0, 100, 2.0), (3.98, 100, 2.0), (3.0, 51, 2.0), (1.0, 2, 0.98), (0.0, 2, 0.05)],
)
def test_a_short_deadline_makes_a_short_burst(seconds: float, count: int, timeout: float) -> None:
    """Fewer packets rather than none, and the wait for the last one fits in."""
    plan = fitted(PathCheck(), seconds)
    assert plan.count == count
    assert plan.timeout == pytest.approx(timeout)
