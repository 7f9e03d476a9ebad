"""What every check of a generated agent has: its turns, its identity, its count of failures."""

from __future__ import annotations

import hashlib
import random
from abc import ABC, abstractmethod
from collections.abc import Mapping

from simulator.scenarios.agent import Agent
from telemetry.catalogue import CHECK_DURATION, CHECK_FAILURES, CHECK_UP, Metric
from telemetry.sample import Series, SeriesPoints

ONE = (1.0,)
ZERO = (0.0,)
Identity = Mapping[str, str]


def series_of(metric: Metric, identity: Identity, **labels: str) -> Series:
    """The series of a metric; refuses labels that the catalogue does not know."""
    return metric.reading(0.0, **labels).sample(identity, 0).series


class Instrument(ABC):
    """One check of one target by one agent. `turn` measures at `t` and says when the next turn is."""

    def __init__(
        self, agent: Agent, target: str, kind: str, interval: float, identity: Identity
    ) -> None:
        self.agent = agent
        self.target = target
        self.interval = interval
        self.chance = random.Random(f"{agent.chance.random()}/{target}/{kind}")
        digest = hashlib.blake2b(f"{target}/{kind}".encode(), digest_size=8).digest()
        self._phase = int.from_bytes(digest, "big") / 2**64 * interval
        self._turns = 0
        self._missed = self.chance.uniform(0.0002, 0.0008)
        self._identity = identity
        self._kind = kind
        self._up = series_of(CHECK_UP, identity, check=kind)
        self._duration = series_of(CHECK_DURATION, identity, check=kind)
        self._failures: dict[str, tuple[Series, int]] = {}

    def first(self, start: float) -> float:
        """When it measures for the first time."""
        return start + self._phase

    def turn(self, t: float, start: float) -> float:
        """Measures, unless the agent is dead or too busy."""
        agent = self.agent
        again = 0.0
        if agent.works and (self.chance.random() > self._missed):
            again = self.measure(t, (agent.stamp(t),)) or 0.0
        if again:
            return t + again
        self._turns = int((t - start - self._phase) // self.interval) + 1
        return start + self._phase + self._turns * self.interval + 0.15 * self.chance.random()

    @abstractmethod
    def measure(self, t: float, stamp: tuple[int]) -> float | None:
        """Puts what is read into the agent's rows; how soon it wants to look again, if so."""

    def _answered(self, stamp: tuple[int], seconds: float) -> None:
        rows = self.agent.rows
        rows.append(SeriesPoints(self._up, stamp, ONE))
        rows.append(SeriesPoints(self._duration, stamp, (seconds,)))
        for series, count in self._failures.values():
            rows.append(SeriesPoints(series, stamp, (float(count),)))

    def _failed(self, stamp: tuple[int], seconds: float, reason: str) -> None:
        rows = self.agent.rows
        rows.append(SeriesPoints(self._up, stamp, ZERO))
        rows.append(SeriesPoints(self._duration, stamp, (seconds,)))
        known = self._failures.get(reason)
        if known is None:
            labels = {"check": self._kind, "reason": reason}
            known = (series_of(CHECK_FAILURES, self._identity, **labels), 0)
        self._failures[reason] = (known[0], known[1] + 1)
        for series, count in self._failures.values():
            rows.append(SeriesPoints(series, stamp, (float(count),)))

    def restart(self) -> None:
        """The agent was started anew: its counters begin at 0."""
        self._failures = {reason: (series, 0) for reason, (series, _) in self._failures.items()}
