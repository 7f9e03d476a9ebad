"""What polling may cost a device. No clock runs here but in the last tests, over a real socket."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from agent.probe import Reason, Result, Target
from agent.probes.snmp import SnmpProbe
from agent.snmp.budget import GROW_AFTER, MOST_REPETITIONS, Budget, Repetitions, Strain
from agent.snmp.gufo import GufoEngine
from agent.snmp.paced import Paced
from agent.snmp.session import Access
from inventory.check import SnmpCheck
from tests.agent.snmp.recorded import GETBULK, GETNEXT, Request, answering, arcs, number, recording
from tests.agent.snmp.session_trial import (
    COMMUNITY,
    TABLE,
    UP_TIME,
    Table,
    names_of,
    reason_of,
)


def test_a_burst_passes_and_the_rest_waits_its_turn() -> None:
    budget = Budget(rate=10)
    assert [budget.wait(5.0) for _ in range(10)] == [0.0] * 10
    assert budget.wait(5.0) == pytest.approx(0.1)
    assert budget.wait(5.0) == pytest.approx(0.2)
    assert budget.wait(5.2) == pytest.approx(0.1)  # two of them were sent meanwhile
    assert budget.wait(60.0) == 0


def test_never_more_in_a_second_than_twice_the_rate_and_in_a_minute_than_the_rate() -> None:
    """A bucket that holds a second's worth: the worst second has what was saved up and what came in."""
    budget, now, sent = Budget(rate=20), 0.0, []
    for _ in range(400):
        now += budget.wait(now)
        sent.append(now)
    assert max(sum(at <= other < at + 1 for other in sent) for at in sent) <= 41
    assert sent[-1] == pytest.approx((400 - 20) / 20, rel=0.05)


def test_a_clock_that_jumps_back_lends_nothing() -> None:
    budget = Budget(rate=1)
    assert budget.wait(100.0) == 0
    assert budget.wait(50.0) == 1


def test_rows_at_once_halve_on_silence_and_come_back_slowly() -> None:
    learned = Repetitions()
    learned.failed()
    assert learned.value == MOST_REPETITIONS // 2
    for _ in range(2 * GROW_AFTER - 1):
        learned.worked(10)
    assert learned.value == 10
    learned.worked(10)
    assert learned.value == 11
    learned.worked(3)
    assert learned.value == 3
    for _ in range(5):
        learned.failed()
    assert learned.value == 0


def test_a_device_that_skips_rows_is_left_with_getnext_for_long() -> None:
    learned = Repetitions()
    learned.tried = True
    learned.skips_rows()
    for _ in range(9_999):
        learned.worked(0)
    assert learned.value == 0
    learned.worked(0)
    assert (learned.value, learned.tried) == (1, False)


def asked(strain: Strain, polls: int) -> str:
    return "".join("A" if strain.asks_all() else "." for _ in range(polls))


def test_a_device_that_slows_down_against_its_own_past_gets_rest() -> None:
    strain = Strain()
    for _ in range(10):
        strain.responded(0.05)
    assert asked(strain, 4) == "AAAA"
    strain.responded(0.6)
    assert "0.60 s instead of 0.05 s" in strain.reason
    assert asked(strain, 6) == ".A.A.A"
    strain.responded(0.7)
    assert asked(strain, 8) == "...A...A"
    for _ in range(6):
        strain.responded(0.05)
    assert strain.level == 0
    assert asked(strain, 6)[-3:] == "AAA"


def test_what_is_always_slow_or_only_a_little_slower_is_not_groaning() -> None:
    """A quick device that takes 9 ms instead of 2, a slow one that takes what it always took."""
    for usual, now in ((0.002, 0.009), (1.5, 2.5), (1.5, 1.5)):
        strain = Strain()
        for _ in range(10):
            strain.responded(usual)
        strain.responded(now)
        assert strain.level == 0


def test_what_became_slow_for_good_is_its_new_self() -> None:
    strain = Strain()
    for _ in range(10):
        strain.responded(0.05)
    for _ in range(60):
        strain.responded(1.0)
    assert strain.level == 0


def test_a_processor_that_rises_while_asked_gets_rest() -> None:
    strain = Strain()
    strain.heated([0.2, 0.3], [0.9, 0.95])
    assert strain.level == 1
    assert "went from 25% to 92% while asked" in strain.reason
    for during, after in (([0.2], [0.4]), ([0.9], [0.95]), ([], [0.9]), ([0.1], [])):
        strain.heated(during, after)
    assert strain.level == 1
    for _ in range(9):
        strain.heated([0.1], [1.0])
    assert asked(strain, 9) == ".......A."


# Over a real socket


class Deaf(Table):
    """Does not answer a GETBULK of more than `most` rows: Nexus, Palo Alto."""

    most = 7


class Skipping(Table):
    """Leaves every fifth row out of a GETBULK: Zyxel GS1920 above 55."""

    def bulk(self, request: Request) -> list[tuple[tuple[int, ...], bytes]]:
        return [row for at, row in enumerate(super().bulk(request), 1) if at % 5]


async def paced(port: int, budget: Budget) -> Paced:
    access = Access("127.0.0.1", port, COMMUNITY, 0.1, 0, time.monotonic() + 20)
    return Paced(await GufoEngine().open(access), budget)


