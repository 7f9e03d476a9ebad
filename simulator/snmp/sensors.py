"""Sensors of a simulated device: rows of ENTITY-MIB (RFC 6933) and ENTITY-SENSOR-MIB (RFC 3433)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from simulator.snmp import ber
from simulator.snmp.ber import Oid
from simulator.snmp.life import Gauge
from simulator.snmp.ports import IF_ENTRY
from simulator.snmp.tree import Cell

PHYSICAL_ENTRY: Oid = (1, 3, 6, 1, 2, 1, 47, 1, 1, 1, 1)
ALIAS_MAPPING_ENTRY: Oid = (1, 3, 6, 1, 2, 1, 47, 1, 3, 2, 1)
SENSOR_ENTRY: Oid = (1, 3, 6, 1, 2, 1, 99, 1, 1, 1)

_CHASSIS, _SENSOR, _PORT = 3, 8, 10  # IANAPhysicalClass
_UNITS, _MILLI = 9, 8  # EntitySensorDataScale


class SensorKind(IntEnum):
    """EntitySensorDataType; dBm is IANA's later addition."""

    VOLTS_DC = 4
    AMPERES = 5
    CELSIUS = 8
    RPM = 10
    DBM = 14


@dataclass(frozen=True, slots=True)
class Sensor:
    """One sensor. index, parent: entPhysicalIndex of itself and of what holds it.

    decimals: digits after the point in what it sends. `milli`: it sends thousandths of its unit.
    """

    index: int
    name: str
    kind: SensorKind
    gauge: Gauge
    parent: int = 1
    decimals: int = 1
    milli: bool = False


def chassis_cells(model: str) -> dict[Oid, Cell]:
    """The row of the chassis, entPhysicalIndex 1."""
    return _physical(1, model, "chassis", _CHASSIS, 0)


def port_cells(index: int, name: str, if_index: int) -> dict[Oid, Cell]:
    """The row of a port and its mapping to ifIndex (entAliasMappingTable)."""
    mapping = (*ALIAS_MAPPING_ENTRY, 2, index, 0)
    cells = _physical(index, f"port {name}", name, _PORT, 1)
    cells[mapping] = ber.encode_oid((*IF_ENTRY, 1, if_index))
    return cells


def sensor_cells(sensor: Sensor) -> dict[Oid, Cell]:
    """The rows of a sensor in both tables."""
    factor = 10**sensor.decimals * (1000 if sensor.milli else 1)
    columns: dict[int, Cell] = {
        1: ber.encode_integer(sensor.kind),
        2: ber.encode_integer(_MILLI if sensor.milli else _UNITS),
        3: ber.encode_integer(sensor.decimals),
        4: lambda now: ber.encode_integer(round(sensor.gauge.read(now) * factor)),
        5: ber.encode_integer(1),
    }
    cells = _physical(sensor.index, sensor.name, sensor.name, _SENSOR, sensor.parent)
    cells.update({(*SENSOR_ENTRY, column, sensor.index): cell for column, cell in columns.items()})
    return cells


def _physical(index: int, descr: str, name: str, kind: int, parent: int) -> dict[Oid, Cell]:
    columns: dict[int, Cell] = {
        2: ber.encode_text(descr),
        4: ber.encode_integer(parent),
        5: ber.encode_integer(kind),
        7: ber.encode_text(name),
    }
    return {(*PHYSICAL_ENTRY, column, index): cell for column, cell in columns.items()}
