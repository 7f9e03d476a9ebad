"""The day and the week of the district: office hours, evenings at home, heat of the afternoon."""

from __future__ import annotations

import math
from collections.abc import Sequence

from simulator.scenarios.chance import stream
from simulator.scenarios.seeds import START

MINUTE = 60.0
HOUR = 3600.0
DAY = 86_400.0
WEEK_MINUTES = 7 * 24 * 60


def _bump(hour: float, centre: float, width: float) -> float:
    return math.exp(-(((hour - centre) / width) ** 2))


def _office(day: int, hour: float) -> float:
    """How busy an office is: two peaks on working days, a little on Saturday morning."""
    busy = _bump(hour, 9.3, 1.6) + 0.85 * _bump(hour, 15.0, 1.4)
    return min(1.0, busy) * (1.0 if day < 5 else 0.25 if day == 5 and hour < 12 else 0.06)


def _homes(day: int, hour: float) -> float:
    """How busy the villages' own lines are: evenings, all day at the weekend."""
    evening = _bump(hour, 20.3, 1.8) + 0.25 * _bump(hour, 12.2, 1.2)
    return min(1.0, evening + (0.25 * _bump(hour, 15.0, 4.0) if day >= 5 else 0.0))


def _table(shape: str) -> tuple[float, ...]:
    of = {"office": _office, "homes": _homes}[shape]
    return tuple(of(m // 1440, m % 1440 / 60.0) for m in range(WEEK_MINUTES))


_OFFICE = _table("office")
_HOMES = _table("homes")


def minute_of_week(t: float) -> int:
    """0 on Monday at 0:00 local time; the district has no summer time."""
    return int((t - START) // 60.0) % WEEK_MINUTES


def office(t: float) -> float:
    """0 (nobody there) to 1 (the busiest hour)."""
    return _OFFICE[minute_of_week(t)]


def homes(t: float) -> float:
    """0 (all asleep) to 1 (the evening's peak)."""
    return _HOMES[minute_of_week(t)]


class Weather:
    """Degrees Celsius in the shade, the same for the whole district. waves: (from, until, degrees)."""

    def __init__(self, seed: int, days: int, waves: Sequence[tuple[float, float, float]]) -> None:
        chance = stream(seed, "weather")
        fronts, front = [], chance.gauss(0.0, 1.2)
        for _ in range(int(days) * 4 + 16):
            front = 0.92 * front + chance.gauss(0.0, 0.5)
            fronts.append(front)
        self._fronts = fronts
        self._waves = waves
        self._at = -1.0
        self._value = 0.0

    def outside(self, t: float) -> float:
        """The temperature at `t`; within a minute it does not change."""
        if not 0.0 <= t - self._at < MINUTE:
            self._at, self._value = t, self._look(t)
        return self._value

    def _look(self, t: float) -> float:
        since = max(0.0, t - START)
        place = since / (6 * HOUR)
        low = min(int(place), len(self._fronts) - 2)
        part = min(1.0, place - low)
        front = self._fronts[low] * (1.0 - part) + self._fronts[low + 1] * part
        hour = since % DAY / HOUR
        afternoon = 4.2 * math.cos((hour - 14.5) / 24.0 * 2.0 * math.pi)
        return 28.5 + front + afternoon + sum(self._wave(t, *wave) for wave in self._waves)

    @staticmethod
    def _wave(t: float, start: float, end: float, degrees: float) -> float:
        """A hot spell comes and goes within a day or so."""
        rise = min(max((t - start) / DAY, 0.0), 1.0)
        fall = min(max((end - t) / DAY, 0.0), 1.0)
        return degrees * min(rise, fall)
