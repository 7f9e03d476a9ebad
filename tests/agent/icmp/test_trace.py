"""Tracing a way: over a network whose hops this test plays, and never more than is good."""

from __future__ import annotations

import asyncio
import os
import select
import threading
from collections.abc import Callable

import pytest

from agent.icmp import trace as tracing
from agent.icmp.sockets import NoIcmpSocket
from agent.icmp.trace import A_MINUTE, LONGEST_SECONDS, SILENT_HOPS, Trace, Tracer, trace_way
from agent.probe import Reason
from tests.agent.icmp import far
from tests.agent.icmp.far import Request, host, in_thread

pytestmark = pytest.mark.usefixtures("requires_root")

HOPS = {4: ("10.77.9.1", "10.77.9.2", "10.77.9.3"), 6: ("fd77::9:1", "fd77::9:2", "fd77::9:3")}
EXPIRED = {4: (11, 0), 6: (3, 0)}

Behaviour = Callable[[Request], bytes | None]


def over(behaviour: Behaviour, work: Callable[[], Trace]) -> tuple[Trace, int]:
    """Runs `work` in a network of its own in which `behaviour` answers; how many requests it saw."""
    seen: list[Request] = []

    def body() -> Trace:
        far._enter_new_namespace()
        tun = far._open_tun(far._TUN)
        reader = far.Far(tun, {})
        stop = threading.Event()

        def play() -> None:
            while not stop.is_set():
                if not select.select([tun], [], [], 0.02)[0]:
                    continue
                request = reader._request(os.read(tun, 65536))
                if request is not None:
                    seen.append(request)
                    back = behaviour(request)
                    if back is not None:
                        os.write(tun, back)

        player = threading.Thread(target=play)
        player.start()
        try:
            return work()
        finally:
            stop.set()
            player.join()
            os.close(tun)

    return in_thread(body), len(seen)


def broken_after(count: int) -> Behaviour:
    """The first `count` hops answer, then nobody does."""

    def behave(request: Request) -> bytes | None:
        if request.ttl > count:
            return None
        return request.error(
            *EXPIRED[request.version], source=HOPS[request.version][request.ttl - 1]
        )

    return behave


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """The far side answers at once, so nobody needs to be waited for long."""
    monkeypatch.setattr(tracing, "HOP_SECONDS", 0.15)


@pytest.mark.parametrize("version", [4, 6])
def test_last_hop_before_the_break(version: int) -> None:
    """The hops come in order, and after three silent ones it ends: a bounded number of packets."""
    found, packets = over(broken_after(2), lambda: trace_way(host(version, 1)))
    assert found.hops == ((1, HOPS[version][0]), (2, HOPS[version][1]))
    assert found.last == (2, HOPS[version][1])
    assert packets <= 2 + 2 * SILENT_HOPS


def test_whole_way() -> None:
    """A target that answers ends the trace; the last hop is the one before it."""
    target = host(4, 1)
    broken = broken_after(2)
    found, packets = over(
        lambda request: request.reply() if request.ttl > 2 else broken(request),
        lambda: trace_way(target),
    )
    assert found.last == (2, HOPS[4][1])
    assert found.hops[-1] == (3, target)
    assert packets == 3


def test_nobody_answers() -> None:
    """A neighbour that is dead has no hops before it."""
    found, _ = over(lambda request: None, lambda: trace_way(host(4, 1)))
    assert found == Trace(host(4, 1), ())
    assert found.last is None


def test_without_rights() -> None:
    """Who may not open a raw socket is told so."""

    def ask() -> Trace:
        far.drop_rights()
        return trace_way("127.0.0.1")

    with pytest.raises(NoIcmpSocket, match="CAP_NET_RAW"):
        in_thread(ask)


def test_one_at_a_time_and_only_so_often() -> None:
    """A second trace is left out while one runs; so is one too many within a minute."""
    now = [0.0]
    asked: list[str] = []
    go = threading.Event()

    def trace(address: str) -> Trace:
        asked.append(address)
        assert go.wait(20.0)
        return Trace(address, ())

    async def many() -> None:
        tracer = Tracer(trace, lambda: now[0])
        assert await tracer.trace("10.0.0.1", LONGEST_SECONDS - 1.0) is None
        first = asyncio.create_task(tracer.trace("10.0.0.1", 60.0))
        await asyncio.sleep(0)
        assert await tracer.trace("10.0.0.2", 60.0) is None
        go.set()
        assert await first == Trace("10.0.0.1", ())
        for number in range(1, A_MINUTE):
            assert await tracer.trace(f"10.0.1.{number}", 60.0)
        assert await tracer.trace("10.0.0.3", 60.0) is None
        now[0] = 61.0
        assert await tracer.trace("10.0.0.3", 60.0)

    asyncio.run(many())
    assert asked[0] == "10.0.0.1"
    assert "10.0.0.2" not in asked


def test_no_rights_are_asked_for_once() -> None:
    """Where tracing is not allowed it is not tried again and again."""
    asked: list[str] = []

    def trace(address: str) -> Trace:
        asked.append(address)
        raise NoIcmpSocket("no", Reason.FORBIDDEN)

    async def twice() -> None:
        tracer = Tracer(trace)
        assert await tracer.trace("10.0.0.1", 60.0) is None
        assert await tracer.trace("10.0.0.1", 60.0) is None

    asyncio.run(twice())
    assert len(asked) == 1
