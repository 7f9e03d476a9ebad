"""What the stand-ins of `kinds.py` are made with: chance, places for faults, noise, times."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

DAY = 86_400.0
START = 1_396_310_400.0  # midnight, a Tuesday


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


def weekend(at: float) -> bool:
    """Whether it is Saturday or Sunday."""
    return (int(at // DAY) + 3) % 7 >= 5
