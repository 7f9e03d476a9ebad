"""Stand-ins for what is measured of machines: processors, disks, wires, requests, rooms."""

from __future__ import annotations

import math

from benchmarks.past.labelled import Labelled, around
from benchmarks.past.maker import DAY, Maker, hour, steps


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


def requests(make: Maker) -> Labelled:
    """How many requests came in five minutes: any number, by day some more; faults: a rush."""
    chance, times = make.chance, steps(4032, 300.0)
    usual = chance.uniform(30.0, 120.0)
    values = []
    for at in times:
        mean = usual * (1.0 + 0.4 * math.sin(math.tau * (hour(at) / 24.0 - 0.4)))
        values.append(float(round(chance.expovariate(1.0 / mean))))
    faults = make.places(4032, chance.choice([1, 2]))
    for place in faults:
        for row in range(place, min(4032, place + chance.choice([2, 6]))):
            values[row] += float(round(usual * chance.uniform(6.0, 10.0)))
    return around("servers", times, values, faults)


def wires(make: Maker) -> Labelled:
    """A wire that carries the same few figures again and again, and at some hours a copy, ten thousand
    times as much; faults: a copy that is far larger.
    """
    chance, times = make.chance, steps(4032, 300.0)
    few = [42.0, 42.0, 68.4, 68.4, 86.4, 112.8]
    values = [chance.choice(few) for _ in times]
    large, left = chance.uniform(1e6, 6e6), 0
    for place, at in enumerate(times):
        if not left and 8.0 <= hour(at) < 22.0 and chance.random() < 0.004:
            left = chance.choice([3, 10, 30])
        if left:
            left -= 1
            values[place] = large * chance.choice([0.002, 0.1, 0.12, 1.0])
    faults = make.places(4032, chance.choice([1, 2]))
    for place in faults:
        for row in range(place, min(4032, place + chance.choice([1, 4, 12]))):
            values[row] = large * chance.uniform(1.5, 4.0)
    return around("servers", times, values, faults)


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
