"""The clock of a computer is wrong."""

from __future__ import annotations

from collector.fact import Fact
from collector.figures import milliseconds
from collector.rule import Condition, Rule, compare
from collector.state import TargetState
from collector.words import N_
from inventory.expectation import Limit
from telemetry.catalogue import HOST_CLOCK_OFFSET


class Clock(Rule):
    """The distance to the reference clock, whichever way it is off."""

    def judge(self, fact: Fact, target: TargetState, limit: Limit, at: float) -> Condition | None:
        """The absolute offset against the limit; what is normal is said even where it is critical."""
        offset = abs(fact.value)
        normal = limit.degraded or 0.0
        return self.condition(
            compare(offset, limit), fact, limit.for_seconds, value=offset, limit=normal
        )


RULE = Clock(
    name="clock",
    metric=HOST_CLOCK_OFFSET.name,
    headline=N_("{name} has a wrong clock"),
    template=N_("Its clock is off by {value}; at most {limit} is normal."),
    advice=N_("Switch on automatic time in its settings."),
    figure=milliseconds,
)
