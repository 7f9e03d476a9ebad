"""Rules that hold a series against its own past (`collector/baseline.py`), hour by hour."""

from __future__ import annotations

from collections.abc import Callable
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
from collector.state import Fact, Keep, TargetState
from collector.words import Sentence
from inventory.expectation import Limit


@dataclass(frozen=True, slots=True)
class PastRule:
    """Speaks while the baseline of the hours is alarmed and the last hour is so much worse that it
    matters: the change is beyond its limit, and `share` of what is usual. Implements
    `collector.rule.Rule`.

    template: what to say, with the places {value}, {usual} and {instance}. heeds: whether the value
    says anything at all at this moment.
    """

    name: str
    metric: str
    limit: str
    headline: str
    template: str
    advice: str
    figure: Figure
    share: float = 0.0
    heeds: Callable[[Fact, TargetState, Reading], bool] | None = None
    severity: Severity = Severity.INFO
    blames: Blame = Blame.DEVICE
    path: bool = False
    suffers: bool = False
    window_seconds: float = 0.0
    question: Question = Question.PAST
    pace: Pace = Pace.SAMPLE
    keeps: frozenset[Keep] = frozenset({Keep.HISTORY, Keep.PAST})

    @property
    def metrics(self) -> tuple[str, ...]:
        """The one metric that it looks at."""
        return (self.metric,)

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
        if self.heeds is not None and not self.heeds(fact, target, reading):
            return FINE
        if not is_told(reading) or abs(change) < self.share * abs(past.expected):
            return Condition(Reading.BETWEEN, UNSAID, limit.for_seconds)
        values = {
            "value": self.figure(past.value),
            "usual": self.figure(past.expected),
            "instance": fact.instance,
        }
        reason = Sentence(self.template, values)
        return Condition(Reading.BAD, reason, limit.for_seconds, self.severity, began=past.since)
