"""Rules that hold a device against the same kind of device elsewhere (`collector/twins.py`)."""

from __future__ import annotations

from dataclasses import dataclass

from collector.fact import Fact, Keep, Twins
from collector.rule import FINE, Condition, Question, Reading, Rule, Severity, compare, is_told
from collector.state import TargetState
from inventory.expectation import Limit

MIN_TWINS = 6
"""Fewer others than this are no yard-stick that could accuse."""

LATEST_SECONDS = 3 * 3600.0
"""What was compared longer ago says nothing of the present."""

SPREADS = 4.5
"""So many of the twins' own distances from their median, each scaled to a standard deviation."""

CHANGE_SHARE = 0.5
"""Half the distance from the twins is enough when it is new."""

SIGMA = 1.4826
"""The standard deviation of normal values in their median distances from the median."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TwinRule(Rule):
    """Speaks while a device is so much worse than its twins that it matters, beyond its limit, and
    worse by far than they differ among themselves; or by half as much, when it was not so before.
    template: with the places {usual} and {count}, too.
    """

    question: Question = Question.TWINS
    keeps: frozenset[Keep] = frozenset({Keep.HISTORY})
    severity: Severity = Severity.INFO

    def judge(self, fact: Fact, target: TargetState, limit: Limit, at: float) -> Condition | None:
        """Where the fact stood among its twins when they were compared last; fine again as soon as the
        present is.
        """
        twins, history = fact.twins, fact.history
        if twins is None or history is None or not twins.alike or twins.count < MIN_TWINS:
            return None
        if at - twins.at > LATEST_SECONDS:
            return None
        reading = _reading(twins, limit)
        if reading is Reading.FINE or _reading(twins.with_own(history.fast), limit) is Reading.FINE:
            return FINE
        return self.condition(
            Reading.BAD if is_told(reading) else reading,
            fact,
            limit.for_seconds,
            value=twins.own,
            usual=twins.median,
            count=str(twins.count),
        )


def _reading(twins: Twins, limit: Limit) -> Reading:
    """What stands out among its twins, or has begun to."""
    away = twins.own - twins.median
    far = abs(away) >= SPREADS * SIGMA * twins.spread
    changed = compare(twins.excess / CHANGE_SHARE, limit)
    if is_told(changed):
        return changed
    stands_out = compare(away, limit)
    if is_told(stands_out):
        return stands_out if far else Reading.BETWEEN
    return Reading.FINE if stands_out is changed is Reading.FINE else Reading.BETWEEN
