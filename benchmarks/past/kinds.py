"""Stand-ins for the kinds of series that public anomaly benchmarks have, made from a seed.

They were written from what is published of such series (how often, how long, how noisy, what is
labelled), not from their data, and come with or without faults: the same series without them tells how
often a judge cries wolf.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from benchmarks.past.labelled import Labelled, around

DAY = 86_400.0
START = 1_396_310_400.0  # midnight


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes series: by chance, and with faults or without."""

    chance: random.Random
    faults: bool

    def places(self, rows: int, count: int, apart: float = 0.1) -> list[int]:
        """Rows at which faults begin, away from one another; none when there are to be none."""
        if not self.faults:
            return []
        while True:
            places = sorted(int(rows * self.chance.uniform(0.2, 0.95)) for _ in range(count))
            if all(b - a > apart * rows for a, b in pairwise(places)):
                return places

    def unrest(self, rows: int, spread: float, memory: float) -> Iterator[float]:
        """Noise that remembers."""
        value = 0.0
        fresh = spread * math.sqrt(1.0 - memory * memory)
        for _ in range(rows):
            value = memory * value + self.chance.gauss(0.0, fresh)
            yield value


def steps(rows: int, step: float) -> list[float]:
    """Evenly spaced times."""
    return [START + place * step for place in range(rows)]


def hour(at: float) -> float:
    """The hour of the day."""
    return at % DAY / 3600.0


def backups(make: Maker) -> Labelled:
    """A processor that idles in coarse steps, with a backup each night; faults: far higher peaks."""
    times, chance = steps(4032, 300.0), make.chance
    values = [chance.choices([0.066, 0.134, 0.2], [0.28, 0.66, 0.06])[0] for _ in times]
    for place, at in enumerate(times):
        if 3.0 <= hour(at) < 3.08:
            values[place] = 1.5 * chance.uniform(0.9, 1.15)
    faults = make.places(4032, 2)
    for place in faults:
        values[place] = 1.5 * chance.uniform(1.45, 1.7)
    return around("servers", times, values, faults)


def shifts(make: Maker) -> Labelled:
    """Noise around a level, some with peaks of its own; faults: the level shifts for a while or for good."""
    chance = make.chance
    level = chance.uniform(5.0, 95.0)
    spread = level * chance.uniform(0.01, 0.1)
    often, high = chance.choice([(0.0, 0.0), (0.005, 6.0), (0.01, 4.0)])
    values = [level + off for off in make.unrest(4032, spread, chance.uniform(0.3, 0.8))]
    for place in range(4032):
        if chance.random() < often:
            values[place] += high * spread * chance.uniform(0.4, 1.0)
    faults = make.places(4032, chance.choice([1, 2]))
    for place in faults:
        change = chance.choice([-1.0, 1.0]) * chance.uniform(5.0, 9.0) * spread
        for row in range(place, min(4032, place + chance.choice([6, 30, 120, 4032]))):
            values[row] += change
    return around("servers", steps(4032, 300.0), values, faults)


def bursts(make: Maker) -> Labelled:
    """Near nothing, and bursts of every size; faults: far larger, longer or denser ones."""
    chance = make.chance
    high, often = chance.uniform(10.0, 100.0), chance.choice([0.002, 0.01, 0.03, 0.1])
    tail = chance.uniform(1.6, 3.0)
    values = [high * 0.02 * chance.uniform(0.9, 1.1) for _ in range(4032)]
    for place in range(4032):
        if chance.random() < often:
            size = min(0.3 * high * chance.paretovariate(tail), 3.0 * high)
            for row in range(place, min(4032, place + chance.choice([1, 1, 2, 3]))):
                values[row] += size
    faults = make.places(4032, chance.choice([1, 2, 2, 3]))
    for place in faults:
        size, length = high * chance.uniform(1.5, 3.2), chance.choice([1, 4, 30])
        for row in range(place, min(4032, place + length)):
            values[row] += size
    return around("servers", steps(4032, 300.0), values, faults)


def prices(make: Maker) -> Labelled:
    """Hourly means with a day's course and much unrest; faults: hours far above or below."""
    chance, times = make.chance, steps(1620, 3600.0)
    course, spread = chance.uniform(0.1, 0.4), chance.uniform(0.1, 0.25)
    values = [
        max(0.0, 0.5 * (1.0 + course * math.sin(math.tau * at / DAY) + off))
        for at, off in zip(times, make.unrest(1620, spread, 0.6), strict=True)
    ]
    for place in range(1620):
        if chance.random() < 0.004:
            values[place] *= chance.uniform(1.5, 2.5)
    faults = make.places(1620, chance.choice([1, 2, 3, 4]), apart=0.08)
    for place in faults:
        factor = 0.1 if chance.random() < 0.2 else chance.uniform(2.2, 5.0)
        for row in range(place, min(1620, place + chance.choice([1, 2, 12]))):
            values[row] *= factor
    return around("prices", times, values, faults)


