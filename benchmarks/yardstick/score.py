"""The figures by which monitors are compared."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from benchmarks.yardstick.match import Matched, Named
from simulator.scenarios.truth import Truth

DAY = 86_400.0
PUSH_SECONDS = 15.0
WEAR = ("optical_fading", "transceiver_wear", "memory_leak", "disk_filling", "battery_worn")
"""Kinds that wear on, with a limit at which other monitors speak."""


@dataclass(frozen=True, slots=True)
class KindScore:
    """How one kind of fault fared. minutes: until it was named; lead_days: before the others' limit."""

    kind: str
    faults: int
    found: int
    right: int
    incidents: int
    minutes: tuple[float, ...]
    lead_days: tuple[float, ...]


@dataclass(slots=True)
class Score:
    """How one monitor fared over some seeds. in_time: of down-type faults, those named in time."""

    name: str
    device_days: float
    false: int = 0
    blameless: int = 0
    kinds: list[KindScore] = field(default_factory=list)
    down: int = 0
    in_time: int = 0

    def _sum(self, what: str) -> int:
        return sum(getattr(kind, what) for kind in self.kinds)

    @property
    def faults(self) -> int:
        """How many faults there were."""
        return self._sum("faults")

    @property
    def recall(self) -> float:
        """Share of the faults that were named."""
        return self._sum("found") / max(1, self.faults)

    @property
    def right_cause(self) -> float:
        """Share of the named faults whose cause was right."""
        return self._sum("right") / max(1, self._sum("found"))

    @property
    def incidents_per_fault(self) -> float:
        """Incidents for each fault that was named."""
        return self._sum("incidents") / max(1, self._sum("found"))

    @property
    def false_per_1000(self) -> float:
        """False incidents per 1,000 device-days."""
        return 1000.0 * self.false / self.device_days

    @property
    def down_in_time(self) -> float:
        """Share of the down-type faults named within two intervals and 15 s."""
        return self.in_time / self.down if self.down else 1.0

    @property
    def minutes(self) -> list[float]:
        """Minutes until a fault was named, of those that do not wear on for days."""
        return sorted(m for kind in self.kinds if not kind.lead_days for m in kind.minutes)

    @property
    def shortest_lead_days(self) -> float:
        """The least number of days before the others' limit; 0 when a wear was not named at all."""
        wear = [kind for kind in self.kinds if kind.kind in WEAR]
        if any(kind.found < kind.faults for kind in wear):
            return 0.0
        return min((lead for kind in wear for lead in kind.lead_days), default=0.0)


def score(name: str, matches: Iterable[Matched], device_days: float) -> Score:
    """The figures over all seeds together."""
    total = Score(name, device_days)
    by_kind: dict[str, list[Named]] = defaultdict(list)
    for matched in matches:
        total.false += len(matched.false)
        total.blameless += len(matched.blameless)
        for named in matched.named:
            by_kind[named.truth.kind].append(named)
            if named.truth.down:
                total.down += 1
                total.in_time += _in_time(named)
    total.kinds = [_kind(kind, by_kind[kind]) for kind in sorted(by_kind)]
    return total


def _kind(kind: str, all_named: Sequence[Named]) -> KindScore:
    found = [(named, named.at) for named in all_named if named.at is not None]
    return KindScore(
        kind=kind,
        faults=len(all_named),
        found=len(found),
        right=sum(named.right for named, _ in found),
        incidents=sum(max(1, len(named.incidents)) for named, _ in found),
        minutes=tuple(max(0.0, at - named.truth.onset) / 60.0 for named, at in found),
        lead_days=tuple(
            (named.truth.limit_at - at) / DAY
            for named, at in found
            if named.truth.limit_at is not None
        ),
    )


def _in_time(named: Named) -> bool:
    return named.at is not None and named.at - named.truth.onset <= in_time_seconds(named.truth)


def in_time_seconds(truth: Truth) -> float:
    """Within how many seconds a down-type fault must be named."""
    return 2.0 * truth.interval + PUSH_SECONDS


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which that share lies; 0 when there is none."""
    if len(values) < 2:
        return values[0] if values else 0.0
    return statistics.quantiles(values, n=100, method="inclusive")[round(share * 100) - 1]
