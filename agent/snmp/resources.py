"""Processor, memory and storage: HOST-RESOURCES-MIB (RFC 2790) and UCD-SNMP-MIB (net-snmp).

Linux counts its cache as used memory in hrStorageTable; where UCD or another row tells the cache, it is taken
off.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from agent.snmp.memory import Memory
from agent.snmp.names import unique_names
from agent.snmp.poll import Cells, Poll
from agent.snmp.values import number, text, whole
from telemetry import catalogue
from telemetry.sample import Reading

PROCESSOR_LOAD = "1.3.6.1.2.1.25.3.3.1.2"
STORAGE = "1.3.6.1.2.1.25.2.3.1"
STORAGE_TYPE, STORAGE_DESCR, STORAGE_UNIT = f"{STORAGE}.2", f"{STORAGE}.3", f"{STORAGE}.4"
STORAGE_SIZE, STORAGE_USED = f"{STORAGE}.5", f"{STORAGE}.6"
STORAGE_KINDS = "1.3.6.1.2.1.25.2.1."
RAM_KIND = "2"
MEMORY_KINDS = (RAM_KIND, "3")  # and virtual memory
VOLUME_KINDS = (
    "4",
    "8",
    "9",
    "10",
)  # fixed disk, RAM disk, flash, network disk; no CD is ever full

UCD = "1.3.6.1.4.1.2021"
SWAP_TOTAL, SWAP_FREE = f"{UCD}.4.3.0", f"{UCD}.4.4.0"
RAM_TOTAL, RAM_FREE = f"{UCD}.4.5.0", f"{UCD}.4.6.0"
RAM_BUFFERS, RAM_CACHED = f"{UCD}.4.14.0", f"{UCD}.4.15.0"
CPU_IDLE = f"{UCD}.11.11.0"
RAM_POOL, SWAP_POOL = "Physical memory", "Swap space"
"""The names that net-snmp gives these two in hrStorageTable."""

_CACHE = re.compile(r"(?:memory buffers?|cached memory|ram \((?:buffers|cache)\))$", re.IGNORECASE)
"""Rows of net-snmp and EOS that tell how much of the memory in use would be given back at once."""
_NO_VOLUME = re.compile(r"^devfs\b|(?:^|mounted on: )/(?:dev|proc|(?:snap|packages)/.*)$")
"""What looks like a volume and is always full: lists of devices, packed images that nobody writes to."""
_VIRTUAL = "Virtual memory"
_WINDOWS_VOLUME = re.compile(r"^([A-Za-z]:\\).*")


async def read_processors(poll: Poll, memory: Memory) -> list[Reading]:
    """The load of each processor over the last minute."""
    return decode_processors(await poll.column("hrProcessorLoad", PROCESSOR_LOAD))


async def read_ucd(poll: Poll, memory: Memory) -> list[Reading]:
    """Memory without the cache, swap, and the processor where there is no other figure of it."""
    oids = (RAM_TOTAL, RAM_FREE, RAM_BUFFERS, RAM_CACHED, SWAP_TOTAL, SWAP_FREE, CPU_IDLE)
    return decode_ucd(await poll.scalars("UCD memory", oids), "processors" in memory.absent)


async def read_storage(poll: Poll, memory: Memory) -> list[Reading]:
    """Memory pools and volumes of hrStorageTable."""
    types = await poll.column("hrStorageType", STORAGE_TYPE)
    columns = (STORAGE_TYPE, STORAGE_DESCR, STORAGE_UNIT, STORAGE_SIZE, STORAGE_USED)
    rows = await poll.rows("hrStorage", columns, list(types))
    return decode_storage(rows, "ucd" not in memory.absent)


def decode_processors(loads: Mapping[str, object]) -> list[Reading]:
    """`loads`: hrProcessorLoad in percent by hrDeviceIndex; processors are numbered from 0."""
    readings = []
    for ordinal, load in enumerate(loads.values()):
        percent = whole(load) if isinstance(load, int | bytes | str) else None
        if percent is not None and 0 <= percent <= 100:
            readings.append(
                catalogue.DEVICE_CPU_UTILIZATION.reading(percent / 100, cpu=str(ordinal))
            )
    return readings


def decode_ucd(cells: Cells, with_processor: bool) -> list[Reading]:
    """The readings of UCD-SNMP-MIB; `cpu="all"` from ssCpuIdle, where it is wanted."""
    readings = []
    total = number(cells.get(RAM_TOTAL))
    parts = [number(cells.get(oid)) or 0.0 for oid in (RAM_FREE, RAM_BUFFERS, RAM_CACHED)]
    # OneFS tells thirty times its memory as cache.
    spare = sum(part for part in parts if total is None or part <= total)
    pools = (
        (RAM_POOL, total, spare if RAM_FREE in cells else None),
        (SWAP_POOL, number(cells.get(SWAP_TOTAL)), number(cells.get(SWAP_FREE))),
    )
    for pool, total, free in pools:
        ratio = None if total is None or free is None else _share(total - free, total)
        if ratio is not None:
            readings.append(catalogue.DEVICE_MEMORY_UTILIZATION.reading(ratio, pool=pool))
    idle = number(cells.get(CPU_IDLE))
    if with_processor and idle is not None and 0 <= idle <= 100:
        readings.append(catalogue.DEVICE_CPU_UTILIZATION.reading(1 - idle / 100, cpu="all"))
    return readings


def decode_storage(rows: Mapping[str, Cells], ucd_tells: bool = False) -> list[Reading]:
    """Memory and volumes with a size; names are the device's own, made unique.

    ucd_tells: the memory is known better from UCD-SNMP-MIB; what net-snmp calls virtual memory is its memory
    and its swap space together, with the cache, and left out then.
    """
    cache = sum(_octets(row, STORAGE_USED) for row in rows.values() if _is_cache(row))
    kept = {i: row for i, row in rows.items() if _counts(row, ucd_tells)}
    names = unique_names(
        {index: _volume(text(row.get(STORAGE_DESCR))) for index, row in kept.items()}
    )
    readings = []
    for index, row in kept.items():
        used, size = _octets(row, STORAGE_USED), _octets(row, STORAGE_SIZE)
        with_cache = _kind(row) == RAM_KIND or text(row.get(STORAGE_DESCR)) == _VIRTUAL
        if with_cache and cache < used <= size:
            used -= cache
        ratio = _share(used, size)
        if ratio is None:
            continue
        if _kind(row) in MEMORY_KINDS:
            readings.append(catalogue.DEVICE_MEMORY_UTILIZATION.reading(ratio, pool=names[index]))
        else:
            readings.append(
                catalogue.DEVICE_STORAGE_UTILIZATION.reading(ratio, volume=names[index])
            )
    return readings


def _counts(row: Cells, ucd_tells: bool) -> bool:
    """Whether a row is memory or a volume that can fill up."""
    name = text(row.get(STORAGE_DESCR))
    if _kind(row) not in (*MEMORY_KINDS, *VOLUME_KINDS) or _NO_VOLUME.search(name):
        return False
    return not (_is_cache(row) or (ucd_tells and name == _VIRTUAL))


def _is_cache(row: Cells) -> bool:
    return _kind(row) not in VOLUME_KINDS and bool(_CACHE.match(text(row.get(STORAGE_DESCR))))


def _octets(row: Cells, column: str) -> float:
    """A figure of a row in octets; the unit is one where it is not told."""
    return _unsigned(row, column) * (whole(row.get(STORAGE_UNIT)) or 1)


def _kind(row: Cells) -> str:
    kind = row.get(STORAGE_TYPE)
    return kind.removeprefix(STORAGE_KINDS) if isinstance(kind, str) else ""


def _volume(descr: str) -> str:
    """Windows writes label and serial number behind the drive: `C:\\ Label:System  Serial …`."""
    return _WINDOWS_VOLUME.sub(r"\1", descr)


def _unsigned(row: Cells, column: str) -> float:
    """Integer32 turns negative above 2^31 units."""
    units = whole(row.get(column))
    if units is None:
        return -1.0
    return float(units + (1 << 32) if units < 0 else units)


def _share(used: float, total: float) -> float | None:
    """`used` of `total`; None when there is no total or the figures contradict each other."""
    if total <= 0 or not 0 <= used <= total * 1.05:
        return None
    return min(1.0, used / total)
