"""Axes: round numbers and round times, and where they lie."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

_TIME_STEPS = (
    60, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 432_000, 604_800,
)  # fmt: skip
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Scale:
    """Values from `low` to `high` on pixels from `begin` to `end` (which may be less)."""

    low: float
    high: float
    begin: float
    end: float

    def at(self, value: float) -> float:
        """Where a value lies."""
        span = self.high - self.low
        return self.begin + (value - self.low) / span * (self.end - self.begin)


def round_values(low: float, high: float, about: int, unit: str, whole: bool) -> list[float]:
    """About this many round numbers from `low` to `high`: round in minutes or kibibytes where the unit
    is counted so; whole: no parts of one.
    """
    if not high > low:
        return [low]
    step = _step((high - low) / max(about, 1), unit)
    if whole:
        step = max(1.0, float(math.ceil(step)))
    first = math.ceil(low / step - 1e-9)
    return [n * step for n in range(first, math.floor(high / step + 1e-9) + 1)]


def round_times(begin: float, end: float, about: int, offset: float) -> list[float]:
    """About this many round times of a clock that is `offset` seconds ahead of UTC."""
    rough = (end - begin) / max(about, 1)
    step = next((step for step in _TIME_STEPS if step >= rough), _TIME_STEPS[-1])
    first = math.ceil((begin + offset) / step)
    return [n * step - offset for n in range(first, math.floor((end + offset) / step) + 1)]


def _step(rough: float, unit: str) -> float:
    """The first round step that is not below a rough one."""
    if unit == "s" and rough > _TIME_STEPS[0] / 2:
        return float(
            next((step for step in _TIME_STEPS if step >= rough), _DAY * math.ceil(rough / _DAY))
        )
    if unit in ("bytes", "binBps"):
        return 2.0 ** math.ceil(math.log2(rough))
    power = 10.0 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * 0.999)


def ticks(
    low: float,
    high: float,
    room: float,
    write: Callable[[float], str],
    *,
    unit: str = "",
    whole: bool = False,
) -> list[tuple[float, str]]:
    """Values for an axis `room` pixels long, with their text; never two with the same text."""
    found: dict[str, float] = {}
    for value in round_values(low, high, max(2, int(room / 34)), unit, whole):
        found.setdefault(write(value), value)
    return [(value, words) for words, value in found.items()]
