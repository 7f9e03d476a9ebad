"""Puts each target into its state and keeps its account; what is only concluded can be taken back."""

from __future__ import annotations

from collections.abc import Collection
from itertools import pairwise

from collector import accounting
from collector.corrections import Corrections
from collector.knowledge import Knowledge
from collector.state import HealthState, TargetState
from inventory.inventory import Inventory


class Ledger:
    """Whatever changes a target's state goes through here. corrections: what was decided anew."""

    def __init__(self, inventory: Inventory, knowledge: Knowledge) -> None:
        self._inventory = inventory
        self._knowledge = knowledge
        self.corrections = Corrections()

    def become(self, target: TargetState, state: HealthState, since: float) -> None:
        """Changes the target's state and settles its account."""
        if target.state is HealthState.NOT_MEASURED and since <= target.since < target.clock:
            filled = target.clock - target.since
            self.corrections.note(target, HealthState.NOT_MEASURED, state, filled)
        accounting.change(target, state, since, self.excused_seconds(target))
        target.assumed_from = 0.0

    def assume(
        self, target: TargetState, state: HealthState, since: float, unless_after: float
    ) -> None:
        """From `since` on its state is concluded, not measured; a look later than `unless_after` takes
        that back.
        """
        assumed = target.assumed_from or unless_after
        accounting.change(target, state, since, self.excused_seconds(target))
        target.assumed_from = assumed

    def take_back(self, target: TargetState) -> None:
        """It was measured all the while, only the word of it came late."""
        assumed, start = target.state, target.since
        accounting.withdraw(target, target.assumed_from)
        target.assumed_from = 0.0
        if target.state is not assumed:
            seconds = self._knowledge.now - start
            self.corrections.note(target, assumed, target.state, seconds)

    def redecide(
        self,
        target: TargetState,
        state: HealthState,
        start: float,
        end: float,
        instead_of: Collection[HealthState],
    ) -> dict[HealthState, float]:
        """From `start` to `end`, wherever it was thought to be `instead_of`, it was in `state`."""
        moved = accounting.redecide(target, state, start, end, instead_of)
        for was, seconds in moved.items():
            self.corrections.note(target, was, state, seconds)
        return moved

    def excused_seconds(self, target: TargetState) -> accounting.Excused:
        """How much of a span of time was planned maintenance of the target."""

        def seconds(start: float, end: float) -> float:
            edges = {start, end}
            for window in self._inventory.maintenance:
                bounds = (window.from_.timestamp(), window.until.timestamp())
                edges.update(t for t in bounds if start < t < end)
            ordered = sorted(edges)
            return sum(
                b - a
                for a, b in pairwise(ordered)
                if self._inventory.excused(target.id, (a + b) / 2.0)
            )

        return seconds