def counts(make: Maker) -> Labelled:
    """How often something was mentioned: by day more, with bursts of any size; faults: huge ones."""
    chance, rows = make.chance, 15_860
    usual, tail = chance.choice([3.0, 10.0, 20.0, 60.0]), chance.uniform(1.3, 2.0)
    times, values, burst = steps(rows, 300.0), [], 0.0
    for at in times:
        if chance.random() < 0.006:
            burst = usual * min(0.8 * chance.paretovariate(tail), 25.0)
        burst *= 0.6
        mean = usual * (1.0 + 0.6 * math.sin(math.tau * (hour(at) / 24.0 - 0.3))) + burst
        mean *= chance.gammavariate(4.0, 0.25)
        values.append(float(max(0, round(chance.gauss(mean, math.sqrt(max(mean, 0.01)))))))
    faults = make.places(rows, chance.choice([2, 2, 3, 3, 4]), apart=0.08)
    for place in faults:
        size, length = usual * chance.uniform(10.0, 60.0), chance.choice([1, 3, 10])
        for row in range(place, min(rows, place + 5 * length)):
            values[row] += float(int(size * math.exp((place - row) / length)))
    return around("counts", times, values, faults)


def roads(make: Maker) -> Labelled:
    """The speed on a road, measured when somebody passes; faults: it jams."""
    chance, rows = make.chance, make.chance.choice([1127, 2162, 2500])
    times, at = [], START
    for _ in range(rows):
        at += chance.choice([7200.0, 36_000.0]) if chance.random() < 0.01 else _pause(chance)
        times.append(at)
    values = []
    for at, off in zip(times, make.unrest(rows, 4.0, 0.5), strict=True):
        rush = math.exp(-(((hour(at) - 17.5) / 1.4) ** 2))
        values.append(float(round(72.0 + off - 8.0 * rush * chance.uniform(0.0, 1.6))))
    faults = make.places(rows, chance.choice([1, 2, 3, 4]), apart=0.08)
    for place in faults:
        for row in range(place, min(rows, place + chance.choice([2, 6, 15]))):
            values[row] = float(round(chance.uniform(5.0, 40.0)))
    return around("roads", times, values, faults)


def _pause(chance: random.Random) -> float:
    return chance.choice([300.0, 300.0, 300.0, 600.0, 600.0, 900.0])


def rooms(make: Maker) -> Labelled:
    """A room's temperature, hourly, that wanders over the weeks; faults: it sinks for days."""
    chance, rows = make.chance, 7267
    wander = make.unrest(rows, 2.5, 0.995)
    times = steps(rows, 3600.0)
    values = [
        71.0 + slow + 1.5 * math.sin(math.tau * at / DAY) + quick
        for at, slow, quick in zip(times, wander, make.unrest(rows, 0.7, 0.6), strict=True)
    ]
    faults = make.places(rows, chance.choice([1, 2]), apart=0.2)
    for place in faults:
        for row in range(place, min(rows, place + 72)):
            values[row] -= 9.0 * min(1.0, (row - place) / 30.0)
    return around("causes", times, values, faults)


def rides(make: Maker) -> Labelled:
    """What a city rides by the half hour, each weekday its own; faults: days like no other."""
    chance, rows = make.chance, 10_320
    times, unrest = steps(rows, 1800.0), make.unrest(rows, 600.0, 0.9)
    values = [
        max(8.0, 15_000.0 * _riders(int((at - START) // DAY) % 7, hour(at)) + off)
        for at, off in zip(times, unrest, strict=True)
    ]
    faults = [place // 48 * 48 for place in make.places(rows, 4, apart=0.05)]
    for place in faults:
        factor = chance.choice([1.5, 1.35, 0.55, 0.25])
        for row in range(place, min(rows, place + 48)):
            values[row] *= factor
    return around("causes", times, values, [place + 24 for place in faults])


def _riders(weekday: int, at: float) -> float:
    def hump(centre: float, width: float) -> float:
        return math.exp(-(((at - centre) / width) ** 2))

    if weekday < 5:
        return 1.0 - 0.85 * hump(4.5, 2.4) + 0.25 * hump(19.2, 1.7)
    return 1.0 - 0.75 * hump(7.2, 2.9) + 0.1 * hump(23.5, 2.4) + 0.3 * hump(0.5, 1.9)


def days(make: Maker) -> Labelled:
    """The same hump each working day; fault: one day has none, half of one, or far too much."""
    chance, times = make.chance, steps(4032, 300.0)
    faults = [10 * 288 + 138] if make.faults else []
    height = chance.choice([20.0, 40.0, 150.0])
    values = []
    for place, at in enumerate(times):
        high = height if faults and place // 288 == 10 else 80.0
        values.append((high if 9.0 <= hour(at) < 18.0 else 20.0) + chance.uniform(0.0, 8.0))
    return around("days", times, values, faults)


def still(make: Maker) -> Labelled:
    """A flat line, plain noise, or a square wave: nothing is ever wrong with them."""
    shape = make.chance.choice(["flat", "noise", "square"])
    values = [45.0] * 4032
    if shape == "noise":
        values = [make.chance.uniform(18.0, 22.0) for _ in values]
    elif shape == "square":
        values = [80.0 if place // 144 % 2 else 20.0 for place in range(4032)]
    return around("still", steps(4032, 300.0), values, [])


MAKERS: dict[Callable[[Maker], Labelled], int] = {
    backups: 2, shifts: 7, bursts: 8, prices: 6, counts: 10, roads: 7, rooms: 3, rides: 3, days: 5, still: 5,
}  # fmt: skip
"""How many series of each kind a corpus has."""


def corpus(seed: int, faults: bool = True) -> list[Labelled]:
    """A whole corpus; the same seed gives the same series."""
    make = Maker(random.Random(seed), faults)
    return [maker(make) for maker, count in MAKERS.items() for _ in range(count)]