@pytest.mark.anyio
async def test_silence_to_getbulk_is_learned_over_the_walks() -> None:
    deaf, budget = Deaf(30), Budget()
    twist = lambda request, answer: (  # noqa: E731
        () if request.kind == GETBULK and request.third > Deaf.most else (answer,)
    )
    async with answering(deaf, twist=twist) as port:
        session = await paced(port, budget)
        await session.get([UP_TIME])
        for _ in range(4):
            assert len((await session.walk(TABLE)).rows) == 30
    asked_for = [request.third for request in deaf.requests if request.kind == GETBULK]
    assert asked_for[:3] == [20, 10, 5]
    assert budget.repetitions.value == 5


@pytest.mark.anyio
async def test_silence_of_a_device_that_never_answered_is_not_put_down_to_getbulk() -> None:
    dead, budget = Deaf(3), Budget()
    async with answering(dead, twist=lambda request, answer: ()) as port:
        session = await paced(port, budget)
        assert await reason_of(session.walk(TABLE)) is Reason.TIMEOUT
    assert len(dead.requests) == 1
    assert budget.repetitions.value == MOST_REPETITIONS


@pytest.mark.anyio
async def test_skipped_rows_are_noticed_and_read_after_all() -> None:
    skipping, budget = Skipping(30), Budget()
    async with answering(skipping) as port:
        session = await paced(port, budget)
        for _ in range(2):
            rows = (await session.walk(TABLE)).rows
            assert names_of(rows) == [f"port {n}" for n in range(1, 31)]
    assert budget.repetitions.value == 0
    kinds = [request.kind for request in skipping.requests]
    assert GETBULK not in kinds[kinds.index(GETNEXT) :]


@pytest.mark.anyio
async def test_a_good_device_is_compared_once() -> None:
    good, budget = Table(30), Budget()
    async with answering(good) as port:
        session = await paced(port, budget)
        for _ in range(3):
            assert len((await session.walk(TABLE)).rows) == 30
    assert sum(request.kind == GETNEXT for request in good.requests) <= 13
    assert budget.repetitions.value == MOST_REPETITIONS


class Polls:
    """Polls of one recorded device by the probe, on a clock of its own."""

    def __init__(self, port: int, engine: str = "gufo") -> None:
        self.now = 1000.0
        self._probe = SnmpProbe(self.clock)
        self._target = Target(
            "it", "here", "other", "127.0.0.1", "auto", COMMUNITY, port, snmp_engine=engine
        )

    def clock(self) -> float:
        return self.now

    async def __call__(self, rate: float = 10_000.0) -> Result:
        self.now += 60
        options = SnmpCheck(requests_per_second=rate)
        return await self._probe.check(self._target, options, 50.0)


@pytest.mark.anyio
async def test_a_groaning_device_is_asked_for_its_health_only() -> None:
    """Response times are read on the probe's clock, which each request moves here."""
    device = recording("UPS/apc-8932")
    seconds = [0.02]
    polls: list[Polls] = []

    def twist(request: Request, answer: bytes) -> tuple[bytes, ...]:
        polls[0].now += seconds[0]
        return (answer,)

    async with answering(device, twist=twist) as port:
        poll = Polls(port)
        polls.append(poll)
        for _ in range(10):
            whole = await poll()
        seconds[0] = 0.5
        assert (await poll()).ok  # in this one it is noticed
        device.requests.clear()
        light = await poll()
        assert len(device.requests) <= 5
    assert light.ok
    assert (
        "of 4 polls one asks for everything: it answers in 0.50 s instead of 0.02 s"
        in light.working[-1]
    )
    metrics = {reading.metric for reading in light.readings}
    assert {"snmp_response_seconds", "device_uptime_seconds", "device_info"} <= metrics
    assert len(light.readings) < len(whole.readings)


@pytest.mark.anyio
async def test_a_processor_that_a_long_poll_heats_is_seen() -> None:
    """Each answer takes 0.2 s on the probe's clock; the load is 10 % at first and 95 % at the end."""
    load = "1.3.6.1.2.1.25.3.3.1.2.1"
    device = recording("UPS/apc-8932")
    device.objects[arcs(load)] = number(10)
    device.names = sorted(device.objects)
    polls: list[Polls] = []

    def twist(request: Request, answer: bytes) -> tuple[bytes, ...]:
        polls[0].now += 0.2
        if any(name[:10] == arcs(load)[:10] for name in request.names):
            device.objects[arcs(load)] = number(95)
        return (answer,)

    async with answering(device, twist=twist) as port:
        polls.append(Polls(port))
        result = await polls[0]()
    assert "its processor went from 10% to 95% while asked" in result.working[-1]


@pytest.mark.anyio
@pytest.mark.parametrize("engine", ["gufo", "pysnmp"])
async def test_the_probe_keeps_to_the_rate(engine: str) -> None:
    """A UPS is asked its twenty-odd questions at eight a second at most."""
    device = recording("UPS/apc-8932")
    at: list[float] = []

    def twist(request: Request, answer: bytes) -> tuple[bytes, ...]:
        at.append(time.monotonic())
        return (answer,)

    async with answering(device, twist=twist) as port:
        probe = SnmpProbe()
        target = Target("it", "here", "ups", "127.0.0.1", "auto", COMMUNITY, port)
        target = replace(target, snmp_engine=engine)
        assert (await probe.check(target, SnmpCheck(requests_per_second=8), 50.0)).ok
        await probe.close()
    assert len(at) > 12
    assert at[-1] - at[0] >= (len(at) - 9) / 8 * 0.95
