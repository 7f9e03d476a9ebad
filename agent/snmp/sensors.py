"""Sensors: ENTITY-SENSOR-MIB (RFC 3433), and fans and power supplies by ENTITY-STATE-MIB (RFC 4268).

A sensor that the device calls unavailable or out of order has no reading: it is absent, never 0.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from agent.snmp import entity
from agent.snmp.memory import Memory
from agent.snmp.names import unique_names
from agent.snmp.poll import Cells, Poll
from agent.snmp.values import text, whole
from telemetry import catalogue
from telemetry.catalogue import Metric
from telemetry.sample import Reading

SENSOR = "1.3.6.1.2.1.99.1.1.1"
TYPE, SCALE, PRECISION = f"{SENSOR}.1", f"{SENSOR}.2", f"{SENSOR}.3"
VALUE, STATUS = f"{SENSOR}.4", f"{SENSOR}.5"
VOLTS_DC, AMPERES, WATTS, CELSIUS, RPM, DBM = 4, 5, 6, 8, 10, 14  # dBm: Cisco's own addition
OK, NONOPERATIONAL = 1, 3
NO_VALUE = 1_000_000_000  # ± this: RFC 3433 for "beyond what can be told"
UNITS = 9  # EntitySensorDataScale: 9 is 10^0, each step a factor of 1000
NO_LIGHT_DBM = -40.0
"""What transceivers report for darkness; zero watts would be minus infinity."""

_RECEIVE = re.compile(r"\b(rx|receive[dr]?|input)\b", re.IGNORECASE)
_TRANSMIT = re.compile(r"\b(tx|transmit(ted|ter)?|output)\b", re.IGNORECASE)
_BIAS = re.compile(r"\bbias\b", re.IGNORECASE)


async def read_sensors(poll: Poll, memory: Memory) -> list[Reading]:
    """The readings of the device's sensors; empty where it has neither ENTITY-SENSOR-MIB nor a table
    of its own built like it (Cisco's is older than the standard)."""
    readings: list[Reading] = []
    for table in (SENSOR, *memory.sensor_tables):
        rows = await _sensor_rows(poll, table)
        readings += decode_sensors(rows, interfaces_of(rows, memory))
    return readings


async def _sensor_rows(poll: Poll, table: str) -> dict[str, Cells]:
    """The rows of a sensor table, their columns called as in the standard."""
    types = await poll.column("sensor types", f"{table}.1")
    names = {f"{table}.{n}": f"{SENSOR}.{n}" for n in range(1, 6)}
    columns = (*names, entity.NAME, entity.DESCR, entity.PARENT)
    rows = await poll.rows("sensors", columns, list(types)) if types else {}
    return {i: {names.get(c, c): v for c, v in row.items()} for i, row in rows.items()}


async def read_states(poll: Poll, memory: Memory) -> list[Reading]:
    """Fans and power supplies that the device calls enabled or disabled."""
    classes = memory.hardware.classes
    parts = [i for i, kind in classes.items() if kind in (entity.POWER_SUPPLY, entity.FAN)]
    columns = (entity.OPER_STATE, entity.NAME, entity.DESCR)
    rows = await poll.rows("fans and power supplies", columns, parts)
    return decode_states(rows, classes)


def decode_states(rows: Mapping[str, Cells], classes: Mapping[str, int]) -> list[Reading]:
    """1 for enabled, 0 for disabled; unknown and testing say nothing."""
    states = {i: whole(row.get(entity.OPER_STATE)) for i, row in rows.items()}
    known = {i: row for i, row in rows.items() if states[i] in (2, 3)}
    names = unique_names({index: name_of(row) for index, row in known.items()})
    readings = []
    for index, name in names.items():
        good = 1.0 if states[index] == 3 else 0.0
        if classes[index] == entity.FAN:
            readings.append(catalogue.DEVICE_FAN_OK.reading(good, fan=name))
        else:
            readings.append(catalogue.DEVICE_POWER_SUPPLY_OK.reading(good, supply=name))
    return readings


def decode_sensors(rows: Mapping[str, Cells], interfaces: Mapping[str, str]) -> list[Reading]:
    """`interfaces`: the interface that a sensor belongs to, by entPhysicalIndex, where there is one."""
    names = unique_names({index: name_of(row) for index, row in rows.items()})
    readings: dict[tuple[str, str], Reading] = {}
    for index, row in rows.items():
        made = _decode(row, names[index], interfaces.get(index))
        if made is not None:
            # One reading per metric and interface: a second sensor of a kind is another lane.
            readings.setdefault((made.metric, str(made.labels)), made)
    return list(readings.values())


def sensor_value(row: Cells) -> float | None:
    """The value in the sensor's unit; None when the sensor is not ok or the figures are impossible."""
    value, scale = whole(row.get(VALUE)), whole(row.get(SCALE))
    precision = whole(row.get(PRECISION)) or 0
    if whole(row.get(STATUS)) not in (OK, None) or value is None or abs(value) >= NO_VALUE:
        return None
    if abs(precision) > 9:  # some Cisco releases send 1615384784
        precision = 0
    if scale is None or not 1 <= scale <= 17:
        scale = UNITS
    power = 3 * (scale - UNITS) - precision
    # Divided, not multiplied by a fraction: 282 with one decimal is 28.2, not 28.200000000000003.
    return float(value * 10**power) if power >= 0 else value / 10**-power


def dbm_of_watts(watts: float) -> float:
    """Decibels over one milliwatt; darkness is -40."""
    return max(NO_LIGHT_DBM, 10 * math.log10(watts * 1000)) if watts > 0 else NO_LIGHT_DBM


def interfaces_of(rows: Mapping[str, Cells], memory: Memory) -> dict[str, str]:
    """The interface of each sensor: by the port that holds it, else by a name within its name."""
    ports = memory.hardware.ports
    by_name = sorted(memory.interfaces.values(), key=len, reverse=True)
    found = {}
    for index, row in rows.items():
        held_by = ports.get(index) or ports.get(str(whole(row.get(entity.PARENT))))
        words = f" {name_of(row)} {text(row.get(entity.DESCR))} "
        name = memory.interfaces.get(held_by or "") or next(
            (
                name
                for name in by_name
                if re.search(rf"[\s:(]{re.escape(name)}([\s:,)]|-[A-Z])", words)
            ),
            None,
        )
        if name is not None:
            found[index] = name
    return found


def name_of(row: Cells) -> str:
    """What the device calls the part: its name, else its description."""
    return text(row.get(entity.NAME)) or text(row.get(entity.DESCR))


def _decode(row: Cells, name: str, interface: str | None) -> Reading | None:
    kind = whole(row.get(TYPE))
    value = sensor_value(row)
    if kind == RPM:
        return _fan(row, name, value)
    if value is None:
        return None
    if interface is not None:
        found = _optical(kind, value, f"{name} {text(row.get(entity.DESCR))}")
        if found is not None:
            return found[0].reading(found[1], interface=interface)
    if kind == CELSIUS and -60 <= value <= 200:
        return catalogue.DEVICE_TEMPERATURE.reading(value, sensor=name)
    return None


def _optical(kind: int | None, value: float, words: str) -> tuple[Metric, float] | None:
    """What a sensor inside a port says about its transceiver; None when it is none of this."""
    if kind in (WATTS, DBM):
        dbm = dbm_of_watts(value) if kind == WATTS else value
        if not -60 <= dbm <= 30:
            return None
        if _RECEIVE.search(words):
            return catalogue.OPTICAL_RECEIVE_POWER, dbm
        return (catalogue.OPTICAL_TRANSMIT_POWER, dbm) if _TRANSMIT.search(words) else None
    if kind == AMPERES and _BIAS.search(words):
        return catalogue.OPTICAL_BIAS, value
    if kind == VOLTS_DC:
        return catalogue.OPTICAL_VOLTAGE, value
    return (catalogue.OPTICAL_TEMPERATURE, value) if kind == CELSIUS else None


def _fan(row: Cells, name: str, value: float | None) -> Reading | None:
    """A fan that stands still, or whose sensor is out of order, is not good."""
    if whole(row.get(STATUS)) == NONOPERATIONAL:
        return catalogue.DEVICE_FAN_OK.reading(0, fan=name)
    return None if value is None else catalogue.DEVICE_FAN_OK.reading(float(value > 0), fan=name)
