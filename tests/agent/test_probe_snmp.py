"""The SNMP probe: whole polls, what is kept when they break off, and what is remembered."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.probe import Reason, Result, Target
from agent.probes.snmp import SnmpProbe
from agent.snmp import interfaces, resources, system
from inventory.check import SnmpCheck
from inventory.credentials import Credentials
from tests.agent.snmp import recorded
from tests.agent.snmp.recorded import Device, Request, answering, arcs, number, octets, recording
from tests.snmpd import running_snmpd

pytestmark = pytest.mark.anyio

COMMUNITY = Credentials(id="c", version="2c", community="public")  # type: ignore[arg-type]
QUICK = SnmpCheck(timeout=0.1, retries=0)
MINUTE = 60.0


class Clock:
    """A clock that runs as real time does, plus what the test adds to it."""

    def __init__(self) -> None:
        self.added = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.added


class Switch(Device):
    """A small switch; each port has 64-bit counters, or 32-bit ones with `bits=32`."""

    def __init__(self, ports: Iterable[str] = ("ge1", "ge2"), bits: int = 64) -> None:
        self.bits = bits
        super().__init__({})
        self.uptime(1000.0)
        self.set(system.OBJECT_ID, recorded.oid(arcs("1.3.6.1.4.1.14988.1")))
        self.set(system.DESCR, octets("RouterOS"))
        for index, name in enumerate(ports, 1):
            self.port(index, name)

    def set(self, name: str, value: bytes | None) -> None:
        """One object; None takes it away."""
        self.objects.pop(arcs(name), None)
        if value is not None:
            self.objects[arcs(name)] = value
        self.names = sorted(self.objects)

    def uptime(self, seconds: float) -> None:
        self.set(system.UP_TIME, number(int(seconds * 100), recorded.TIMETICKS))

    def port(self, index: int, name: str, octets_in: int = 1000) -> None:
        self.set(f"{interfaces.DESCR}.{index}", octets(f"port {name}"))
        self.set(f"{interfaces.NAME}.{index}", octets(name))
        self.set(f"{interfaces.OPER}.{index}", number(1))
        self.set(f"{interfaces.HIGH_SPEED}.{index}", number(1000, recorded.GAUGE32))
        self.count(index, octets_in)

    def count(self, index: int, octets_in: int) -> None:
        column, tag = f"{interfaces.IF}.10", recorded.COUNTER32
        if self.bits == 64:
            column, tag = f"{interfaces.IFX}.6", recorded.COUNTER64
        self.set(f"{column}.{index}", number(octets_in, tag))


class Polls:
    """Polls one device as often as the test likes, letting time pass in between."""

    def __init__(self, port: int) -> None:
        self.clock = Clock()
        self.probe = SnmpProbe(self.clock)
        self.target = Target("sw", "here", "lan_switch", "127.0.0.1", "auto", COMMUNITY, port)

    async def __call__(self, after: float = 0.0, deadline: float = 20.0) -> Result:
        self.clock.added += after
        return await self.probe.check(self.target, QUICK, deadline)


def values(result: Result, metric: str) -> dict[str, float]:
    """By the first label's value."""
    return {
        next(iter(r.labels.values()), ""): r.value for r in result.readings if r.metric == metric
    }


def received(result: Result) -> dict[str, float]:
    return values(result, "interface_receive_bytes_total")


# What is remembered from poll to poll


@pytest.mark.parametrize("bits", [32, 64])
async def test_a_restart_makes_neither_a_fall_nor_a_spike(bits: int) -> None:
    switch = Switch(bits=bits)
    switch.count(1, (1 << 32) - 500)
    async with answering(switch) as port:
        poll = Polls(port)
        before = received(await poll())["ge1"]
        switch.uptime(30)
        switch.count(1, 700)
        result = await poll(MINUTE)
        assert received(result)["ge1"] == before
        assert "the device restarted since it was asked last" in result.working
        switch.uptime(90)
        switch.count(1, 1700)
        assert received(await poll(MINUTE))["ge1"] == before + 1000


async def test_a_wrap_of_32_bits_goes_on_counting() -> None:
    switch = Switch(bits=32)
    switch.count(1, (1 << 32) - 500)
    async with answering(switch) as port:
        poll = Polls(port)
        await poll()
        switch.uptime(1060)
        switch.count(1, 700)
        assert received(await poll(MINUTE))["ge1"] == (1 << 32) + 700


