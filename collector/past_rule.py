"""Rules that hold a series against its own past (`collector/baseline.py`), hour by hour."""

from __future__ import annotations

from dataclasses import dataclass

from collector.fact import Fact, Keep
from collector.rule import FINE, Condition, Question, Reading, Rule, Severity, compare, is_told
from collector.state import TargetState
from inventory.expectation import Limit


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRule(Rule):
    """Speaks while the baseline of the hours is alarmed and the last hour is so much worse that it
    matters: the change is beyond its limit, and `share` of what is usual. template: with the place
    {usual}, too.
    """

    share: float = 0.0
    question: Question = Question.PAST
    keeps: frozenset[Keep] = frozenset({Keep.HISTORY, Keep.PAST})
    severity: Severity = Severity.INFO

    def judge(self, fact: Fact, target: TargetState, limit: Limit, at: float) -> Condition | None:
        """The last hour and the present against what is usual: fine again as soon as the present is."""
        past, history = fact.past, fact.history
        if past is None or history is None:
            return None
        if not past.since:
            return FINE
        change = past.value - past.expected
        reading = compare(change, limit)
        now = compare(history.fast - past.expected, limit)
        if reading is Reading.FINE or now is Reading.FINE:
            return FINE
        matters = is_told(reading) and abs(change) >= self.share * abs(past.expected)
        return self.condition(
            Reading.BAD if matters else Reading.BETWEEN,
            fact,
            limit.for_seconds,
            began=past.since,
            value=past.value,
            usual=past.expected,
        )
