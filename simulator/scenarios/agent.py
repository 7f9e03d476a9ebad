"""The agent of a site: what it measures waits in its buffer until the way to the collector is open."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from simulator.scenarios.box import Box
from simulator.scenarios.chance import Drift
from simulator.scenarios.way import Way
from telemetry.sample import SeriesPoints

PUSHED_AT_ONCE = 4000
"""Rows that an agent pushes in one slice at most: a backlog takes a while."""


@dataclass(slots=True)
class Agent:
    """way: from its host to the collector. blocked: its pushes are refused although the way is open.

    drops: the share of its rows that a full disk costs. stop_clean, shutdown_clean: whether its last run
    and its machine before ended in order, None while neither has ended yet.
    """

    id: str
    host: Box
    way: Way
    chance: random.Random
    version: str = "0.9.2"
    started_at: float = 0.0
    running: bool = True
    blocked: bool = False
    drops: float = 0.0
    stop_clean: bool | None = None
    shutdown_clean: bool | None = None
    dropped: int = 0
    failures: int = 0
    clock: Drift = field(default_factory=Drift)
    rows: list[SeriesPoints] = field(default_factory=list)

    @property
    def works(self) -> bool:
        """Whether it measures."""
        return self.running and self.host.up

    def stamp(self, t: float) -> int:
        """The time that it writes on what it measures at `t`, in milliseconds."""
        return int((t + self.clock.at(t)) * 1000.0)

    def push(self, into: list[SeriesPoints]) -> None:
        """What goes out with this slice, oldest first."""
        if self.drops:
            kept = [row for row in self.rows if self.chance.random() >= self.drops]
            self.dropped += len(self.rows) - len(kept)
            self.rows = kept
        if not self.works:
            return
        if self.blocked or not self.way.open:
            self.failures += 1
        elif len(self.rows) <= PUSHED_AT_ONCE:
            into += self.rows
            self.rows = []
        else:
            into += self.rows[:PUSHED_AT_ONCE]
            del self.rows[:PUSHED_AT_ONCE]
