"""Rules that hold one value against one limit: most of them, so they are data."""

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
class LimitRule:
    """A rule on the newest value of one metric. Implements `collector.rule.Rule`.

    template: what to say, with the places {value}, {limit} and {instance}. figure: how a value of
    this
    metric is written for people. heeds: whether a value says anything at all at this moment.
    """

    name: str
    metric: str
    headline: str
    template: str
    advice: str
    figure: Figure
    severity: Severity = Severity.WARNING
    critical_severity: Severity = Severity.CRITICAL
    path: bool = False
    suffers: bool = False
    blames: Blame = Blame.DEVICE
    window_seconds: float = 0.0
    question: Question = Question.LIMIT
    pace: Pace = Pace.SAMPLE
    keeps: frozenset[Keep] = frozenset()
    heeds: Callable[[Fact, TargetState, Reading], bool] | None = None

    @property
    def limit(self) -> str:
        """Limits of such a rule go by the metric's name."""
        return self.metric

    @property
    def metrics(self) -> tuple[str, ...]:
        """The one metric that it looks at."""
        return (self.metric,)

    def judge(self, fact: Fact, target: TargetState, limit: Limit, at: float) -> Condition | None:
        """Compares the newest value with the limit."""
        reading = compare(fact.value, limit)
        if reading is Reading.FINE:
            return FINE
        if self.heeds is not None and not self.heeds(fact, target, reading):
            return FINE
        return Condition(
            reading=reading,
            reason=self._reason(fact, limit, reading) if is_told(reading) else UNSAID,
            for_seconds=limit.for_seconds,
            severity=self.severity,
            critical_severity=self.critical_severity,
        )

    def _reason(self, fact: Fact, limit: Limit, reading: Reading) -> Sentence:
        expected = limit.critical if reading is Reading.CRITICAL else limit.degraded
        values = {
            "value": self.figure(fact.value),
            "limit": self.figure(expected if expected is not None else 0.0),
            "instance": fact.instance,
        }
        return Sentence(self.template, values)
