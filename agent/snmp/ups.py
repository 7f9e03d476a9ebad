"""Uninterruptible power supplies by UPS-MIB (RFC 1628), with what real cards make of its units."""

from __future__ import annotations

from collections.abc import Mapping

from agent.snmp.memory import Memory
from agent.snmp.oid import under
from agent.snmp.poll import Cells, Poll
from agent.snmp.session import Value
from agent.snmp.values import number, whole
from telemetry import catalogue
from telemetry.catalogue import Metric
from telemetry.sample import Reading

UPS = "1.3.6.1.2.1.33.1"
SECONDS_ON_BATTERY, MINUTES_LEFT, CHARGE = f"{UPS}.2.2.0", f"{UPS}.2.3.0", f"{UPS}.2.4.0"
BATTERY_VOLTAGE, BATTERY_TEMPERATURE = f"{UPS}.2.5.0", f"{UPS}.2.7.0"
OUTPUT_SOURCE, ALARMS_PRESENT = f"{UPS}.4.1.0", f"{UPS}.6.1.0"
INPUT_LINES = f"{UPS}.3.2.0"
INPUT_VOLTAGE, OUTPUT_LOAD = f"{UPS}.3.3.1.3", f"{UPS}.4.4.1.5"
ALARM_DESCR, ALARM_BATTERY_BAD = f"{UPS}.6.2.1.2", f"{UPS}.6.3.1"
SOURCE_BATTERY = 5
SOURCES_FROM_MAINS = (3, 4, 6, 7)  # normal, bypass, booster, reducer
NO_TEMPERATURE = (0, -1, -273, 65535, 2147483647)
NO_MINUTES = (-1, 65535)
MOST_MINUTES = 100_000
HIGHEST_MAINS_VOLTS = 1000
"""Five recorded agents send tenths of volts where the RFC wants volts."""


async def read_ups(poll: Poll, memory: Memory) -> list[Reading]:
    """Battery, mains and load; empty where the device has no UPS-MIB."""
    scalars = (
        SECONDS_ON_BATTERY, MINUTES_LEFT, CHARGE, BATTERY_VOLTAGE, BATTERY_TEMPERATURE,
        OUTPUT_SOURCE, ALARMS_PRESENT, INPUT_LINES,
    )  # fmt: skip
    cells = await poll.scalars("UPS", scalars)
    if not cells:
        return []
    inputs = await poll.column("upsInputVoltage", INPUT_VOLTAGE)
    loads = await poll.column("upsOutputPercentLoad", OUTPUT_LOAD)
    alarms = await poll.column("upsAlarmDescr", ALARM_DESCR)
    return [
        *decode_battery(cells, alarms),
        *decode_lines(inputs, loads, whole(cells.get(INPUT_LINES))),
    ]


def decode_battery(cells: Cells, alarms: Mapping[str, Value]) -> list[Reading]:
    """The readings of the battery; those that the card does not know are absent."""
    on_battery = _on_battery(cells)
    found: list[tuple[Metric, float | None]] = [
        (catalogue.POWER_ON_BATTERY, None if on_battery is None else float(on_battery)),
        (catalogue.BATTERY_CHARGE, _within(number(cells.get(CHARGE)), 0, 100, 0.01)),
        (catalogue.BATTERY_RUNTIME, _runtime(whole(cells.get(MINUTES_LEFT)), bool(on_battery))),
        (catalogue.BATTERY_VOLTAGE, _within(number(cells.get(BATTERY_VOLTAGE)), 1, 10_000, 0.1)),
        (catalogue.BATTERY_TEMPERATURE, _temperature(number(cells.get(BATTERY_TEMPERATURE)))),
        (catalogue.BATTERY_REPLACE_NEEDED, _replace(whole(cells.get(ALARMS_PRESENT)), alarms)),
    ]
    return [metric.reading(value) for metric, value in found if value is not None]


def decode_lines(
    inputs: Mapping[str, Value], loads: Mapping[str, Value], lines: int | None = None
) -> list[Reading]:
    """Mains voltage by phase, and the load of the line that carries most.

    lines: how many phases are wired; some cards say 0 V of those that are not.
    """
    readings = []
    for place, (index, value) in enumerate(inputs.items(), start=1):
        phase = index.partition(".")[0]  # some agents write a second arc behind it
        volts = number(value)
        if volts is not None and volts > HIGHEST_MAINS_VOLTS:
            volts /= 10
        if volts == 0 and lines and place > lines:
            continue
        if volts is not None and 0 <= volts <= HIGHEST_MAINS_VOLTS:
            readings.append(catalogue.POWER_INPUT_VOLTS.reading(volts, phase=phase))
    known = [load for value in loads.values() if (load := number(value)) is not None]
    carried = [load for load in known if 0 <= load <= 200]
    if carried:
        readings.append(catalogue.POWER_OUTPUT_LOAD.reading(max(carried) / 100))
    return readings


def _on_battery(cells: Cells) -> bool | None:
    source = whole(cells.get(OUTPUT_SOURCE))
    if source == SOURCE_BATTERY:
        return True
    if source in SOURCES_FROM_MAINS:
        return False
    seconds = whole(cells.get(SECONDS_ON_BATTERY))
    return None if seconds is None else seconds > 0


def _runtime(minutes: int | None, on_battery: bool) -> float | None:
    """Seconds. Some cards always say 0: that is believed only while the battery carries the load."""
    if minutes is None or minutes in NO_MINUTES or not 0 <= minutes <= MOST_MINUTES:
        return None
    return minutes * 60.0 if minutes or on_battery else None


def _temperature(celsius: float | None) -> float | None:
    known = celsius is not None and celsius not in NO_TEMPERATURE and -40 <= celsius <= 120
    return celsius if known else None


def _replace(alarms_present: int | None, alarms: Mapping[str, Value]) -> float | None:
    """1 when the alarm upsAlarmBatteryBad stands; nothing where the card keeps no list of alarms."""
    if any(
        oid == ALARM_BATTERY_BAD or under(str(oid), ALARM_BATTERY_BAD) for oid in alarms.values()
    ):
        return 1.0
    return None if alarms_present is None else 0.0


def _within(value: float | None, low: float, high: float, factor: float) -> float | None:
    return value * factor if value is not None and low <= value <= high else None
