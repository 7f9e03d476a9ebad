"""Recorded walks of real devices (package `snmpsim-data`), reduced to what agents ask for.

Format of a line (snmprec): OID, tag number with `x` for hexadecimal, value; separated by `|`.
"""

from __future__ import annotations

import bz2
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

from simulator.snmp import ber
from simulator.snmp.ber import Oid
from telemetry.errors import MissingExtra

WANTED = (
    "1.3.6.1.2.1.1.",  # system
    "1.3.6.1.2.1.2.",  # IF-MIB ifTable
    "1.3.6.1.2.1.31.1.1.",  # ifXTable
    "1.3.6.1.2.1.10.7.2.",  # EtherLike-MIB dot3StatsTable
    "1.3.6.1.2.1.25.1.",  # host resources: system, storage, processors
    "1.3.6.1.2.1.25.2.",
    "1.3.6.1.2.1.25.3.2.",
    "1.3.6.1.2.1.25.3.3.",
    "1.3.6.1.2.1.33.",  # UPS-MIB
    "1.3.6.1.2.1.47.1.1.1.",  # ENTITY-MIB entPhysicalTable
    "1.3.6.1.2.1.99.",  # ENTITY-SENSOR-MIB
    "1.3.6.1.6.3.10.2.1.",  # SNMP-FRAMEWORK-MIB snmpEngine
)
_NUMBERS = (ber.INTEGER, ber.COUNTER32, ber.GAUGE32, ber.TIMETICKS, ber.COUNTER64)


@cache
def load(name: str) -> Mapping[Oid, bytes]:
    """The encoded values of a recording such as `network/switch/dlink-des3038`, by object.

    Read once, then shared by all devices of a kind. Raises MissingExtra without `snmpsim-data`.
    """
    return MappingProxyType(read(_path(name), WANTED))


def read(path: Path, wanted: tuple[str, ...] = ("1.",)) -> dict[Oid, bytes]:
    """The encoded values of the recording in a file, by object; only those that begin with `wanted`."""
    values = {}
    for oid, tag, value in _lines(path, wanted):
        try:
            values[tuple(map(int, oid.split(".")))] = _encode(tag, value)
        except ValueError:  # a line that the recorder garbled; the others stand
            continue
    return values


def _path(name: str) -> Path:
    package = find_spec("snmpsim_data")
    if package is None or package.origin is None:
        raise MissingExtra(
            "The simulated devices need recorded walks: run pip install 'lapthach-monitor[demo]'."
        )
    plain = Path(package.origin).parent / "data" / f"{name}.snmprec"
    return plain if plain.exists() else plain.with_name(plain.name + ".bz2")


def _lines(path: Path, wanted: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    raw = path.read_bytes()
    text = (bz2.decompress(raw) if path.suffix == ".bz2" else raw).decode("latin-1")
    for line in text.split("\n"):
        if line.startswith(wanted) and line.count("|") >= 2:
            oid, tag, value = line.rstrip("\r").split("|", 2)
            yield oid, tag, value


def _encode(tag: str, value: str) -> bytes:
    """The encoded value of a recorded line. Raises ValueError."""
    kind = int(tag.rstrip("x"))
    hexadecimal = tag.endswith("x")
    if kind in (ber.OCTET_STRING, ber.OPAQUE, ber.IP_ADDRESS):
        if kind == ber.IP_ADDRESS and not hexadecimal:
            return ber.encode(kind, bytes(map(int, value.split("."))))
        return ber.encode(kind, bytes.fromhex(value) if hexadecimal else value.encode("latin-1"))
    if kind == ber.OBJECT_IDENTIFIER:
        return ber.encode_oid(tuple(map(int, value.strip().strip(".").split("."))))
    if kind == ber.NULL:
        return ber.encode(ber.NULL, b"")
    if kind not in _NUMBERS:
        raise ValueError(f"{tag} is no kind of value")
    return ber.encode_integer(int(value), kind)
