"""How is the machine on which the agent itself runs? The only place that uses psutil."""

from __future__ import annotations

import asyncio
import contextlib
import math
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import psutil

from agent.address import Lookup
from agent.probe import Reason, Result, Target
from agent.sntp import clock_offset
from agent.trial import CheckFailed, Trial
from inventory.check import HostCheck
from telemetry.catalogue import (
    BATTERY_CHARGE,
    BATTERY_RUNTIME,
    DEVICE_CPU_UTILIZATION,
    DEVICE_MEMORY_UTILIZATION,
    DEVICE_STORAGE_UTILIZATION,
    DEVICE_TEMPERATURE,
    DEVICE_UPTIME,
    HOST_CLOCK_OFFSET,
    HOST_LOAD,
    POWER_ON_BATTERY,
)
from telemetry.labels import clean_text
from telemetry.sample import Reading

FIRST_LOOK_SECONDS = 0.25
"""How long the processors are watched when there is no earlier look to compare with."""
CLOCK_SECONDS = 2.0
"""How long a time server may take; the other readings never wait longer for it."""
_PLAUSIBLE_CELSIUS = range(-50, 151)
_NEVER_EMPTY = frozenset({"squashfs", "iso9660", "udf", "erofs", "cramfs"})
"""Read-only images: always full, and rightly so."""

_WORDS = {
    DEVICE_CPU_UTILIZATION.name: "The processors are busy {percent:.0f} % of the time.",
    DEVICE_MEMORY_UTILIZATION.name: "Memory ({name}): {percent:.0f} % in use.",
    DEVICE_STORAGE_UTILIZATION.name: "Volume {name}: {percent:.0f} % full.",
    DEVICE_TEMPERATURE.name: "Sensor {name}: {value:.1f} °C.",
    BATTERY_CHARGE.name: "The battery is charged to {percent:.0f} %.",
}

CpuTimes = tuple[float, float]
"""Busy and total seconds of all processors together since the machine started."""


class HostProbe:
    """Reads processors, memory, volumes, temperatures, uptime, load and battery of this machine.

    The share of the processors is taken between one check and the next. A sensor that this machine
    lacks gives no reading. With `ntp_server` also `host_clock_offset_seconds`; a time server that
    does not answer leaves that reading out and says so, the check itself stays good.
    """

    def __init__(self) -> None:
        self._lookup = Lookup()
        self._earlier: CpuTimes | None = None
        self._busy = threading.Lock()

    async def check(self, target: Target, options: HostCheck, deadline: float) -> Result:
        """Looks at this machine; refuses a target whose address is not one of this machine's."""
        trial = Trial()
        seconds = min(deadline, options.timeout)
        return await trial.run(self._look(trial, target, options, seconds), seconds)

    async def close(self) -> None:
        """Nothing is open between checks."""

    async def _look(self, trial: Trial, target: Target, options: HostCheck, seconds: float) -> None:
        if target.address and not _is_ours(await self._lookup.addresses(target.address)):
            # Else this machine's health would be told of another one.
            raise CheckFailed(
                Reason.FORBIDDEN,
                f"{target.address} is another machine: the check host speaks of the agent's own.",
            )
        if options.ntp_server:
            await self._read_clock(trial, options.ntp_server, options.ntp_port, seconds)
        missing = set(options.volumes)
        trial.say("Asking the operating system for processors, memory, volumes and sensors.")
        for reading in await asyncio.to_thread(self._readings, options.volumes):
            trial.read(reading)
            missing.discard(reading.labels.get("volume", ""))
            if words := _WORDS.get(reading.metric):
                name = "".join(reading.labels.values())
                trial.say(words.format(name=name, percent=100 * reading.value, value=reading.value))
        for volume in missing:
            trial.say(f"No reading of the volume {volume}: it is not there, or closed to us.")

    def _readings(self, volumes: Sequence[str]) -> list[Reading]:
        """Blocks; runs in a thread. A dead disk can hold it up, so a second one never starts."""
        if not self._busy.acquire(blocking=False):
            raise TimeoutError("the check before still waits for a volume")
        try:
            return [
                *self._processors(),
                *_memory(),
                *_volumes(volumes),
                *_temperatures(),
                *_uptime_and_load(),
                *_battery(),
            ]
        finally:
            self._busy.release()

    def _processors(self) -> Iterator[Reading]:
        if self._earlier is None:
            self._earlier = _cpu_times()
            time.sleep(FIRST_LOOK_SECONDS)
        later = _cpu_times()
        share = busy_share(self._earlier, later)
        self._earlier = later
        if share is not None:
            # All together: one program on one core of four does not make a computer slow.
            yield DEVICE_CPU_UTILIZATION.reading(share, cpu="all")

    async def _read_clock(self, trial: Trial, server: str, port: int, seconds: float) -> None:
        trial.say(f"Asking the time server {server} (SNTP).")
        try:
            async with asyncio.timeout(min(CLOCK_SECONDS, seconds / 2)):
                address = (await self._lookup.permitted(server))[0]
                offset = await clock_offset(address, port)
        except (CheckFailed, OSError, ValueError) as error:
            trial.say(f"No reading of the clock: {str(error) or 'no answer in time'}.")
            return
        trial.read(HOST_CLOCK_OFFSET.reading(offset))
        trial.say(f"This clock is {abs(offset):.3f} s {'fast' if offset > 0 else 'slow'}.")


