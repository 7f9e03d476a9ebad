"""A whole simulated SNMP device; its object tree comes from a recording or from standard MIBs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from random import Random

from simulator.snmp import ber, recording
from simulator.snmp.ber import Oid
from simulator.snmp.life import Gauge
from simulator.snmp.ports import (
    ETHERNET,
    GPON,
    IF_ENTRY,
    IF_NUMBER,
    IFX_ENTRY,
    Port,
    PortPlan,
)
from simulator.snmp.sensors import Sensor, SensorKind, chassis_cells, port_cells, sensor_cells
from simulator.snmp.tree import Cell, Tree
from simulator.snmp.ups import Ups

SYSTEM: Oid = (1, 3, 6, 1, 2, 1, 1)
HR_UPTIME: Oid = (1, 3, 6, 1, 2, 1, 25, 1, 1, 0)
HR_STORAGE_ENTRY: Oid = (1, 3, 6, 1, 2, 1, 25, 2, 3, 1)
HR_PROCESSOR_LOAD: Oid = (1, 3, 6, 1, 2, 1, 25, 3, 3, 1, 2)
ENGINE_TIME: Oid = (1, 3, 6, 1, 6, 3, 10, 2, 1, 3, 0)

_GIGABIT_ETHERNET = 117  # ifType that old switches still send
_COUNTING_COLUMNS = {IF_ENTRY: {8, 9, 10, 11, 14, 16, 17}, IFX_ENTRY: {6, 7, 10, 11}}


@dataclass(frozen=True, slots=True)
class Blueprint:
    """What a device is. ports: names that the inventory's links use, and the speed of each.

    recording: a walk of `snmpsim-data` to answer from, empty for a tree of standard objects.
    """

    id: str
    class_: str
    description: str
    location: str
    ports: tuple[tuple[str, int], ...] = ()
    recording: str = ""


class SnmpDevice:
    """A running device. It is built at power-on and thrown away at power-off.

    boot: when it started (seconds since 1970). A device that ran before the simulation began has
    counters that stand where the recording left them; one that restarts counts from zero.
    """

    def __init__(self, blueprint: Blueprint, boot: float, now: float) -> None:
        self.blueprint = blueprint
        self.boot = boot
        self.ports: dict[str, Port] = {}
        self.optics: dict[str, Gauge] = {}
        self.ups = Ups() if blueprint.class_ == "ups" else None
        self._chance = Random(blueprint.id)
        base = recording.load(blueprint.recording) if blueprint.recording else {}
        layers = [
            base,
            self._system(base),
            self._interfaces(base, now),
            self._sensors() if not base else self._hosted(base),
            self.ups.cells() if self.ups else {},
        ]
        self.tree = Tree(*layers)

    def port(self, name: str) -> Port:
        """The port of this name. Raises KeyError when the device has none."""
        return self.ports[name]

    def _system(self, base: Mapping[Oid, bytes]) -> dict[Oid, Cell]:
        """Name, place and running time; description and identity stay as recorded."""
        ticks = self._ticks()
        cells: dict[Oid, Cell] = {
            (*SYSTEM, 1, 0): ber.encode_text(self.blueprint.description),
            (*SYSTEM, 2, 0): ber.encode_oid((1, 3, 6, 1, 4, 1, 8072, 3, 2, 10)),
            (*SYSTEM, 4, 0): ber.encode_text("CNTT huyện Lập Thạch"),
            (*SYSTEM, 7, 0): ber.encode_integer(72),
        }
        cells.update({oid: base[oid] for oid in cells if oid in base})
        cells[(*SYSTEM, 3, 0)] = ticks
        cells[(*SYSTEM, 5, 0)] = ber.encode_text(self.blueprint.id)
        cells[(*SYSTEM, 6, 0)] = ber.encode_text(self.blueprint.location)
        if HR_UPTIME in base:
            cells[HR_UPTIME] = ticks
        if ENGINE_TIME in base:
            cells[ENGINE_TIME] = lambda now: ber.encode_integer(int(now - self.boot))
        return cells

    def _ticks(self) -> Callable[[float], bytes]:
        return lambda now: ber.encode_integer(int((now - self.boot) * 100), ber.TIMETICKS)

    def _interfaces(self, base: Mapping[Oid, bytes], now: float) -> dict[Oid, Cell]:
        """Interface tables: recorded ones move, those that the inventory names are wholly ours."""
        cells: dict[Oid, Cell] = {}
        for plan, ours in self._plans(base):
            port = self._port(plan, base, now)
            cells.update(port.cells() if ours else _living(port, base))
        cells[IF_NUMBER] = ber.encode_integer(sum(1 for _ in self._plans(base)))
        return cells

    def _plans(self, base: Mapping[Oid, bytes]) -> Iterator[tuple[PortPlan, bool]]:
        """Every interface, and whether the inventory names it.

        Its names go to the first physical ports of a recording; what is left over is added behind.
        """
        last = 0
        wanted = list(self.blueprint.ports)
        if not base and not wanted:
            wanted = [("eth0", 100_000_000)]
        for plan in _recorded_ports(base):
            last = plan.index
            if wanted and plan.kind in (ETHERNET, _GIGABIT_ETHERNET):
                name, speed = wanted.pop(0)
                yield PortPlan(plan.index, name, speed, plan.kind), True
            else:
                yield plan, False
        for index, (name, speed) in enumerate(wanted, start=last + 1):
            yield PortPlan(index, name, speed, GPON if "pon" in name else ETHERNET), True

    def _port(self, plan: PortPlan, base: Mapping[Oid, bytes], now: float) -> Port:
        """Makes a port and remembers it under its name."""
        start = 0.0
        if self.boot < now - 1:
            start = float(_number(base, (*IF_ENTRY, 10, plan.index))) or self._chance.uniform(
                1e8, 4e9
            )
        port = Port(plan, self.blueprint.id, self.boot, now, start)
        self.ports.setdefault(plan.name, port)
        return port

    def _sensors(self) -> dict[Oid, Cell]:
        """A chassis with its temperature, and light at both ends of every optical port."""
        cells = chassis_cells(self.blueprint.description)
        place = 100
        room = Gauge(self._chance.uniform(36, 44), 0.8, self._chance.uniform(0, 6))
        cells.update(sensor_cells(Sensor(place, "chassis temperature", SensorKind.CELSIUS, room)))
        for port in self.ports.values():
            if port.plan.kind != GPON:
                continue
            place += 10
            cells.update(port_cells(place, port.plan.name, port.plan.index))
            for sensor in self._light(place, port.plan.name):
                cells.update(sensor_cells(sensor))
        return cells

    def _light(self, place: int, name: str) -> Iterator[Sensor]:
        """The sensors of one optical module."""
        kinds = (
            (
                "receive power",
                SensorKind.DBM,
                Gauge(self._chance.uniform(-21, -17), 0.08),
                2,
                False,
            ),
            (
                "transmit power",
                SensorKind.DBM,
                Gauge(self._chance.uniform(2.0, 2.6), 0.03),
                2,
                False,
            ),
            ("bias current", SensorKind.AMPERES, Gauge(0.0125, 0.0002), 0, True),
            (
                "module temperature",
                SensorKind.CELSIUS,
                Gauge(self._chance.uniform(40, 48), 0.6),
                1,
                False,
            ),
            ("supply voltage", SensorKind.VOLTS_DC, Gauge(3.29, 0.01), 2, False),
        )
        for step, (what, kind, gauge, decimals, milli) in enumerate(kinds, start=1):
            if what == "receive power":
                self.optics[name] = gauge
            yield Sensor(place + step, f"{name} {what}", kind, gauge, place, decimals, milli)

    def _hosted(self, base: Mapping[Oid, bytes]) -> dict[Oid, Cell]:
        """Recorded processors get a moving load, recorded volumes have room left."""
        cells: dict[Oid, Cell] = {}
        for oid in base:
            if oid[:11] == HR_PROCESSOR_LOAD:
                cells[oid] = _percent(
                    Gauge(self._chance.uniform(8, 30), 6, self._chance.uniform(0, 6))
                )
            elif oid[:11] == (*HR_STORAGE_ENTRY, 6):
                size = _number(base, (*HR_STORAGE_ENTRY, 5, *oid[11:]))
                used = min(_number(base, oid), int(size * self._chance.uniform(0.3, 0.7)))
                cells[oid] = ber.encode_integer(used)
        return cells


def _percent(gauge: Gauge) -> Callable[[float], bytes]:
    return lambda now: ber.encode_integer(max(0, round(gauge.read(now))))


def _recorded_ports(base: Mapping[Oid, bytes]) -> Iterator[PortPlan]:
    """The interfaces of a recording, in order of ifIndex."""
    column = (*IF_ENTRY, 3)
    for index in sorted(oid[-1] for oid in base if oid[:-1] == column):
        yield PortPlan(
            index=index,
            name=_text(base, (*IFX_ENTRY, 1, index))
            or _text(base, (*IF_ENTRY, 2, index))
            or str(index),
            speed=_number(base, (*IF_ENTRY, 5, index)),
            kind=_number(base, (*IF_ENTRY, 3, index)),
            up=_number(base, (*IF_ENTRY, 8, index)) == 1,
        )


def _living(port: Port, base: Mapping[Oid, bytes]) -> dict[Oid, Cell]:
    """Of a recorded interface, the cells that move; names and speeds stay as recorded."""
    return {
        oid: cell
        for oid, cell in port.cells().items()
        if oid in base and oid[-2] in _COUNTING_COLUMNS.get(oid[:-2], ())
    }


def _number(base: Mapping[Oid, bytes], oid: Oid) -> int:
    """An encoded integer's value, 0 when it is not there."""
    return int.from_bytes(base[oid][2:], "big") if oid in base else 0


def _text(base: Mapping[Oid, bytes], oid: Oid) -> str:
    if oid not in base:
        return ""
    _, start, end = ber.read(base[oid])
    return base[oid][start:end].decode("utf-8", "replace")
