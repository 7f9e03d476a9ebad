"""Telling devices apart that say the same, and the survey of what a profile adds."""

from __future__ import annotations

import pytest

from agent.snmp.detect import class_by_tables
from agent.snmp.session import Value
from inventory.device_class import DeviceClass
from tests.agent.snmp.replay import ReplaySession, polled

pytestmark = pytest.mark.anyio

SYSTEM: dict[str, Value] = {
    "1.3.6.1.2.1.1.1.0": b"Linux GSE200M 2.6.27",
    "1.3.6.1.2.1.1.2.0": "1.3.6.1.4.1.8072.3.2.10",
    "1.3.6.1.2.1.1.3.0": 100_000,
}
ETHERNET: dict[str, Value] = {
    "1.3.6.1.2.1.2.2.1.2.5": b"port 5",
    "1.3.6.1.2.1.2.2.1.8.5": 1,
    "1.3.6.1.2.1.31.1.1.1.1.5": b"ge5",
}


async def test_two_cards_of_one_identity() -> None:
    """Huawei's UPS and its site power both say Linux GSE200M: what they answer tells them apart."""
    ups = ReplaySession({**SYSTEM, "1.3.6.1.2.1.33.1.1.1.0": b"HUAWEI"})
    smu = ReplaySession(
        {
            **SYSTEM,
            "1.3.6.1.4.1.2011.6.164.1.1.1.4.0": b"HUAWEI SMU02B",
            "1.3.6.1.4.1.2011.6.164.1.4.2.3.0": 3,
            "1.3.6.1.4.1.2011.6.164.1.4.4.2.1.3.96": 1000,
            "1.3.6.1.4.1.2011.6.164.1.4.4.2.1.3.97": 650,
            "1.3.6.1.4.1.2011.6.164.1.5.2.1.1.4.1": 2358,
        }
    )
    found = (await polled(ups)).identity
    assert (found.profile, found.class_) == ("huawei-ups", DeviceClass.UPS)
    poll = await polled(smu)
    assert (poll.identity.profile, poll.identity.model) == ("huawei-smu", "HUAWEI SMU02B")
    values = {(r.metric, str(dict(r.labels))): r.value for r in poll.readings}
    assert values["power_on_battery", "{}"] == 1
    assert values["battery_charge_ratio", "{}"] == 0.65  # the weakest string
    assert values["power_input_volts", "{'phase': '1'}"] == 235.8


async def test_a_pinned_profile_wins() -> None:
    """Whatever the device says; nothing is asked to find out."""
    session = ReplaySession({**SYSTEM, "1.3.6.1.2.1.33.1.1.1.0": b"HUAWEI"})
    poll = await polled(session, profile="windows")
    assert (poll.identity.profile, poll.identity.why) == ("windows", "the inventory names it")
    assert not any("who are you" in line for line in poll.poll.working)


async def test_a_device_that_says_who_made_it_is_not_asked() -> None:
    """No request more than before."""
    said = {**SYSTEM, "1.3.6.1.2.1.1.2.0": "1.3.6.1.4.1.9.1.1208"}
    poll = await polled(ReplaySession({**said, "1.3.6.1.2.1.1.1.0": b"Cisco IOS C2960X"}))
    assert poll.identity.profile == "cisco-ios-switch"
    assert not any("who are you" in line for line in poll.poll.working)
    assert poll.poll.repetitions == 10


@pytest.mark.parametrize(
    ("cells", "class_"),
    [
        ({"1.3.6.1.2.1.43.5.1.1.17.1": b"X1"}, DeviceClass.PRINTER),
        ({"1.3.6.1.2.1.33.1.1.1.0": b""}, DeviceClass.UPS),
        ({"1.3.6.1.2.1.17.1.2.0": 24, "1.3.6.1.2.1.4.1.0": 1}, DeviceClass.LAN_SWITCH),
        ({"1.3.6.1.2.1.25.2.2.0": 1024}, DeviceClass.SERVER),
        ({"1.3.6.1.2.1.4.1.0": 1}, DeviceClass.ROUTER),
        ({"1.3.6.1.2.1.4.1.0": 2}, None),
    ],
)
def test_the_class_of_a_stranger(cells: dict[str, Value], class_: DeviceClass | None) -> None:
    """By the tables that it has."""
    assert class_by_tables(cells) is class_