async def test_a_discontinuity_of_one_port_is_no_wrap() -> None:
    switch = Switch(bits=32)
    switch.count(1, (1 << 32) - 500)
    mark = f"{interfaces.DISCONTINUITY}.1"
    switch.set(mark, number(0, recorded.TIMETICKS))
    async with answering(switch) as port:
        poll = Polls(port)
        await poll()
        switch.set(mark, number(105_000, recorded.TIMETICKS))
        switch.uptime(1060)
        switch.count(1, 700)
        assert received(await poll(MINUTE))["ge1"] == (1 << 32) - 500


async def test_an_interface_keeps_its_name_when_its_index_moves() -> None:
    switch = Switch(["ge1", "ge2"])
    switch.count(2, 5000)
    async with answering(switch) as port:
        poll = Polls(port)
        await poll()
        switch.port(1, "vlan9", 3)
        switch.port(2, "ge1", 1100)
        switch.port(3, "ge2", 5200)
        assert received(await poll(MINUTE)) == {"vlan9": 3, "ge1": 1100, "ge2": 5200}


async def test_twins_are_told_apart_by_their_index() -> None:
    async with answering(Switch(["lan", "lan", "wan", ""])) as port:
        names = values(await Polls(port)(), "interface_up")
        assert set(names) == {"lan #1", "lan #2", "wan", "port"}


async def test_what_is_absent_is_not_asked_again_until_later() -> None:
    switch = Switch()
    load = f"{resources.PROCESSOR_LOAD}.1"
    async with answering(switch) as port:
        poll = Polls(port)
        await poll()
        first = len(switch.requests)
        switch.set(load, number(50))
        switch.requests.clear()
        assert values(await poll(MINUTE), "device_cpu_utilization_ratio") == {}
        assert len(switch.requests) < first / 2
        switch.uptime(1400)
        assert values(await poll(300), "device_cpu_utilization_ratio") == {"0": 0.5}
        switch.set(load, None)
        switch.uptime(1460)
        assert values(await poll(MINUTE), "device_cpu_utilization_ratio") == {}


async def test_a_device_under_a_new_address_or_community_is_a_new_device() -> None:
    switch = Switch()
    async with answering(switch) as port:
        poll = Polls(port)
        await poll()
        switch.count(1, 10)
        poll.target = replace(poll.target, snmp_port=port, address="localhost")
        assert received(await poll())["ge1"] == 10


# Bad devices


async def test_a_device_that_falls_silent_in_the_middle_keeps_what_was_read() -> None:
    switch = Switch([f"ge{n}" for n in range(1, 120)])

    def twist(request: Request, answer: bytes) -> Iterable[bytes]:
        return (answer,) if len(switch.requests) < 37 else ()

    async with answering(switch, twist=twist) as port:
        result = await Polls(port)()
    assert (result.ok, result.reason) == (False, Reason.TIMEOUT)
    assert result.vendor == "MikroTik"
    assert 5 < len(received(result)) < 119
    assert "no answer in time" in result.working[-1]


async def test_a_slow_device_is_given_up_at_the_deadline() -> None:
    """Every second question goes unanswered; the poll must not take longer than it may."""
    switch = Switch([f"ge{n}" for n in range(1, 60)])
    options = SnmpCheck(timeout=0.05, retries=5)

    def twist(request: Request, answer: bytes) -> Iterable[bytes]:
        return (answer,) if len(switch.requests) % 2 else ()

    async with answering(switch, twist=twist) as port:
        poll = Polls(port)
        began = time.monotonic()
        result = await poll.probe.check(poll.target, options, 0.6)
    assert time.monotonic() - began < 1.0
    assert (result.ok, result.reason) == (False, Reason.TIMEOUT)
    assert values(result, "device_uptime_seconds")


async def test_a_dead_device_is_silence() -> None:
    async with answering(Switch(), twist=lambda request, answer: ()) as port:
        result = await Polls(port)()
    assert (result.ok, result.reason, result.readings) == (False, Reason.TIMEOUT, ())
    assert (result.profile, result.vendor) == ("", "")


async def test_a_looping_table_is_called_misbehaving_and_the_rest_is_read() -> None:
    class Loop(Switch):
        def after(self, name: recorded.Arcs) -> tuple[recorded.Arcs, bytes]:
            if name == arcs(f"{interfaces.DESCR}.2"):
                name = arcs(f"{interfaces.DESCR}")
            return super().after(name)

    switch = Loop(["ge1", "ge2", "ge3"])
    switch.set(f"{resources.PROCESSOR_LOAD}.1", number(50))
    async with answering(switch) as port:
        result = await Polls(port)()
    assert (result.ok, result.reason) == (False, Reason.MISBEHAVING)
    assert set(received(result)) == {"ge1", "ge2"}
    assert values(result, "device_cpu_utilization_ratio") == {"0": 0.5}


