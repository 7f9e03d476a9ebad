"""Rules that hold a device against the same kind of device elsewhere (`collector/twins.py`)."""

from __future__ import annotations

from dataclasses import dataclass

from collector.figures import Figure
from collector.rule import (
    FINE,
    UNSAID,
    Blame,
    Condition,
    Pace,
    Question,
    Reading,
    Severity,
    compare,
    is_told,
)
from collector.state import Fact, Keep, TargetState, Twins
from collector.words import Sentence
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


@dataclass(frozen=True, slots=True)
class TwinRule:
    """Speaks while a device is so much worse than its twins that it matters, beyond its limit, and
    worse by far than they differ among themselves; or by half as much, when it was not so before.
    Implements `collector.rule.Rule`.

    template: what to say, with the places {value}, {usual}, {count} and {instance}.
    """

    name: str
    metric: str
    limit: str
    headline: str
    template: str
    advice: str
    figure: Figure
    severity: Severity = Severity.INFO
    blames: Blame = Blame.DEVICE
    path: bool = False
    suffers: bool = False
    window_seconds: float = 0.0
    question: Question = Question.TWINS
    pace: Pace = Pace.SAMPLE
    keeps: frozenset[Keep] = frozenset({Keep.HISTORY})

    @property
    def metrics(self) -> tuple[str, ...]:
        """The one metric that it looks at."""
        return (self.metric,)

    def judge(self, fact: Fact, target: TargetState, limit: Limit, at: float) -> Condition | None:
        """Where the fact stood among its twins when they were compared last; fine again as soon as the
        present is.
        """
        twins, history = fact.twins, fact.history
        if twins is None or history is None or twins.count < MIN_TWINS:
            return None
        if at - twins.at > LATEST_SECONDS:
            return None
        reading = _reading(twins, limit)
        if reading is Reading.FINE or _reading(twins.with_own(history.fast), limit) is Reading.FINE:
            return FINE
        if not is_told(reading):
            return Condition(reading, UNSAID, limit.for_seconds)
        values = {
            "value": self.figure(twins.own),
            "usual": self.figure(twins.median),
            "count": str(twins.count),
            "instance": fact.instance,
        }
        reason = Sentence(self.template, values)
        return Condition(Reading.BAD, reason, limit.for_seconds, self.severity)


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
