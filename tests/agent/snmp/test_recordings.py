"""Recorded devices of snmpsim-data, polled over a real socket: figures read in the recordings."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from agent.probe import Result, Target
from agent.probes.snmp import SnmpProbe
from inventory.check import SnmpCheck
from inventory.credentials import Credentials
from telemetry.catalogue import CATALOGUE
from tests.agent.snmp.recorded import answering, recording

pytestmark = pytest.mark.anyio

CISCO = "network/switch/cisco-c3560"
DLINK = "network/switch/dlink-des3038"
HUAWEI = "network/router/huawei-s5720"
ARISTA = "cloud/arista-dcs-7150s-52-cl"
PALO_ALTO = "network/firewall/paloalto-pa-5000"
TOPSEC = "network/firewall/topsec-ngfw4000-uf"
VYATTA = "network/router/vyatta-unknown"
METEL = "network/switch/metel-poe-box"
XP = "os/windows/XP"
NETMANAGE = "os/linux/netmanage"
EATON, GSE200M, APC = "UPS/eaton-93e-80", "UPS/huawei-gse200m", "UPS/apc-8932"
HIKVISION = "camera/hikvision"
PROCURVE = "network/switch/hpe-procurve-516733-b21"
RUIJIE = "network/switch/ruijie-s5750-24gt12sfp"
EATON_9PX = "UPS/eaton-9px-partial"
CATALYST = "network/switch/cisco-c3750"


async def polled(name: str, version: str = "2c", times: int = 1) -> Result:
    """The result of the last of some polls in a row."""
    credentials = Credentials(id="c", version=version, community="public")  # type: ignore[arg-type]
    async with answering(recording(name)) as port:
        target = Target("it", "here", "other", "127.0.0.1", credentials=credentials, snmp_port=port)
        probe = SnmpProbe()
        for _ in range(times):
            result = await probe.check(target, SnmpCheck(timeout=5), 50.0)
        await probe.close()
    assert result.ok, result.working
    return result


def value(result: Result, metric: str, **labels: str) -> float:
    found = [r.value for r in result.readings if r.metric == metric and dict(r.labels) == labels]
    assert len(found) == 1, f"{metric} {labels}: {found}"
    return found[0]


@pytest.mark.parametrize(
    ("name", "vendor", "model", "interfaces"),
    [
        (CISCO, "Cisco", "WS-C3560G-48TS-E", 57),
        (DLINK, "D-Link", "DES-3028", 32),
        (HUAWEI, "Huawei", "S5720-36C-EI-AC", 39),
        (ARISTA, "Arista Networks", "DCS-7150S-52-CL", 46),
        (PALO_ALTO, "Palo Alto Networks", "PA-5050", 46),
        (TOPSEC, "Topsec", "", 108),
        (VYATTA, "Vyatta", "", 24),
        (METEL, "METEL", "", 5),
        (XP, "Microsoft", "", 3),
        (NETMANAGE, "H3C", "H3C Switch E528", 31),
        (EATON, "Eaton", "EATON 93E 80", 2),
        (GSE200M, "Huawei", "UPS5000", 0),
        (APC, "APC", "AP8932", 2),
        (HIKVISION, "Hikvision", "DS-2CD4C36FWD-AP", 0),
    ],
)
async def test_identity_and_interfaces(name: str, vendor: str, model: str, interfaces: int) -> None:
    result = await polled(name, times=2)
    assert (result.vendor, result.model) == (vendor, model)
    series = Counter((r.metric, tuple(sorted(r.labels.items()))) for r in result.readings)
    assert set(series.values()) == {1}
    metrics = Counter(reading.metric for reading in result.readings)
    assert metrics["interface_info"] == interfaces
    assert metrics["interface_receive_bytes_total"] == interfaces
    assert metrics["snmp_response_seconds"] == 1
    for reading in result.readings:
        assert set(reading.labels) == set(CATALOGUE[reading.metric].labels)


@pytest.mark.parametrize("name", [DLINK, VYATTA, EATON, HIKVISION])
async def test_version_1_reads_the_same_but_32_bit(name: str) -> None:
    """The second poll of v1 asks for nothing that was missing in the first."""
    second, first = await polled(name, times=2), await polled(name, "1", times=2)
    untimed = [
        {(r.metric, *r.labels.values()) for r in result.readings} for result in (first, second)
    ]
    assert untimed[0] == untimed[1]


async def test_cisco_switch() -> None:
    """snmpEngineTime is the uptime; sysUpTime, 165 seconds younger, dates the last changes."""
    result = await polled(CISCO)
    assert result.profile == "cisco-ios-switch"
    assert value(result, "device_uptime_seconds") == 4924630
    assert value(result, "interface_up", interface="Gi0/1") == 0
    assert value(result, "interface_speed_bits_per_second", interface="Gi0/1") == 10e6
    age = value(result, "interface_last_change_seconds", interface="Gi0/1")
    assert age == (492446481 - 16180) / 100


async def test_dlink_sends_bits_where_the_mib_wants_megabits() -> None:
    result = await polled(DLINK)
    assert value(result, "interface_speed_bits_per_second", interface="1/25") == 1e9
    assert value(result, "interface_full_duplex", interface="1/1") == 0


async def test_optics_in_watts_become_dbm() -> None:
    """0.4025 mW are -3.95 dBm; Ethernet50 sees next to no light."""
    result = await polled(ARISTA)
    power = value(result, "optical_receive_power_dbm", interface="Ethernet5")
    assert power == pytest.approx(-3.952, abs=1e-3)
    assert value(result, "optical_receive_power_dbm", interface="Ethernet50") < -33
    assert value(result, "optical_bias_amperes", interface="Ethernet5") == 0.00509
    assert value(result, "optical_voltage_volts", interface="Ethernet5") == 3.3
    assert value(result, "optical_temperature_celsius", interface="Ethernet5") == 22.9
    assert value(result, "device_temperature_celsius", sensor="Cpu temp sensor") == 28.2
    assert value(result, "device_temperature_celsius", sensor="Board temp sensor #100006003") == 23


async def test_palo_alto_sensors() -> None:
    result = await polled(PALO_ALTO)
    assert value(result, "device_temperature_celsius", sensor="Temperature @ Jaguar [U172]") == 34
    assert value(result, "device_fan_ok", fan="Fan #1 RPM") == 1
    assert value(result, "device_cpu_utilization_ratio", cpu="0") == 0.16


async def test_octets_beyond_32_bits_in_the_32_bit_table() -> None:
    result = await polled(TOPSEC)
    assert value(result, "interface_receive_bytes_total", interface="feth10") == 979579618818531


async def test_64_bit_columns_sent_as_counter32() -> None:
    result = await polled(METEL)
    assert value(result, "interface_receive_bytes_total", interface="G1") == 3742131899


async def test_linux_memory_without_its_cache() -> None:
    result = await polled(VYATTA)
    ram = value(result, "device_memory_utilization_ratio", pool="Physical memory")
    assert ram == pytest.approx((7844796 - 416276 - 826980 - 4166748) / 7844796)
    swap = value(result, "device_memory_utilization_ratio", pool="Swap space")
    assert swap == pytest.approx((15631236 - 15628772) / 15631236)
    assert value(result, "device_cpu_utilization_ratio", cpu="2") == 1


async def test_windows_volumes() -> None:
    result = await polled(XP)
    disk = value(result, "device_storage_utilization_ratio", volume="C:\\")
    assert disk == pytest.approx(1884128 / 1952447)
    pool = value(result, "device_memory_utilization_ratio", pool="Physical Memory")
    assert pool == pytest.approx(9686 / 15852)


@pytest.mark.parametrize(
    ("metric", "labels", "expected"),
    [
        ("power_on_battery", {}, 0),
        ("battery_charge_ratio", {}, 1),
        ("battery_runtime_seconds", {}, 1092 * 60),
        ("battery_voltage_volts", {}, 521.0),
        ("battery_temperature_celsius", {}, 25),
        ("battery_replace_needed", {}, 0),
        ("power_input_volts", {"phase": "3"}, 233),
        ("power_output_load_ratio", {}, 0.21),
    ],
)
async def test_eaton_ups(metric: str, labels: dict[str, Any], expected: float) -> None:
    assert value(await polled(EATON), metric, **labels) == expected


async def test_huawei_ups_knows_neither_charge_nor_runtime() -> None:
    """-1 for charge, runtime and temperature; mains voltage in tenths; the engine time is off."""
    result = await polled(GSE200M)
    metrics = {reading.metric for reading in result.readings}
    absent = {"battery_charge_ratio", "battery_runtime_seconds", "battery_temperature_celsius"}
    assert not metrics & absent
    assert value(result, "power_input_volts", phase="1") == 236.9
    assert value(result, "battery_voltage_volts") == 538.5
    assert value(result, "power_output_load_ratio") == 0.08
    assert value(result, "device_uptime_seconds") == 20030119.98


@pytest.mark.parametrize(
    ("name", "metric", "labels", "expected"),
    [
        (CISCO, "device_cpu_utilization_ratio", {"cpu": "1"}, 0.58),
        (CISCO, "device_memory_utilization_ratio", {"pool": "I/O"}, 3640984 / 8388608),
        (CISCO, "device_fan_ok", {"fan": "Switch#1, Fan#1"}, 1),
        (CISCO, "device_temperature_celsius", {"sensor": "1005"}, 61),
        (HUAWEI, "device_memory_utilization_ratio", {"pool": "MPU Board 0"}, 0.07),
        (HUAWEI, "device_temperature_celsius", {"sensor": "MPU Board 0"}, 42),
        (DLINK, "device_cpu_utilization_ratio", {"cpu": "all"}, 0.26),
        (HIKVISION, "device_memory_utilization_ratio", {"pool": "Memory"}, 0.75),
        (HIKVISION, "device_cpu_utilization_ratio", {"cpu": "all"}, 0.52),
        (PROCURVE, "device_power_supply_ok", {"supply": "Power Supply 1 Sensor"}, 1),
        (RUIJIE, "device_memory_utilization_ratio", {"pool": "1"}, 0.5),
        (EATON_9PX, "battery_voltage_volts", {}, 78),
        (EATON_9PX, "battery_runtime_seconds", {}, 17218),
        (EATON_9PX, "power_on_battery", {}, 0),
        (CATALYST, "optical_receive_power_dbm", {"interface": "Gi1/0/6"}, -5),
        (CATALYST, "optical_bias_amperes", {"interface": "Gi1/0/1"}, 0.0195),
    ],
)
async def test_what_only_the_maker_s_own_objects_say(
    name: str, metric: str, labels: dict[str, str], expected: float
) -> None:
    assert value(await polled(name), metric, **labels) == pytest.approx(expected)


async def test_a_survey_is_not_repeated_at_every_poll() -> None:
    """The second poll asks for the cells that the first one found, and yields the same series."""
    first, second = await polled(CATALYST), await polled(CATALYST, times=2)
    fast = {(r.metric, str(r.labels)) for r in first.readings if r.metric == "device_fan_ok"}
    assert fast <= {(r.metric, str(r.labels)) for r in second.readings}
    assert any("column 1.3.6.1.4.1.9" in line for line in first.working)
    assert not any("column 1.3.6.1.4.1.9" in line for line in second.working)
