"""The SNMP check: everything that a device tells of itself in one poll."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from simulator.scenarios.agent import Agent
from simulator.scenarios.box import Box
from simulator.scenarios.instrument import Identity, Instrument, series_of
from simulator.scenarios.rhythm import Weather
from simulator.scenarios.way import Way
from telemetry import catalogue
from telemetry.sample import Series, SeriesPoints

Put = Callable[[Series, float], None]
Part = Callable[[float, Put], None]
"""A group of readings: the time in, values put to their series."""
TIMEOUT_SECONDS = 4.0


class Poll(Instrument):
    """Asks a device for its groups, and each of its ports; a slow box sometimes does not answer in time."""

    def __init__(
        self,
        agent: Agent,
        way: Way,
        interval: float,
        identity: Identity,
        parts: Sequence[Part],
        ports: int,
    ) -> None:
        super().__init__(agent, way.end.id, "snmp", interval, identity)
        self._way = way
        self._parts = tuple(parts)
        self._requests = 4 + ports
        self._uptime = series_of(catalogue.DEVICE_UPTIME, identity)
        self._response = series_of(catalogue.SNMP_RESPONSE, identity)

    def measure(self, t: float, stamp: tuple[int]) -> float | None:
        """One poll."""
        box, passage = self._way.end, self._way.passage(t)
        if passage is None:
            self._failed(stamp, TIMEOUT_SECONDS, "timeout")
            return None
        own = (
            box.answer_seconds * (box.slow + box.slowing.at(t)) * self.chance.lognormvariate(0, 0.3)
        )
        seconds = own * (2.5 if box.cpu_floor > 0.9 else 1.0) + passage.delay
        # A request is asked twice; both must get lost, or take longer than the patience allows.
        if (
            self.chance.random() < box.snmp_loss + (2 * passage.loss) ** 2
            or seconds > TIMEOUT_SECONDS
        ):
            self._failed(stamp, TIMEOUT_SECONDS, "timeout")
            return None
        self._answered(stamp, seconds * self._requests)
        rows = self.agent.rows

        def put(series: Series, value: float) -> None:
            rows.append(SeriesPoints(series, stamp, (value,)))

        put(self._uptime, round(t - box.booted_at, 2))
        put(self._response, seconds)
        for part in self._parts:
            part(t, put)
        return None


class Resources:
    """Processor, memory, disk, heat, fans and power supplies, in the steps in which devices tell them."""

    def __init__(self, box: Box, weather: Weather, identity: Identity) -> None:
        self._box = box
        self._weather = weather
        names = [str(core + 1) for core in range(box.cores)]
        self._cores = [
            series_of(catalogue.DEVICE_CPU_UTILIZATION, identity, cpu=name) for name in names
        ]
        self._memory = series_of(catalogue.DEVICE_MEMORY_UTILIZATION, identity, pool="ram")
        self._disk = series_of(catalogue.DEVICE_STORAGE_UTILIZATION, identity, volume="/")
        self._sensors = [
            series_of(catalogue.DEVICE_TEMPERATURE, identity, sensor=name) for name in box.sensors
        ]
        self._fans = {
            name: series_of(catalogue.DEVICE_FAN_OK, identity, fan=name) for name in box.fans
        }
        self._supplies = {
            name: series_of(catalogue.DEVICE_POWER_SUPPLY_OK, identity, supply=name)
            for name in box.supplies
        }

    def __call__(self, t: float, put: Put) -> None:
        """Reads them."""
        box = self._box
        cpu = box.busy(t)
        uneven = box.chance.random
        for series in self._cores:
            own = cpu if len(self._cores) == 1 else min(1.0, cpu * (0.8 + 0.4 * uneven()))
            put(series, round(100 * own) / 100)
        put(self._memory, round(box.memory_used(t), 3))
        if box.disk_used:
            put(self._disk, round(box.disk_share(t), 3))
        for series in self._sensors:
            put(series, float(round(box.degrees(self._weather.outside(t), t, cpu))))
        for name, series in self._fans.items():
            put(series, float(box.fans[name]))
        for name, series in self._supplies.items():
            put(series, float(box.supplies[name]))


class Supply:
    """What a UPS or a rectifier system tells of the power."""

    def __init__(self, box: Box, weather: Weather, identity: Identity) -> None:
        self._box = box
        self._weather = weather
        self._volts = series_of(catalogue.POWER_INPUT_VOLTS, identity, phase="1")
        self._rectifier = (
            series_of(catalogue.RECTIFIER_OK, identity, rectifier="1")
            if box.class_ == "power_system"
            else None
        )
        names = (
            catalogue.POWER_ON_BATTERY,
            catalogue.BATTERY_CHARGE,
            catalogue.BATTERY_RUNTIME,
            catalogue.BATTERY_VOLTAGE,
            catalogue.BATTERY_TEMPERATURE,
            catalogue.BATTERY_REPLACE_NEEDED,
            catalogue.POWER_OUTPUT_LOAD,
        )
        self._series = tuple(series_of(metric, identity) for metric in names)

    def __call__(self, t: float, put: Put) -> None:
        """Reads it."""
        power, box = self._box.power, self._box
        on_battery, charge, runtime, volts, heat, replace, load = self._series
        left = power.seconds_left(t)
        put(on_battery, float(power.on_battery))
        put(charge, round(100 * power.charge) / 100)
        put(runtime, 60.0 * int(left // 60))
        put(volts, round(power.cells * (11.7 + 1.9 * power.charge - 0.9 * power.on_battery), 1))
        put(heat, float(round(box.degrees(self._weather.outside(t), t, 0.1) + 1.0)))
        put(replace, float(power.replace_needed))
        put(load, round(100 * power.load_now(t)) / 100)
        put(self._volts, float(round(228 + power.volts.at(t))) if power.mains else 0.0)
        if self._rectifier is not None:
            put(self._rectifier, float(power.rectifier_ok))


class Cellular:
    """What a 4G modem hears."""

    def __init__(self, box: Box, identity: Identity) -> None:
        if box.modem is None:
            raise ValueError(f"{box.id} has no modem")
        self._modem = box.modem
        names = (
            catalogue.CELLULAR_RSRP,
            catalogue.CELLULAR_RSRQ,
            catalogue.CELLULAR_SINR,
            catalogue.CELLULAR_RSSI,
            catalogue.CELLULAR_REGISTERED,
            catalogue.CELLULAR_GENERATION,
        )
        self._series = tuple(series_of(metric, identity, modem="lte0") for metric in names)

    def __call__(self, t: float, put: Put) -> None:
        """Reads it, in whole decibels."""
        modem = self._modem
        slow, quick = modem.fading.at(t), modem.noise.at(t)
        rsrp = modem.rsrp + slow + 0.5 * quick - modem.worse
        sinr = modem.sinr + 0.6 * slow + quick - 0.9 * modem.worse
        values = (
            rsrp,
            -10.5 + 0.25 * (sinr - 12),
            sinr,
            rsrp + 29,
            modem.registered,
            modem.generation,
        )
        for series, value in zip(self._series, values, strict=True):
            put(series, float(round(value)))
