"""Which rows of ifTable are taken for ports: not the empty slots of a stack, not what is no port."""

from __future__ import annotations

import pytest

from agent.snmp.memory import Memory
from agent.snmp.poll import Poll
from agent.snmp.polling import Polling
from agent.snmp.session import Oid, Value
from tests.agent.snmp.replay import ReplaySession

pytestmark = pytest.mark.anyio

IF, IFX = "1.3.6.1.2.1.2.2.1", "1.3.6.1.2.1.31.1.1.1"
UP, DOWN, NOT_PRESENT = 1, 2, 6


def port(index: int, state: int, kind: int = 6) -> dict[Oid, Value]:
    return {
        f"{IF}.2.{index}": f"Port {index}".encode(),
        f"{IF}.3.{index}": kind,
        f"{IF}.7.{index}": 1,
        f"{IF}.8.{index}": state,
        f"{IF}.10.{index}": 1000,
        f"{IFX}.1.{index}": f"gi{index}".encode(),
    }


class Switch:
    """A device whose objects a test changes between two polls."""

    def __init__(self, object_id: str = "1.3.6.1.4.1.171.10.1") -> None:
        self.objects: dict[Oid, Value] = {
            "1.3.6.1.2.1.1.2.0": object_id,
            "1.3.6.1.2.1.1.3.0": 100_000,
        }
        self._memory = Memory()
        self._now = 1000.0
        self.session = ReplaySession({})

    async def ports(self) -> dict[str, float]:
        """What a poll a minute later says of the ports, by their name."""
        self._now += 60
        self.objects["1.3.6.1.2.1.1.3.0"] = int(self._now * 100)
        self.session = ReplaySession(dict(self.objects))
        polling = Polling(Poll(self.session, lambda: self._now), self._memory, lambda: self._now)
        await polling.run("auto")
        return {
            reading.labels["interface"]: reading.value
            for reading in polling.readings
            if reading.metric == "interface_up"
        }


async def test_empty_slots_are_no_ports() -> None:
    """A stackable switch lists 48 ports for each of seven members that nobody has bought."""
    switch = Switch()
    switch.objects |= port(1, UP) | port(2, DOWN) | port(49, NOT_PRESENT)
    assert await switch.ports() == {"gi1": 1, "gi2": 0}
    assert await switch.ports() == {"gi1": 1, "gi2": 0}


async def test_a_slot_that_is_filled_becomes_a_port() -> None:
    switch = Switch()
    switch.objects |= port(1, UP) | port(49, NOT_PRESENT)
    await switch.ports()
    switch.objects |= port(49, UP)
    assert await switch.ports() == {"gi1": 1, "gi49": 1}


async def test_a_module_that_is_pulled_out_is_a_port_that_is_down() -> None:
    switch = Switch()
    switch.objects |= port(1, UP) | port(49, UP)
    await switch.ports()
    switch.objects |= port(49, NOT_PRESENT)
    assert await switch.ports() == {"gi1": 1, "gi49": 0}
    assert await switch.ports() == {"gi1": 1, "gi49": 0}


async def test_layers_and_parts_of_ports_are_no_ports() -> None:
    """IOS lists the MPLS layer of a port beside it, IOS XR the optics within it."""
    cisco = Switch("1.3.6.1.4.1.9.1.2662")
    cisco.objects["1.3.6.1.2.1.1.1.0"] = b"Cisco IOS XR Software (NCS-540), Version 7.5.2"
    cisco.objects |= port(1, UP) | port(2, UP, kind=195) | port(3, UP, kind=166)
    assert await cisco.ports() == {"gi1": 1}
    assert await cisco.ports() == {"gi1": 1}