async def test_light_of_the_ports() -> None:
    """Rows by ifIndex get the interface's name; darkness is -40; a row of no known interface is left out;
    what is asked every five minutes is not asked a minute later."""
    column = "1.3.6.1.4.1.11.2.14.11.5.1.82.1.1.1.1"
    objects: dict[str, Value] = {
        "1.3.6.1.2.1.1.2.0": "1.3.6.1.4.1.11.2.3.7.11.107",
        **ETHERNET,
        f"{column}.15.5": -99999999,
        f"{column}.14.5": -6020,
        f"{column}.14.77": -6020,
        f"{column}.11.5": 45398,
    }
    first = await polled(ReplaySession(objects))
    light = {r.metric: r.value for r in first.readings if dict(r.labels) == {"interface": "ge5"}}
    assert light["optical_receive_power_dbm"] == -40
    assert light["optical_transmit_power_dbm"] == -6.02
    assert light["optical_temperature_celsius"] == 45.398
    assert sum(r.metric == "optical_transmit_power_dbm" for r in first.readings) == 1
    second = await polled(ReplaySession(objects), times=2)
    metrics = {reading.metric for reading in second.readings}
    assert "optical_transmit_power_dbm" in metrics
    assert "optical_temperature_celsius" not in metrics


async def test_rows_of_a_table_by_what_stands_beside() -> None:
    """Delta's one table of everything: the name chooses the row, another column the power of ten."""
    table = "1.3.6.1.4.1.20246.2.3.1.1.1.2.9.1.1"
    rows = (("Vsys", 5432, -2), ("State of Charge", 87, 0), ("Iload", 12, 0), ("Tbatt", 215, -1))
    objects: dict[str, Value] = {"1.3.6.1.2.1.1.2.0": "1.3.6.1.4.1.20246"}
    for index, (name, value, power) in enumerate(rows, 1):
        objects |= {f"{table}.2.{index}": name.encode(), f"{table}.3.{index}": value}
        objects[f"{table}.4.{index}"] = power
    values = {r.metric: r.value for r in (await polled(ReplaySession(objects))).readings}
    assert values["battery_voltage_volts"] == 54.32
    assert values["battery_charge_ratio"] == 0.87
    assert values["battery_temperature_celsius"] == 21.5


async def test_rows_of_a_table_by_an_arc_of_their_index() -> None:
    """A transceiver of Radlan's has one row a figure: port 5, figure 9 is the light that it receives. A
    device without an interface table has its ports called by their index."""
    figure = "1.3.6.1.4.1.89.90.1.2.1.3"
    objects: dict[str, Value] = {
        "1.3.6.1.2.1.1.2.0": "1.3.6.1.4.1.35265.1.81",
        f"{figure}.5.5": 39,
        f"{figure}.5.8": -5601,
        f"{figure}.5.9": -7200,
        f"{figure}.6.9": 0,
    }
    readings = (await polled(ReplaySession({**objects, **ETHERNET}))).readings
    light = {r.metric: r.value for r in readings if dict(r.labels) == {"interface": "ge5"}}
    assert light["optical_receive_power_dbm"] == -7.2
    assert light["optical_transmit_power_dbm"] == -5.601
    assert light["optical_temperature_celsius"] == 39
    bare = (await polled(ReplaySession(objects))).readings
    power = [r for r in bare if r.metric == "optical_receive_power_dbm"]
    assert [(dict(r.labels), r.value) for r in power] == [({"interface": "5"}, -7.2)]
