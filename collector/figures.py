"""Numbers written for people: the same in both languages, with their unit."""

from __future__ import annotations

from collections.abc import Callable

Figure = Callable[[float], str]
"""Writes a value of one kind with its unit."""


def percent(ratio: float) -> str:
    """A ratio as a percentage: 0.125 is `12.5%`, 0.9 is `90%`."""
    return f"{ratio * 100:.3g}%" if abs(ratio) < 1 else f"{ratio * 100:.0f}%"


def milliseconds(seconds: float) -> str:
    """Seconds as milliseconds: 0.153 is `153 ms`."""
    return f"{seconds * 1000:.3g} ms" if seconds < 1 else f"{seconds:.1f} s"


def celsius(value: float) -> str:
    """A temperature: `61 °C`."""
    return f"{value:.0f} °C"


def dbm(value: float) -> str:
    """Optical or radio power: `-27.4 dBm`."""
    return f"{value:.1f} dBm"


def plain(value: float) -> str:
    """A number without a unit: `42`."""
    return f"{value:g}"


def days(value: float) -> str:
    """A count of whole days."""
    return f"{value:.0f}"
