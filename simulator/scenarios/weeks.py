"""The generated weeks: a seed gives an inventory, samples, and what was true."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.scenarios.district import District
from simulator.scenarios.fault import Fault
from simulator.scenarios.layout import make_inventory
from simulator.scenarios.rhythm import Weather
from simulator.scenarios.timetable import Timetable
from simulator.scenarios.truth import Innocent, Truth
from telemetry.sample import Batch


class Weeks:
    """`days` of a district of `devices`. truths: complete once `batches` has run to its end."""

    def __init__(self, seed: int, days: float = 14.0, devices: int = 60) -> None:
        timetable = Timetable(make_inventory(devices), seed, days)
        self.seed = seed
        self.days = days
        self.faults = tuple(timetable.faults)
        self.inventory = make_inventory(devices, timetable.windows)
        self.innocents: tuple[Innocent, ...] = tuple(
            harmless.innocent(self.inventory) for harmless in timetable.harmless
        )
        self.truths: list[Truth] = []
        weather = Weather(seed, int(days) + 1, timetable.waves)
        self.district = District(self.inventory, seed, days, weather)
        for harmless in timetable.harmless:
            harmless.begin(self.district)
        for fault in self.faults:
            self._lay(fault)

    def batches(self) -> Iterator[tuple[float, Batch]]:
        """(when it arrived, in seconds since 1970; what came), in order of arrival; once only."""
        yield from self.district.batches()

    def _lay(self, fault: Fault) -> None:
        def begin(t: float) -> None:
            self.truths.extend(fault.truths(self.district))
            fault.begin(self.district, t)

        self.district.later(fault.onset, begin)
        self.district.later(fault.end, lambda t: fault.finish(self.district, t))
