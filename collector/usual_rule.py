"""Rules that hold a value against what it was as a rule: a port that became slower, a modem on 3G."""

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
    Severity,
    compare,
    is_told,
)
from collector.state import Fact, Keep, TargetState
from collector.words import Sentence
from inventory.expectation import Limit
from telemetry.catalogue import INTERFACE_UP

SETTLED_SECONDS = 6 * 3600.0
"""What was not held for so long was never usual."""


@dataclass(frozen=True, slots=True)
class UsualRule:
    """The newest value as a share of the usual one, against the limit. Implements
    `collector.rule.Rule`.

    template: what to say, with the places {value}, {usual} and {instance}. least: what is below it
    is no value: a port without a partner has neither speed nor duplex.
    """

    name: str
    metric: str
    limit: str
    headline: str
    template: str
    advice: str
    figure: Figure
    least: float = 0.0
    severity: Severity = Severity.WARNING
    blames: Blame = Blame.LINE
    path: bool = False
    suffers: bool = False
    window_seconds: float = 0.0
    question: Question = Question.PAST
    pace: Pace = Pace.SAMPLE
    keeps: frozenset[Keep] = frozenset({Keep.USUAL})

    @property
    def metrics(self) -> tuple[str, ...]:
        """The one metric that it looks at."""
        return (self.metric,)

    def judge(self, fact: Fact, target: TargetState, limit: Limit, at: float) -> Condition | None:
        """Fine while the value is the usual one, or while nothing has been usual for long."""
        usual = fact.usual
        if usual is None or usual.value <= 0.0 or usual.held_seconds < SETTLED_SECONDS:
            return None
        if fact.value >= usual.value:
            return FINE
        port = target.fact(INTERFACE_UP.name, fact.agent, fact.instance)
        if fact.value < self.least or (port is not None and port.value == 0.0):
            return None
        reading = compare(fact.value / usual.value, limit)
        if not is_told(reading):
            return Condition(reading, UNSAID, limit.for_seconds)
        values = {
            "value": self.figure(fact.value),
            "usual": self.figure(usual.value),
            "instance": fact.instance,
        }
        reason = Sentence(self.template, values)
        return Condition(reading, reason, limit.for_seconds, self.severity)
