"""An office was cut off for so long that its measuring computer had to give up measurements."""

from __future__ import annotations

from collector.fact import Fact
from collector.limit_rule import LimitRule
from collector.state import TargetState
from collector.words import N_
from telemetry.catalogue import AGENT_BUFFER_DROPPED

HOUR = 3600.0


def _dropped(fact: Fact, target: TargetState, at: float) -> float:
    """How many samples the agent gave up within the last hour, by its own count."""
    return fact.growth(HOUR)


RULE = LimitRule(
    name="buffer_dropping",
    metric=AGENT_BUFFER_DROPPED.name,
    limit="agent_buffer_dropped",
    measure=_dropped,
    window_seconds=HOUR,
    headline=N_("The measuring computer {name} loses measurements"),
    template=N_(
        "Its buffer was full: {value} measurements were given up within an hour; none should be."
    ),
    advice=N_(
        "See whether its disk is full; allow it more space if the line is often cut for days."
    ),
)
