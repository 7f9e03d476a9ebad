"""Rules that hold one value against one limit: most of them, so they are data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from collector.fact import Fact
from collector.rule import FINE, Condition, Reading, Rule, compare
from collector.state import TargetState
from inventory.expectation import Limit

Measure = Callable[[Fact, TargetState, float], float | None]
"""Works out a value from what is known at a time; None when there is too little to say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitRule(Rule):
    """Speaks while a value is beyond its limit. template: with the place {limit}, too. measure: what is
    held against the limit, the newest value if not given.
    """

    measure: Measure | None = None

    def judge(self, fact: Fact, target: TargetState, limit: Limit, at: float) -> Condition | None:
        """Compares the value with the limit."""
        value = fact.value if self.measure is None else self.measure(fact, target, at)
        if value is None:
            return None
        reading = compare(value, limit)
        if reading is Reading.FINE:
            return FINE
        reached = limit.critical if reading is Reading.CRITICAL else limit.degraded
        return self.condition(reading, fact, limit.for_seconds, value=value, limit=reached or 0.0)
