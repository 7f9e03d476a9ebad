"""Stand-ins for what people do: what they pay, mention, drive and ride."""

from __future__ import annotations

import math
import random

from benchmarks.past.labelled import Labelled, around
from benchmarks.past.maker import DAY, START, Maker, hour, steps, weekend


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
    """How often something was mentioned: little at night and at weekends, more in some weeks, with
    bursts of any size; faults: huge ones.
    """
    chance, rows = make.chance, 15_860
    usual, tail = chance.choice([3.0, 10.0, 20.0, 60.0]), chance.uniform(1.3, 2.0)
    rough, idle = chance.choice([4.0, 12.0]), chance.choice([1.0, 0.6, 0.35])
    times, values, burst = steps(rows, 300.0), [], 0.0
    for at, slow in zip(times, make.unrest(rows, 0.25, 0.999), strict=True):
        if chance.random() < 0.006:
            burst = usual * min(0.8 * chance.paretovariate(tail), 25.0)
        burst *= chance.choice([0.3, 0.6, 0.9])
        mean = usual * math.exp(0.8 * math.sin(math.tau * (hour(at) / 24.0 - 0.3)) + slow)
        mean = mean * (idle if weekend(at) else 1.0) + burst
        mean *= chance.gammavariate(rough, 1.0 / rough)
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


def journeys(make: Maker) -> Labelled:
    """How long a road takes, told when somebody has driven it, with nights and days without any; some
    drivers stop on the way; faults: afternoons on which nobody gets through.
    """
    chance, rows = make.chance, make.chance.choice([2162, 2500])
    times, at = [], START
    for _ in range(rows):
        at += chance.choice([600.0, 600.0, 1200.0, 2400.0])
        if hour(at) >= 20.0:
            at += chance.choice([10.0, 12.0, 13.0, 36.0]) * 3600.0
        times.append(at)
    values = []
    for at, off in zip(times, make.unrest(rows, 0.25, 0.8), strict=True):
        rush = math.exp(-(((hour(at) - 16.5) / 2.0) ** 2)) * (0.3 if weekend(at) else 1.0)
        values.append(float(round(140.0 * math.exp(off + 0.7 * rush))))
    for place in range(rows):
        if chance.random() < 0.002:
            values[place] *= chance.uniform(5.0, 15.0)
    faults = make.places(rows, chance.choice([1, 2, 3]), apart=0.08)
    for place in faults:
        for row in range(place, min(rows, place + chance.choice([3, 12, 30]))):
            values[row] = float(round(values[row] + chance.uniform(800.0, 4000.0)))
    return around("roads", times, values, faults)


def lanes(make: Maker) -> Labelled:
    """The share of time in which a car is above a coil, when there was one: most in the morning;
    faults: cars that stand.
    """
    chance, rows = make.chance, make.chance.choice([2380, 2500])
    times, at = [], START
    for _ in range(rows):
        at += 3.5 * DAY if chance.random() < 0.0005 else _pause(chance)
        times.append(at)
    values = []
    for at in times:
        morning = math.exp(-(((hour(at) - 7.0) / 1.3) ** 2))
        awake = 1.0 if 5.0 <= hour(at) < 23.0 else 0.25
        mean = awake * (4.5 + 7.0 * morning * (0.2 if weekend(at) else 1.0))
        values.append(round(mean * chance.gammavariate(5.0, 0.2), 2))
    faults = make.places(rows, chance.choice([1, 2]), apart=0.08)
    for place in faults:
        for row in range(place, min(rows, place + chance.choice([1, 3, 8]))):
            values[row] = round(chance.uniform(28.0, 60.0), 2)
    return around("roads", times, values, faults)


def _pause(chance: random.Random) -> float:
    return chance.choice([300.0, 300.0, 300.0, 600.0, 600.0, 900.0])


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
