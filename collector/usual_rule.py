"""Rules that hold a value against what it was as a rule: a port that became slower, a modem on 3G."""

from __future__ import annotations

from dataclasses import dataclass

from collector.fact import Fact, Keep
from collector.rule import FINE, Blame, Condition, Question, Rule, compare
from collector.state import TargetState
from inventory.expectation import Limit
from telemetry.catalogue import INTERFACE_UP

SETTLED_SECONDS = 6 * 3600.0
"""What was not held for so long was never usual."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsualRule(Rule):
    """The newest value as a share of the usual one, against the limit.

    template: with the place {usual}, too. least: what is below it is no value: a port without a
    partner has neither speed nor duplex.
    """

    least: float = 0.0
    question: Question = Question.PAST
    keeps: frozenset[Keep] = frozenset({Keep.USUAL})
    blames: Blame = Blame.LINE

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
        return self.condition(reading, fact, limit.for_seconds, value=fact.value, usual=usual.value)
