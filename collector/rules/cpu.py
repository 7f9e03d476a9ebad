"""The processor is busy all the time."""

from __future__ import annotations

from collector.figures import percent
from collector.rule import FINE, UNSAID, Condition, Rule, compare, is_told
from collector.state import Fact, TargetState
from collector.words import N_, Sentence
from inventory.expectation import Limit
from telemetry.catalogue import DEVICE_CPU_UTILIZATION

DAY = 86_400.0

IDLE_RATIO = 0.5
"""With one of its processors half idle a device is hardly overloaded; not worth counting the others."""


class Cpu(Rule):
    """The mean of a device's processors: one of four that is busy is at work for one program."""

    name = "cpu"
    limit = DEVICE_CPU_UTILIZATION.name
    metrics = (DEVICE_CPU_UTILIZATION.name,)
    headline = N_("{name} is overloaded")
    advice = N_("Restart it outside office hours; if it comes back, it is too small for its work.")

    def judge(self, fact: Fact, target: TargetState, limit: Limit, at: float) -> Condition | None:
        """The mean against the limit, asked once for all processors: with the word of the first."""
        if fact.value < IDLE_RATIO and not target.standings:
            return FINE
        processors = [
            other
            for other in target.facts.values()
            if other.metric == fact.metric and other.agent == fact.agent and other.at >= at - DAY
        ]
        if fact.instance != min(other.instance for other in processors):
            return None
        mean = sum(other.value for other in processors) / len(processors)
        reading = compare(mean, limit)
        if not is_told(reading):
            return Condition(reading, UNSAID, limit.for_seconds)
        values = {"value": percent(mean), "limit": percent(limit.degraded or 0.0)}
        template = N_("Its processor is {value} busy; more than {limit} for long makes it slow.")
        return Condition(reading, Sentence(template, values), limit.for_seconds)


RULE = Cpu()
