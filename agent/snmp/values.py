"""Values as devices really send them, made into numbers and clean text.

Agents send ifSpeed as INTEGER or text, percentages as `15 PERCENT`, Counter32 as a negative
INTEGER: decoding goes by the value, not by the type that the MIB promises.
"""

from __future__ import annotations

import math
import re
import struct
from functools import lru_cache

from agent.snmp.session import Value
from telemetry.labels import MAX_TEXT, clean_text

_TWO_TO_THE_64 = 1 << 64
_NUMBER = re.compile(r"[-+]?\d{1,30}(?:[.,]\d{1,30})?")
# Opaque float: context tag 0x9f 0x78, length 4, IEEE 754 (net-snmp's NET-SNMP-TC).
_OPAQUE_FLOAT = b"\x9f\x78\x04"
_SMALLEST, _LARGEST = (
    1e-12,
    1e15,
)  # whatever lies outside was not measured, but read the wrong way round


def number(value: Value | None) -> float | None:
    """The number in `value`, also when it is text with a unit; None when there is none.

    Never NaN or infinite.
    """
    if value is None:
        return None
    if isinstance(value, int | float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, bytes) and value.startswith(_OPAQUE_FLOAT) and len(value) == 7:
        return _opaque_float(value[3:])
    found = _NUMBER.search(clean_text(value, 64))
    return float(found.group().replace(",", ".")) if found else None


def _opaque_float(octets: bytes) -> float | None:
    """The figure of four octets; with the lowest first, as some agents send them, where only so it is one
    that anything could measure.
    """
    for order in (">f", "<f"):
        (figure,) = struct.unpack(order, octets)
        if figure == 0 or _SMALLEST <= abs(figure) <= _LARGEST:
            return float(figure)
    return None


def whole(value: Value | None) -> int | None:
    """The whole number in `value`; None when there is none or it has a fraction."""
    if isinstance(value, int):
        return int(value)
    found = number(value)
    return int(found) if found is not None and found == int(found) else None


def counter(value: Value | None, bits: int) -> int | None:
    """A counter reading from 0 to 2^64 - 1; None for anything else.

    A negative value of a 32-bit column is one that the agent sent as signed; some agents send 64-bit
    values where the MIB has 32.
    """
    if type(value) is int and 0 <= value < _TWO_TO_THE_64:
        return value  # by far the commonest
    found = whole(value)
    if found is None:
        return None
    if -(1 << 31) <= found < 0 and bits == 32:
        found += 1 << 32
    return found if 0 <= found < _TWO_TO_THE_64 else None


def text(value: Value | None) -> str:
    """Clean text of at most 256 characters; empty when there is none. Never raises."""
    if value is None:
        return ""
    if isinstance(value, bytes) and len(value) <= MAX_TEXT:
        return _short_text(value)
    return clean_text(value if isinstance(value, bytes | str) else str(value))


@lru_cache(maxsize=4096)
def _short_text(value: bytes) -> str:
    """Devices say the same names at every poll, and to clean a name costs more than to ask for it."""
    return clean_text(value)


def mac(value: Value | None) -> str:
    """A MAC address as `aa:bb:cc:dd:ee:ff`; empty when the value is none.

    Agents send six octets, or the same as ASCII text, or nothing.
    """
    return _mac(value) if isinstance(value, bytes) and len(value) <= MAX_TEXT else ""


@lru_cache(maxsize=4096)
def _mac(value: bytes) -> str:
    digits = value.hex() if len(value) == 6 else re.sub(r"[^0-9a-f]", "", clean_text(value).lower())
    if len(digits) != 12 or digits == "000000000000":
        return ""
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))
