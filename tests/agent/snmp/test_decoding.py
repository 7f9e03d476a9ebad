"""From the cells of the standard tables to readings: units, names, and what is left out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.snmp import entity, interfaces, resources, sensors, ups
from agent.snmp.detect import unknown
from agent.snmp.entity import Hardware, decode_chassis
from agent.snmp.identity import decode_identity, vendor_of
from agent.snmp.memory import Memory
from agent.snmp.poll import Cells
from agent.snmp.session import Value
from agent.snmp.system import SystemFacts
from inventory.profile import recognise
from inventory.profile_match import Said
from telemetry.sample import Reading

ANY_VALUE = st.one_of(
    st.integers(-(1 << 63), (1 << 64) - 1), st.binary(max_size=20), st.floats(), st.just("1.3.6.1")
)


def by_name(readings: list[Reading]) -> dict[str, float]:
    return {reading.metric: reading.value for reading in readings}


def rows_of(columns: list[str]) -> st.SearchStrategy[dict[str, Cells]]:
    cells = st.dictionaries(st.sampled_from(columns), ANY_VALUE)
    return st.dictionaries(st.sampled_from(["1", "2", "2147483647"]), cells)


# Interfaces


@pytest.mark.parametrize(
    ("high", "low", "bits"),
    [
        (1000, 1_000_000_000, 1e9),
        (0, 100_000_000, 1e8),
        (10_000, 4_294_967_295, 1e10),
        (0, 4_294_967_295, None),
        (0, 0, None),
        (100_000_000, 100_000_000, 1e8),  # D-Link DES-3028: bit/s where the MIB wants Mbit/s
        (4_294_967_290, 100_000_000, 1e8),  # FortiGate: garbage
        (None, b"1000000000", 1e9),  # ifSpeed as text
        (None, None, None),
    ],
)
def test_speed(high: Value | None, low: Value | None, bits: float | None) -> None:
    row = {interfaces.HIGH_SPEED: high, interfaces.SPEED: low}
    assert interfaces.speed_bits({k: v for k, v in row.items() if v is not None}) == bits


def test_interface_states_and_info() -> None:
    row: Cells = {
        interfaces.OPER: 1,
        interfaces.ADMIN: 1,
        interfaces.DUPLEX: 2,
        interfaces.LAST_CHANGE: 4_000,
        interfaces.HIGH_SPEED: 100,
        interfaces.TYPE: 6,
        interfaces.ALIAS: b"uplink <b>\x07",
        interfaces.MAC: bytes.fromhex("02fc00000001"),
    }
    readings = interfaces.decode_interface("ge1", row, ticks=10_000)
    assert dict(readings[0].labels) == {
        "interface": "ge1",
        "alias": "uplink <b>",
        "type": "ethernet",
        "mac": "02:fc:00:00:00:01",
    }
    assert by_name(readings) == {
        "interface_info": 1,
        "interface_up": 1,
        "interface_admin_up": 1,
        "interface_full_duplex": 0,
        "interface_speed_bits_per_second": 1e8,
        "interface_last_change_seconds": 60,
    }


@pytest.mark.parametrize(
    ("oper", "up"),
    [(1, 1), (2, 0), (3, 0), (5, 0), (6, 0), (7, 0), (4, None), (0, None), (9, None)],
)
def test_oper_status(oper: int, up: float | None) -> None:
    readings = interfaces.decode_interface("x", {interfaces.OPER: oper}, None)
    assert by_name(readings).get("interface_up") == up


@pytest.mark.parametrize(("change", "ticks"), [(0, 500), (600, 500), (5, None)])
def test_an_unknown_last_change_is_absent(change: int, ticks: int | None) -> None:
    readings = interfaces.decode_interface("x", {interfaces.LAST_CHANGE: change}, ticks)
    assert "interface_last_change_seconds" not in by_name(readings)


# Resources


def storage(kind: int, descr: bytes, size: Value, used: Value) -> Cells:
    return {
        resources.STORAGE_TYPE: f"{resources.STORAGE_KINDS}{kind}",
        resources.STORAGE_DESCR: descr,
        resources.STORAGE_UNIT: 4096,
        resources.STORAGE_SIZE: size,
        resources.STORAGE_USED: used,
    }


def test_memory_that_would_be_given_back_is_not_in_use() -> None:
    """EOS tells buffers and cache beside its memory; what UCD knows better is left to it."""
    rows = {
        "1": storage(2, b"RAM", 3956120, 3132868),
        "2": storage(2, b"RAM (Buffers)", 3956120, 171908),
        "3": storage(2, b"RAM (Cache)", 3956120, 2069904),
        "4": storage(3, b"Virtual memory", 1000, 990),
        "5": storage(2, b"Slot-0 Hardware Packet Buffers", 100, 20),  # no cache of the memory's
        "6": storage(3, b"procfs: process file system, mounted on: /proc", 8, 8),
    }
    found = {r.labels["pool"]: r.value for r in resources.decode_storage(rows)}
    assert found["RAM"] == pytest.approx((3132868 - 171908 - 2069904) / 3956120)
    assert set(found) == {"RAM", "Virtual memory", "Slot-0 Hardware Packet Buffers"}
    with_ucd = {r.labels["pool"] for r in resources.decode_storage(rows, ucd_tells=True)}
    assert set(found) - with_ucd == {"Virtual memory"}


def test_a_cache_larger_than_the_memory_is_not_believed() -> None:
    """OneFS tells 1.6 TB of cache in 50 GB of memory."""
    cells = {
        resources.RAM_TOTAL: 50223940,
        resources.RAM_FREE: 1401300,
        resources.RAM_BUFFERS: 12582208,
        resources.RAM_CACHED: 1614478456,
    }
    (memory,) = resources.decode_ucd(cells, with_processor=False)
    assert memory.value == pytest.approx((50223940 - 1401300 - 12582208) / 50223940)


def test_phases_that_are_not_wired() -> None:
    """A card for one phase says 0 V of the other two; a phase that is wired and dead says 0 V, too."""
    inputs = {"1.0": 238, "2.0": 0, "3.0": 0}
    found = ups.decode_lines(inputs, {}, 1)
    assert [(r.labels["phase"], r.value) for r in found] == [("1", 238)]
    found = ups.decode_lines(inputs, {}, 3)
    assert [(r.labels["phase"], r.value) for r in found] == [("1", 238), ("2", 0), ("3", 0)]


def test_storage_and_memory() -> None:
    rows = {
        "1": storage(2, b"Physical memory", 1000, 250),
        "2": storage(4, b"C:\\ Label:System  Serial Number 1f", 1000, 900),
        "3": storage(7, b"D:\\", 100, 100),  # a CD is always full
        "4": storage(4, b"/huge", -2_147_483_648, 1 << 30),  # 2^31 units sent as signed
        "5": storage(4, b"/empty", 0, 0),
        "6": storage(4, b"/odd", 10, 50),
        "7": storage(1, b"Cached memory", 10, 5),
        "8": storage(4, b"devfs: dev file system, mounted on: /dev", 2, 2),  # always full
        "9": storage(4, b"/dev/md1, mounted on: /packages/mnt/jkernel", 8, 8),
        "10": storage(4, b"/dev/hd9var", 100, 96),
    }
    found = {tuple(r.labels.items()): r.value for r in resources.decode_storage(rows)}
    assert found == {
        (("pool", "Physical memory"),): 0.245,  # without the cache
        (("volume", "/dev/hd9var"),): 0.96,
        (("volume", "C:\\"),): 0.9,
        (("volume", "/huge"),): 0.5,
    }


def test_ucd_takes_the_cache_off() -> None:
    cells: Cells = {
        resources.RAM_TOTAL: 1000,
        resources.RAM_FREE: 100,
        resources.RAM_BUFFERS: 50,
        resources.RAM_CACHED: 350,
        resources.SWAP_TOTAL: 0,
        resources.SWAP_FREE: 0,
        resources.CPU_IDLE: 85,
    }
    with_cpu = resources.decode_ucd(cells, with_processor=True)
    assert [(dict(r.labels), pytest.approx(r.value)) for r in with_cpu] == [
        ({"pool": "Physical memory"}, 0.5),
        ({"cpu": "all"}, 0.15),
    ]
    assert len(resources.decode_ucd(cells, with_processor=False)) == 1


def test_processors_are_numbered_and_nonsense_is_left_out() -> None:
    found = resources.decode_processors(
        {"196608": 7, "196609": b"12", "196610": 400, "196611": b"x"}
    )
    assert [(r.labels["cpu"], r.value) for r in found] == [("0", 0.07), ("1", 0.12)]


# Sensors


def sensor(kind: int, value: int, scale: int = 9, precision: int = 0, status: int = 1) -> Cells:
    return {
        sensors.TYPE: kind,
        sensors.VALUE: value,
        sensors.SCALE: scale,
        sensors.PRECISION: precision,
        sensors.STATUS: status,
    }


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (sensor(8, 282, precision=1), 28.2),
        (sensor(4, 3300, scale=8), 3.3),
        (sensor(6, 4025, scale=8, precision=4), 0.0004025),
        (sensor(8, 31, precision=1_615_384_784), 31),  # Cisco's garbage precision
        (sensor(8, 31, scale=99), 31),
        (sensor(8, 31, status=2), None),
        (sensor(8, 31, status=3), None),
        (sensor(8, 1_000_000_000), None),
        (sensor(8, -1_000_000_000), None),
    ],
)
def test_sensor_value(cells: Cells, expected: float | None) -> None:
    assert sensors.sensor_value(cells) == expected


@pytest.mark.parametrize(
    ("watts", "dbm"), [(0.001, 0.0), (0.0005, -3.0103), (0.0, -40.0), (-1.0, -40.0), (1e-12, -40.0)]
)
def test_dbm_of_watts(watts: float, dbm: float) -> None:
    assert sensors.dbm_of_watts(watts) == pytest.approx(dbm, abs=1e-4)


def test_a_transceiver_s_sensors_belong_to_its_interface() -> None:
    port = {entity.PARENT: 500}
    rows: dict[str, Cells] = {
        "1": {**sensor(6, 4025, scale=8, precision=4), entity.NAME: b"RX Power", **port},
        "2": {**sensor(14, -22, precision=1), entity.NAME: b"Transmit Power", **port},
        "3": {**sensor(5, 6, scale=8), entity.NAME: b"TX Bias Current", **port},
        "4": {**sensor(8, 31), entity.NAME: b"Module temperature", **port},
        "5": {**sensor(4, 33, precision=1), entity.NAME: b"Supply", **port},
        "6": {**sensor(8, 40), entity.NAME: b"Board"},
        "7": {**sensor(6, 120), entity.NAME: b"Total power draw of ge9", **port},
        "8": {**sensor(10, 0), entity.NAME: b"Fan 1"},
        "9": {**sensor(10, 4000), entity.NAME: b"Fan 2"},
        "10": {**sensor(10, 0, status=3), entity.NAME: b"Fan 3"},
    }
    memory = Memory(interfaces={"7": "ge9"}, hardware=Hardware(ports={"500": "7"}))
    found = {
        (r.metric, *r.labels.values()): r.value
        for r in sensors.decode_sensors(rows, sensors.interfaces_of(rows, memory))
    }
    assert found == {
        ("optical_receive_power_dbm", "ge9"): pytest.approx(-3.952, abs=1e-3),
        ("optical_transmit_power_dbm", "ge9"): -2.2,
        ("optical_bias_amperes", "ge9"): 0.006,
        ("optical_temperature_celsius", "ge9"): 31,
        ("optical_voltage_volts", "ge9"): 3.3,
        ("device_temperature_celsius", "Board"): 40,
        ("device_fan_ok", "Fan 1"): 0,
        ("device_fan_ok", "Fan 2"): 1,
        ("device_fan_ok", "Fan 3"): 0,
    }


def test_an_interface_is_found_in_a_sensor_s_name_as_a_whole_word() -> None:
    memory = Memory(interfaces={"1": "Ethernet1", "11": "Ethernet11"})
    rows: dict[str, Cells] = {
        "1": {entity.DESCR: b"DOM RX Power Sensor for Ethernet11"},
        "2": {entity.DESCR: b"DOM RX Power Sensor for Ethernet1"},
        "3": {entity.DESCR: b"Ethernet12 sensor"},
    }
    assert sensors.interfaces_of(rows, memory) == {"1": "Ethernet11", "2": "Ethernet1"}


def test_states_of_fans_and_supplies() -> None:
    rows: dict[str, Cells] = {
        "1": {entity.OPER_STATE: 3, entity.NAME: b"Fan tray"},
        "2": {entity.OPER_STATE: 2, entity.NAME: b"PSU"},
        "3": {entity.OPER_STATE: 2, entity.NAME: b"PSU"},
        "4": {entity.OPER_STATE: 1, entity.NAME: b"PSU"},
    }
    found = sensors.decode_states(rows, {"1": 7, "2": 6, "3": 6, "4": 6})
    assert [(r.metric, *r.labels.values(), r.value) for r in found] == [
        ("device_fan_ok", "Fan tray", 1),
        ("device_power_supply_ok", "PSU #2", 0),
        ("device_power_supply_ok", "PSU #3", 0),
    ]


# UPS


def test_ups_on_battery() -> None:
    cells: Cells = {
        ups.OUTPUT_SOURCE: 5,
        ups.SECONDS_ON_BATTERY: 30,
        ups.MINUTES_LEFT: 0,
        ups.CHARGE: 87,
        ups.BATTERY_VOLTAGE: 271,
        ups.BATTERY_TEMPERATURE: 25,
        ups.ALARMS_PRESENT: 1,
    }
    found = by_name(ups.decode_battery(cells, {"1": ups.ALARM_BATTERY_BAD}))
    assert found == {
        "power_on_battery": 1,
        "battery_charge_ratio": 0.87,
        "battery_runtime_seconds": 0,
        "battery_voltage_volts": pytest.approx(27.1),
        "battery_temperature_celsius": 25,
        "battery_replace_needed": 1,
    }


def test_ups_figures_that_mean_nothing_are_absent() -> None:
    cells: Cells = {
        ups.OUTPUT_SOURCE: 3,
        ups.MINUTES_LEFT: 65535,
        ups.CHARGE: -1,
        ups.BATTERY_VOLTAGE: 0,
        ups.BATTERY_TEMPERATURE: -273,
    }
    assert by_name(ups.decode_battery(cells, {})) == {"power_on_battery": 0}
    no_source: Cells = {ups.OUTPUT_SOURCE: 1, ups.SECONDS_ON_BATTERY: 9, ups.MINUTES_LEFT: 0}
    assert by_name(ups.decode_battery(no_source, {}))["power_on_battery"] == 1
    assert by_name(ups.decode_battery({ups.MINUTES_LEFT: 0}, {})) == {}


def test_ups_lines() -> None:
    """Tenths of volts where the RFC has volts; the heaviest of three phases."""
    found = ups.decode_lines({"1": 2363, "2": 230, "3": b"x"}, {"1": 8, "2": 41, "3": -1})
    assert [(r.metric, *r.labels.values(), r.value) for r in found] == [
        ("power_input_volts", "1", 236.3),
        ("power_input_volts", "2", 230),
        ("power_output_load_ratio", 0.41),
    ]


# Identity


def test_identity() -> None:
    chassis = decode_chassis({entity.MODEL: b"RB5009 ", entity.SERIAL: b"N/A", entity.MAKER: b"-"})
    assert chassis == {"maker": "", "model": "RB5009", "serial": "", "software": ""}
    facts = SystemFacts(descr="RouterOS RB5009", object_id="1.3.6.1.4.1.14988.1")
    known = recognise(Said(facts.object_id, facts.descr))
    found = decode_identity(facts, Hardware(model="RB5009"), {}, known, {})
    assert (found.vendor, found.model, found.profile) == ("MikroTik", "RB5009", "mikrotik-routeros")
    facts = SystemFacts(object_id="1.3.6.1.4.1.534.99")
    stranger = decode_identity(facts, Hardware(maker="E"), {}, unknown(), {})
    assert (stranger.vendor, stranger.profile) == ("Eaton", "generic")


@pytest.mark.parametrize(
    "oid", ["", "0.0", "1.3.6.1.2.1.33", "1.3.6.1.4.1.99999.1", "1.3.6.1.4.1."]
)
def test_no_vendor_for_what_is_nobody_s_number(oid: str) -> None:
    assert vendor_of(oid) == ""


# Whatever comes


@given(
    rows_of([*interfaces._STATE, *interfaces._INFO]),
    st.one_of(st.none(), st.integers(0, (1 << 32) - 1)),
)
def test_no_interface_row_brings_the_decoder_down(
    rows: dict[str, Cells], ticks: int | None
) -> None:
    for row in rows.values():
        for reading in interfaces.decode_interface("x", row, ticks):
            assert reading.value >= 0


@given(
    rows_of([sensors.TYPE, sensors.SCALE, sensors.PRECISION, sensors.VALUE, sensors.STATUS]),
    rows_of([resources.STORAGE_TYPE, resources.STORAGE_SIZE, resources.STORAGE_USED]),
)
def test_no_sensor_or_storage_row_brings_a_decoder_down(
    sensed: dict[str, Cells], stored: dict[str, Cells]
) -> None:
    everywhere = dict.fromkeys(sensed, "ge1")
    for reading in [
        *sensors.decode_sensors(sensed, everywhere),
        *sensors.decode_sensors(sensed, {}),
        *resources.decode_storage(stored),
    ]:
        assert abs(reading.value) < float("inf")


@given(
    st.dictionaries(
        st.sampled_from(
            [
                ups.OUTPUT_SOURCE,
                ups.MINUTES_LEFT,
                ups.CHARGE,
                ups.BATTERY_VOLTAGE,
                ups.ALARMS_PRESENT,
            ]
        ),
        ANY_VALUE,
    ),
    st.dictionaries(st.sampled_from("123"), ANY_VALUE),
)
def test_no_ups_brings_the_decoder_down(cells: Cells, table: dict[str, Value]) -> None:
    for reading in [*ups.decode_battery(cells, table), *ups.decode_lines(table, table)]:
        assert 0 <= reading.value < float("inf")
