"""An office was cut off for so long that its measuring computer had to give up measurements."""

from __future__ import annotations

from collector.figures import plain
from collector.rule import FINE, UNSAID, Condition, Rule, compare, is_told
from collector.state import Fact, TargetState
from collector.words import N_, Sentence
from inventory.expectation import Limit
from telemetry.catalogue import AGENT_BUFFER_DROPPED


class BufferDropping(Rule):
    """How many samples the agent dropped within the last hour, by its own count."""

    name = "buffer_dropping"
    limit = "agent_buffer_dropped"
    metrics = (AGENT_BUFFER_DROPPED.name,)
    window_seconds = 3600.0
    headline = N_("The measuring computer {name} loses measurements")
    advice = N_(
        "See whether its disk is full; allow it more space if the line is often cut for days."
    )

    def judge(self, fact: Fact, target: TargetState, limit: Limit, at: float) -> Condition | None:
        """The count against the limit."""
        dropped = fact.growth(self.window_seconds)
        reading = compare(dropped, limit)
        if not is_told(reading):
            return FINE if dropped <= 0.0 else Condition(reading, UNSAID, 0.0)
        template = N_(
            "Its buffer was full: {value} measurements were given up within an hour; none should be."
        )
        return Condition(reading, Sentence(template, {"value": plain(dropped)}), 0.0)


RULE = BufferDropping()