def _is_ours(addresses: Sequence[str]) -> bool:
    """Whether one of the numeric addresses belongs to this machine: only such a one can be bound."""
    for address in addresses:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as trying, contextlib.suppress(OSError):
            trying.bind((address, 0))
            return True
    return False


def busy_share(earlier: CpuTimes, later: CpuTimes) -> float | None:
    """The share of time that the processors were busy between two looks; None when none passed."""
    passed = later[1] - earlier[1]
    return min(1.0, max(0.0, (later[0] - earlier[0]) / passed)) if passed > 0 else None


def _cpu_times() -> CpuTimes:
    times = psutil.cpu_times()
    # Linux counts a guest's time in `user` as well; waiting for the disk is not work.
    guest = getattr(times, "guest", 0.0) + getattr(times, "guest_nice", 0.0)
    total = sum(times) - guest
    return total - times.idle - getattr(times, "iowait", 0.0), total


def _memory() -> Iterator[Reading]:
    ram = psutil.virtual_memory()
    yield DEVICE_MEMORY_UTILIZATION.reading(1 - ram.available / ram.total, pool="ram")
    swap = psutil.swap_memory()
    if swap.total:
        yield DEVICE_MEMORY_UTILIZATION.reading(swap.used / swap.total, pool="swap")


def _volumes(wanted: Sequence[str]) -> Iterator[Reading]:
    for volume in wanted or _local_volumes():
        try:
            usage = psutil.disk_usage(volume)
        except OSError:  # a card reader without a card, or a volume that the agent may not see
            continue
        if usage.total:
            yield DEVICE_STORAGE_UTILIZATION.reading(usage.percent / 100, volume=clean_text(volume))


def _local_volumes() -> list[str]:
    """One mount point of each local disk; the system's own where none can be told."""
    shortest: dict[str, str] = {}
    for part in psutil.disk_partitions(all=False):
        real = part.fstype and part.fstype not in _NEVER_EMPTY and Path(part.mountpoint).is_dir()
        if real and len(part.mountpoint) < len(shortest.get(part.device, part.mountpoint + "+")):
            shortest[part.device] = part.mountpoint
    return sorted(shortest.values()) or [Path(sys.executable).anchor or "/"]


def _temperatures() -> Iterator[Reading]:
    read: Callable[[], dict[str, list[psutil._ntuples.shwtemp]]] | None
    read = getattr(psutil, "sensors_temperatures", None)  # absent on Windows
    for chip, sensors in (read() if read else {}).items():
        for number, sensor in enumerate(sensors):
            celsius = sensor.current
            if not math.isfinite(celsius) or int(celsius) not in _PLAUSIBLE_CELSIUS:
                continue
            name = clean_text(f"{chip}/{sensor.label or number}")
            yield DEVICE_TEMPERATURE.reading(celsius, sensor=name)


def _uptime_and_load() -> Iterator[Reading]:
    # Linux counts from the start whatever happens to the wall clock; others have only the latter.
    if hasattr(time, "CLOCK_BOOTTIME"):
        yield DEVICE_UPTIME.reading(time.clock_gettime(time.CLOCK_BOOTTIME))
    else:
        yield DEVICE_UPTIME.reading(time.time() - psutil.boot_time())
    yield HOST_LOAD.reading(psutil.getloadavg()[0] / (psutil.cpu_count() or 1))


def _battery() -> Iterator[Reading]:
    read = getattr(psutil, "sensors_battery", None)  # absent on some systems
    battery = read() if read else None
    if battery is None:
        return
    yield BATTERY_CHARGE.reading(battery.percent / 100)
    if battery.power_plugged is not None:
        yield POWER_ON_BATTERY.reading(not battery.power_plugged)
    if battery.secsleft >= 0:  # else psutil's marks for "charging" and "unknown"
        yield BATTERY_RUNTIME.reading(battery.secsleft)
