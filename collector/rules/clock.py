"""The clock of a computer is wrong."""

from __future__ import annotations

from collector.figures import milliseconds
from collector.rule import Condition, Rule, compare
from collector.state import Fact, TargetState
from collector.words import N_, Sentence
from inventory.expectation import Limit
from telemetry.catalogue import HOST_CLOCK_OFFSET


class Clock(Rule):
    """The distance to the reference clock, whichever way it is off."""

    name = "clock"
    limit = HOST_CLOCK_OFFSET.name
    metrics = (HOST_CLOCK_OFFSET.name,)
    headline = N_("{name} has a wrong clock")
    advice = N_("Switch on automatic time in its settings.")

    def judge(self, fact: Fact, target: TargetState, limit: Limit, at: float) -> Condition | None:
        """The absolute offset against the limit."""
        offset = abs(fact.value)
        values = {"value": milliseconds(offset), "limit": milliseconds(limit.degraded or 0.0)}
        template = N_("Its clock is off by {value}; at most {limit} is normal.")
        return Condition(compare(offset, limit), Sentence(template, values), limit.for_seconds)


RULE = Clock()