async def test_garbage_in_one_table_costs_that_table() -> None:
    switch = Switch()
    switch.set(f"{resources.PROCESSOR_LOAD}.1", number(50))

    def twist(request: Request, answer: bytes) -> Iterable[bytes]:
        hit = any(name[:8] == arcs(resources.PROCESSOR_LOAD)[:8] for name in request.names)
        return (b"\x30\x03\xff\xff\xff",) if hit else (answer,)

    async with answering(switch, twist=twist) as port:
        result = await Polls(port)()
    assert (result.ok, result.reason) == (False, Reason.MALFORMED)
    assert set(received(result)) == {"ge1", "ge2"}


async def test_garbage_throughout_ends_soon() -> None:
    switch = Switch()
    async with answering(switch, twist=lambda request, answer: (answer[:-1],)) as port:
        result = await Polls(port)()
    assert (result.ok, result.reason) == (False, Reason.MALFORMED)
    assert len(switch.requests) <= 12


async def test_hostile_texts_and_figures_are_kept_in_bounds() -> None:
    switch = Switch(["ge1", 'x"\n}\x1b[31m‮<script>alert(1)</script>' + "y" * 900])
    top = (1 << 64) - 1
    switch.count(1, top)
    switch.set(f"{interfaces.HIGH_SPEED}.1", number(0, recorded.GAUGE32))
    switch.set(f"{interfaces.SPEED}.1", number((1 << 32) - 1, recorded.GAUGE32))
    switch.set(f"{interfaces.LAST_CHANGE}.1", number((1 << 32) - 1, recorded.TIMETICKS))
    switch.set(f"{interfaces.TYPE}.1", octets("nonsense"))
    switch.port(2_147_483_647, "far")
    async with answering(switch) as port:
        poll = Polls(port)
        await poll()
        result = await poll(MINUTE)
    assert result.ok
    assert received(result)["ge1"] == float(top)
    hostile = next(name for name in received(result) if name.startswith("x"))
    assert hostile.startswith('x" }[31m<script>')
    assert len(hostile) <= 256
    assert "far" in received(result)
    assert "ge1" not in values(result, "interface_speed_bits_per_second")


# Access


async def test_net_snmp_on_this_machine(tmp_path: Path) -> None:
    with running_snmpd(tmp_path) as snmpd:
        poll = Polls(snmpd.port)
        first, second = await poll(), await poll()
    assert first.ok, first.working
    assert second.ok, second.working
    assert received(second)["lo"] >= received(first)["lo"] > 0
    assert values(second, "interface_up")["lo"] == 1
    assert 0 < values(second, "device_memory_utilization_ratio")["Physical memory"] < 1
    assert 0 < values(second, "device_storage_utilization_ratio")["/"] < 1
    assert 0 < values(second, "snmp_response_seconds")[""] < 1


async def test_v6() -> None:
    async with answering(recording("UPS/huawei-gse200m"), host="::1") as port:
        poll = Polls(port)
        poll.target = replace(poll.target, address="::1")
        result = await poll()
    assert result.ok
    assert values(result, "power_on_battery") == {"": 0}


@pytest.mark.parametrize(
    ("change", "reason", "words"),
    [
        ({"credentials": None}, Reason.AUTH, "device sw has no SNMP credentials"),
        ({"snmp_engine": "other"}, Reason.AUTH, "the SNMP engine other is not known, expected"),
        ({"address": "no-such-host.invalid"}, Reason.NAME, "cannot be resolved"),
        ({"address": "0.0.0.0"}, Reason.FORBIDDEN, "not the address of a single machine"),
        (
            {
                "credentials": Credentials(
                    id="c", version="2c", community={"env": "NO_SUCH_VARIABLE_HERE"}
                )  # type: ignore[arg-type]
            },
            Reason.AUTH,
            "NO_SUCH_VARIABLE_HERE is not set",
        ),
    ],
)
async def test_what_cannot_be_asked_is_told_in_a_sentence(
    change: dict[str, Any], reason: Reason, words: str
) -> None:
    poll = Polls(9)
    poll.target = replace(poll.target, **change)
    result = await poll()
    assert (result.ok, result.reason) == (False, reason)
    assert words in result.working[-1]
