"""Numbers as Grafana writes them, in the units that our boards use."""

from __future__ import annotations

import math
from collections.abc import Callable

from dashboards.preview.errors import NotDrawnError

_TIMES = (
    (60.0, 1.0, " s"),
    (3600.0, 60.0, " min"),
    (86_400.0, 3600.0, " hour"),
    (604_800.0, 86_400.0, " day"),
    (31_536_000.0, 604_800.0, " week"),
    (math.inf, 31_536_000.0, " year"),
)


def written(value: float, unit: str, decimals: int | None = None) -> str:
    """A value with its unit. Raises NotDrawnError for a unit that no board uses so far."""
    if unit not in _UNITS:
        raise NotDrawnError(f"the unit {unit!r} is not known")
    return _UNITS[unit](value, decimals)


def number(value: float, decimals: int | None = None) -> str:
    """A plain number; without `decimals` as many digits as it takes to tell values apart."""
    value = float(f"{value:.9g}")  # 60.00000000000001 is 60
    if decimals is None:
        decimals = _digits(value)
    return f"{value:.{decimals}f}".replace("-0", "0") if value == 0 else f"{value:.{decimals}f}"


def _digits(value: float) -> int:
    """Grafana's own rule: about three figures, none for whole numbers."""
    if value == 0 or value % 1 == 0:
        return 0
    digits = -math.floor(math.log10(abs(value))) + 1
    if abs(value) / 10.0**-digits > 2.25:
        digits += 1
    return max(0, digits)


def _suffixed(suffix: str) -> Callable[[float, int | None], str]:
    return lambda value, decimals: number(value, decimals) + suffix


def _scaled(*names: str, base: float = 1000.0) -> Callable[[float, int | None], str]:
    """With a prefix for each power of the base; the first name is that of the unit alone."""

    def write(value: float, decimals: int | None) -> str:
        for name in names:
            if abs(value) < base or name == names[-1]:
                return number(value, decimals) + name
            value /= base
        raise AssertionError("the last name ends the loop")

    return write


def _small(value: float, decimals: int | None, name: str) -> str:
    """With milli and micro below one."""
    for factor, prefix in ((1.0, ""), (1e3, "m"), (1e6, "µ")):
        if abs(value) * factor >= 1 or value == 0 or prefix == "µ":
            return f"{number(value * factor, decimals)} {prefix}{name}"
    raise AssertionError("the smallest prefix ends the loop")


def _seconds(value: float, decimals: int | None) -> str:
    if abs(value) < 1:
        return _small(value, decimals, "s")
    for below, factor, name in _TIMES:
        if abs(value) < below:
            return number(value / factor, decimals) + name
    raise AssertionError("the longest unit has no end")


def _percent(value: float, decimals: int | None) -> str:
    return number(value * 100, decimals) + "%"


_UNITS: dict[str, Callable[[float, int | None], str]] = {
    "none": number,
    "short": _scaled("", " K", " Mil", " Bil"),
    "percentunit": _percent,
    "s": _seconds,
    "celsius": _suffixed(" °C"),
    "dBm": _suffixed(" dBm"),
    "dB": _suffixed(" dB"),
    "volt": lambda value, decimals: _small(value, decimals, "V"),
    "amp": lambda value, decimals: _small(value, decimals, "A"),
    "bps": _scaled(" b/s", " kb/s", " Mb/s", " Gb/s"),
    "bytes": _scaled(" B", " KiB", " MiB", " GiB", base=1024.0),
    "binBps": _scaled(" B/s", " KiB/s", " MiB/s", " GiB/s", base=1024.0),
    "pps": _scaled(" p/s", " kp/s", " Mp/s"),
    "cps": _scaled(" c/s", " Kc/s", " Mc/s"),
}
