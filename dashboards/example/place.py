"""What stands in an office: power, the meeting room, computers, printers, cameras, Wi-Fi."""

from __future__ import annotations

import zlib

from dashboards.example.subject import Subject
from telemetry import catalogue as c


def power(it: Subject) -> None:
    """A battery backup, or the power system of a station with its rectifiers."""
    on_battery = it.ill("on_battery")
    charge, level = [], 1.0
    drain = 0.024 if it.has("battery_charge") else 0.004
    for minute in on_battery:
        level = max(0.05, level - drain) if minute else min(1.0, level + 0.01)
        charge.append(level)
    minutes = 12 + zlib.crc32(it.id.encode()) % 50
    it.tell(c.POWER_ON_BATTERY, it.flag("on_battery", ok=False))
    it.tell(c.BATTERY_CHARGE, charge)
    it.tell(c.BATTERY_RUNTIME, [minutes * 60 * share for share in charge])
    it.tell(c.BATTERY_VOLTAGE, [46 + 8 * share for share in charge])
    it.tell(
        c.BATTERY_TEMPERATURE, it.wander("battery heat", 27 + zlib.crc32(it.id.encode()) % 12, 1)
    )
    it.tell(c.BATTERY_REPLACE_NEEDED, it.flag("battery_replace", ok=False))
    mains = [
        0.0 if off else v for v, off in zip(it.wander("mains", 226, 6), on_battery, strict=True)
    ]
    it.tell(c.POWER_INPUT_VOLTS, mains, phase="1")
    it.tell(c.POWER_OUTPUT_LOAD, it.wander("load", 0.42, 0.08))
    if it.class_ == "power_system":
        for number in ("1", "2", "3"):
            works = it.tape.constant(
                float(not (number == "3" and it.id == "station-ngoc-my-power"))
            )
            it.tell(c.RECTIFIER_OK, works, rectifier=number)


def room(it: Subject) -> None:
    """A room that joined the morning's meeting half-way through the example."""
    in_call = [float(minute > it.tape.minutes // 2) for minute in range(it.tape.minutes)]
    it.tell(c.CONFERENCE_REGISTERED, it.tape.constant(1))
    it.tell(c.CONFERENCE_CALL_ACTIVE, in_call)
    bad = it.has("loss")
    calls = [value > 0 for value in in_call]
    for direction in ("receive", "transmit"):
        for media in ("audio", "video"):
            labels = {"direction": direction, "media": media}
            key = f"call {direction} {media}"
            loss = [abs(v) for v in it.wander(key, 0.001, 0.002)]
            loss = it.worse(loss, "loss", 0.035 if direction == "receive" else 0.004)
            jitter = it.worse([abs(v) for v in it.wander(key, 0.006, 0.004)], "loss", 0.03)
            it.tell(
                c.CONFERENCE_CALL_LOSS,
                [v if call else 0.0 for v, call in zip(loss, calls, strict=True)],
                **labels,
            )
            it.tell(c.CONFERENCE_CALL_JITTER, jitter, **labels)
    it.tell(c.CONFERENCE_CALL_LATENCY, it.worse(it.wander("latency", 0.03, 0.006), "loss", 0.08))
    for peripheral in ("camera", "microphone", "display"):
        broken = bad and peripheral == "camera"
        works = [float(not (broken and minute % 30 > 20)) for minute in range(it.tape.minutes)]
        it.tell(c.CONFERENCE_PERIPHERAL_OK, works, peripheral=peripheral)


def computer(it: Subject) -> None:
    """A server or the clerk's computer."""
    it.tell(c.HOST_LOAD, it.wander("load", 0.5, 0.3))
    it.tell(c.HOST_CLOCK_OFFSET, it.wander("clock", 0.02, 0.05))
    used = it.worse(it.wander("disk", 0.61, 0.005), "storage", 0.31)
    it.tell(c.DEVICE_STORAGE_UTILIZATION, used, volume="/")
    it.tell(c.DEVICE_STORAGE_UTILIZATION, it.wander("data", 0.48, 0.004), volume="/data")


def printer(it: Subject) -> None:
    """The counter's printer."""
    left = (zlib.crc32(it.id.encode()) % 90 + 5) / 100
    it.tell(c.PRINTER_SUPPLY, it.tape.constant(left), supply="black")


def camera(it: Subject) -> None:
    """A camera at the door."""
    it.tell(c.CAMERA_RECORDING_OK, it.tape.constant(1))


def wifi(it: Subject) -> None:
    """An access point."""
    it.tell(c.WIFI_CLIENTS, [float(round(abs(v))) for v in it.wander("clients", 14, 8)])
