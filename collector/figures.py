"""Numbers written for people, with their unit and a decimal point; a `Speaker` puts in the comma."""

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


def db(value: float) -> str:
    """A ratio of powers: `-14.0 dB`."""
    return f"{value:.1f} dB"


def minutes(seconds: float) -> str:
    """Seconds as a count of whole minutes."""
    return f"{seconds / 60:.0f}"


def bits_per_second(value: float) -> str:
    """The speed of a port: `100 Mbit/s`."""
    for size, sign in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:g} {sign}bit/s"
    return f"{value:g} bit/s"


def generation(value: float) -> str:
    """A generation of mobile networks: `4G`."""
    return f"{value:.0f}G"


def grade(value: float) -> str:
    """A grade from 1 to 5: `2.4`."""
    return f"{value:.1f}"


def volts(value: float) -> str:
    """A voltage: `53.5 V`."""
    return f"{value:.1f} V"
