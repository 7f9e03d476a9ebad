"""The ICMP probe: readings, counters, reasons and when it asks again. Real sockets, known truth."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.icmp.engine import Engine
from agent.icmp.sockets import IcmpSocket, open_icmp_socket
from agent.icmp.trace import Trace, Tracer
from agent.probe import Reason, Result, Target
from agent.probes.icmp import IcmpProbe, fit
from inventory.check import IcmpCheck
from telemetry.catalogue import CATALOGUE, Kind
from tests.agent.icmp.far import (
    Far,
    Request,
    answer,
    answer_after,
    drop_rights,
    far_network,
    host,
    in_thread,
    silence,
)

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("requires_root")]

QUICK = IcmpCheck(interval=8, count=4, spacing=0.01, timeout=0.15)


@pytest.fixture
def far() -> Iterator[Far]:
    """A far side in a namespace of its own."""
    with far_network(raw=True) as network:
        yield network


def router(address: str) -> Target:
    return Target("r1", "bac-binh", "router", address)


def readings(result: Result) -> dict[str, float]:
    return {reading.metric: reading.value for reading in result.readings}


async def test_healthy_host() -> None:
    """Every figure of the catalogue is read, in seconds and shares, and the working shows them."""
    probe = IcmpProbe()
    result = await probe.check(router("127.0.0.1"), IcmpCheck(count=5, spacing=0.01), 10)
    await probe.close()
    assert (result.ok, result.reason, result.again_after) == (True, None, None)
    found = readings(result)
    assert set(found) == {name for name in CATALOGUE if name.startswith("icmp_")}
    assert found["icmp_loss_ratio"] == 0
    assert found["icmp_packets_sent_total"] == found["icmp_packets_received_total"] == 5
    in_order = [found[f"icmp_rtt_{name}_seconds"] for name in ("min", "median", "p90", "max")]
    assert in_order == sorted(in_order)
    assert 0 < in_order[0] < result.seconds
    assert "Sending 5 echo requests with 56 bytes each to 127.0.0.1" in result.working[0]
    assert result.working[1] == "5 of 5 came back, 0.0% lost."
    assert len(result.working) == 4


async def test_known_way(far: Far) -> None:
    """Loss and round trips are those of the way, one lost of four and a fifth of a second."""
    address = host(4, 1)

    def behaviour(request: Request) -> list[tuple[float, bytes]]:
        return [] if request.nth == 2 else answer_after(0.2)(request)

    far.hosts[address] = behaviour
    far.start()
    probe = IcmpProbe(far.engine)
    options = IcmpCheck(count=4, spacing=0.01, timeout=1)
    result = await probe.check(router(address), options, 10)
    await probe.close()
    found = readings(result)
    assert found["icmp_loss_ratio"] == 0.25
    assert (found["icmp_packets_sent_total"], found["icmp_packets_received_total"]) == (4, 3)
    assert 0.2 <= found["icmp_rtt_median_seconds"] < 0.6
    assert "–" in result.working[2]


async def test_one_reply_is_enough(far: Far) -> None:
    """The check passes with a single reply; there is no jitter then."""
    address = host(4, 1)
    far.hosts[address] = lambda request: answer(request) if request.nth == 1 else []
    far.start()
    probe = IcmpProbe(far.engine)
    result = await probe.check(router(address), QUICK, 10)
    await probe.close()
    assert result.ok
    assert readings(result)["icmp_loss_ratio"] == 0.75
    assert "icmp_jitter_seconds" not in readings(result)


async def test_dead_host(far: Far) -> None:
    """Silence fails by timeout, with the loss read and no round trip made up."""
    far.start()
    probe = IcmpProbe(far.engine)
    result = await probe.check(router(host(4, 1)), QUICK, 10)
    await probe.close()
    assert (result.ok, result.reason) == (False, Reason.TIMEOUT)
    assert set(readings(result)) == {
        "icmp_loss_ratio",
        "icmp_packets_sent_total",
        "icmp_packets_received_total",
    }
    assert readings(result)["icmp_loss_ratio"] == 1


@pytest.mark.parametrize(("code", "reason"), [(1, Reason.UNREACHABLE), (13, Reason.FORBIDDEN)])
async def test_refused(far: Far, code: int, reason: Reason) -> None:
    """What a router says is the reason, and the working tells who said it."""
    address = host(4, 1)
    far.hosts[address] = lambda request: [(0.0, request.error(3, code))]
    far.start()
    probe = IcmpProbe(far.engine)
    result = await probe.check(router(address), QUICK, 10)
    await probe.close()
    assert result.reason is reason
    assert result.working[-1].startswith("Refused: 10.77.0.254 says: ")


async def test_asks_again(far: Far) -> None:
    """A death and a return are looked at again soon, once each; staying as it was is not news."""
    address = host(4, 1)
    far.start()
    probe = IcmpProbe(far.engine)
    again = []
    for behaviour in (silence, silence, answer, answer, silence, silence, answer):
        far.hosts[address] = behaviour
        again.append((await probe.check(router(address), QUICK, 10)).again_after)
    far.hosts[address] = silence
    slow = QUICK.model_copy(update={"interval": 60.0})
    again.append((await probe.check(router(address), slow, 10)).again_after)
    await probe.close()
    assert again == [None, None, 2.0, None, 2.0, None, 2.0, 5.0]


async def test_counters() -> None:
    """The counters grow from burst to burst, each target for itself."""
    probe = IcmpProbe()
    options = IcmpCheck(count=3, spacing=0.001)
    one, two = router("127.0.0.1"), Target("r2", "bac-binh", "router", "127.0.0.2")
    await probe.check(one, options, 10)
    second = readings(await probe.check(one, options, 10))
    other = readings(await probe.check(two, options, 10))
    await probe.close()
    counters = [name for name in second if CATALOGUE[name].kind is Kind.COUNTER]
    assert [second[name] for name in counters] == [6, 6]
    assert [other[name] for name in counters] == [3, 3]


async def test_uncounted_replies(far: Far) -> None:
    """Replies that are not counted are mentioned, by why."""
    address, other = host(4, 1), host(4, 2)
    far.hosts[address] = lambda request: [
        (0.0, request.reply(source=other)),
        (0.0, request.reply()),
        (0.0, request.reply()),
    ]
    far.start()
    probe = IcmpProbe(far.engine)
    result = await probe.check(router(address), QUICK, 10)
    await probe.close()
    text = "\n".join(result.working)
    assert "Not counted: 4 that came from another address than 10.77.1.2." in text
    assert "that came twice." in text


async def test_name() -> None:
    """A name without an address is told apart from silence; nothing is read."""
    probe = IcmpProbe()
    result = await probe.check(router("no-such-host.invalid"), QUICK, 10)
    await probe.close()
    assert (result.ok, result.reason, result.readings) == (False, Reason.NAME, ())


async def test_slow_resolver() -> None:
    """A resolver that says nothing is given up at the deadline."""
    probe = IcmpProbe()
    result = await probe.check(router("no-such-host.invalid"), QUICK, 0.0)
    await probe.close()
    assert (result.reason, result.readings) == (Reason.NAME, ())
    assert "Nobody could say" in result.working[0]


async def test_localhost() -> None:
    """A name that has an address is asked at that address."""
    probe = IcmpProbe()
    result = await probe.check(router("localhost"), QUICK, 10)
    await probe.close()
    assert result.ok


async def test_multicast() -> None:
    """What is not one machine is never asked."""
    probe = IcmpProbe()
    result = await probe.check(router("224.0.0.1"), QUICK, 10)
    await probe.close()
    assert (result.reason, result.readings) == (Reason.FORBIDDEN, ())


async def test_unknown_zone() -> None:
    """A link-local address on an interface that we do not have is unreachable, not a fault."""
    probe = IcmpProbe()
    result = await probe.check(router("fe80::1%nowhere"), QUICK, 10)
    await probe.close()
    assert result.reason is Reason.UNREACHABLE
    assert "fe80::1%nowhere" in result.working[-1]


async def test_no_rights() -> None:
    """Without the right to a socket the result says what to do, and measures nothing."""

    def without_rights() -> IcmpSocket:
        drop_rights()
        return open_icmp_socket(4)

    probe = IcmpProbe(Engine(lambda version: in_thread(without_rights)))
    result = await probe.check(router("127.0.0.1"), QUICK, 10)
    await probe.close()
    assert (result.reason, result.readings) == (Reason.FORBIDDEN, ())
    assert "CAP_NET_RAW" in result.working[-1]


async def test_short_deadline(far: Far) -> None:
    """A dead host does not hold the check up beyond its deadline."""
    far.start()
    probe = IcmpProbe(far.engine)
    options = IcmpCheck(interval=60, count=100, spacing=0.05, timeout=10)
    result = await probe.check(router(host(4, 1)), options, 0.3)
    await probe.close()
    assert result.reason is Reason.TIMEOUT
    assert result.seconds < 2


@given(
    st.integers(1, 1000),
    st.floats(0.001, 1),
    st.floats(0.01, 10),
    st.floats(-1, 60, allow_nan=False),
)
def test_fit(count: int, spacing: float, timeout: float, seconds: float) -> None:
    """The burst never outlasts what is left, and is the one asked for where there is time."""
    options = IcmpCheck.model_construct(count=count, spacing=spacing, timeout=timeout)
    requests, wait = fit(options, seconds)
    assert 1 <= requests <= count
    assert 0 < wait <= timeout + 0.001
    assert (requests - 1) * spacing + wait <= max(seconds, 0) + 0.002
    if seconds >= (count - 1) * spacing + timeout + 1e-6:
        assert requests == count
        assert wait == pytest.approx(timeout, abs=0.001)


async def test_broken_way_is_traced_once(far: Far) -> None:
    """The second silent burst brings who answered last; the next ones do not, until it breaks anew."""
    address = host(4, 1)
    asked: list[str] = []

    def trace(way: str) -> Trace:
        asked.append(way)
        hops = ((1, "10.77.9.1"), (2, "10.77.9.2"))
        return Trace(way, hops if len(asked) < 3 else (*hops, (3, way)))

    far.start()
    probe = IcmpProbe(far.engine, Tracer(trace))
    patient = IcmpCheck(interval=60, count=2, spacing=0.01, timeout=0.1)
    found = []
    for alive in (False, True, False, False, False, True, False, False, True, False, False):
        far.hosts[address] = answer if alive else silence
        result = await probe.check(router(address), patient, 50)
        found.append({r.metric: (r.value, dict(r.labels)) for r in result.readings})
    await probe.close()
    assert asked == [address, address, address]
    traced = ["path_trace_hops" in readings for readings in found]
    assert [place for place, told in enumerate(traced) if told] == [3, 7]
    assert result.working[-1] == "It answers again: the way is whole."
    assert found[3]["path_trace_hops"] == (2.0, {})
    assert found[3]["path_trace_last_hop_info"] == (1.0, {"hop": "10.77.9.2"})
