"""Stand-ins for the kinds of series that public anomaly benchmarks have, made from a seed.

They were written from what is published of such series and a look at the first rows of a few (how
often, how long, how noisy, what is labelled), not from their data, and come with or without faults: the
same series without them tells how often a judge cries wolf.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from benchmarks.past.labelled import Labelled
from benchmarks.past.machines import backups, bursts, days, requests, rooms, shifts, still, wires
from benchmarks.past.maker import Maker
from benchmarks.past.people import counts, journeys, lanes, prices, rides, roads

MAKERS: dict[Callable[[Maker], Labelled], int] = {
    backups: 2, shifts: 6, bursts: 6, requests: 1, wires: 2,
    prices: 6, counts: 10, roads: 3, journeys: 2, lanes: 2, rooms: 3, rides: 3,
    days: 5, still: 5,
}  # fmt: skip
"""How many series of each kind a corpus has."""


def corpus(seed: int, faults: bool = True) -> list[Labelled]:
    """A whole corpus; the same seed gives the same series."""
    make = Maker(random.Random(seed), faults)
    return [maker(make) for maker, count in MAKERS.items() for _ in range(count)]
