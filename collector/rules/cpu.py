"""The processor is busy all the time."""

from __future__ import annotations

from collector.fact import Fact
from collector.figures import percent
from collector.limit_rule import LimitRule
from collector.state import TargetState
from collector.words import N_
from telemetry.catalogue import DEVICE_CPU_UTILIZATION

DAY = 86_400.0

IDLE_RATIO = 0.5
"""With one of its processors half idle a device is hardly overloaded; not worth counting the others."""


def _mean(fact: Fact, target: TargetState, at: float) -> float | None:
    """The mean of a device's processors, asked for once: with the word of the first. One of four that is
    busy is at work for one program.
    """
    if fact.value < IDLE_RATIO and not target.standings:
        return None
    processors = [
        other
        for other in target.facts.values()
        if other.metric == fact.metric and other.agent == fact.agent and other.at >= at - DAY
    ]
    if fact.instance != min(other.instance for other in processors):
        return None
    return sum(other.value for other in processors) / len(processors)


RULE = LimitRule(
    name="cpu",
    metric=DEVICE_CPU_UTILIZATION.name,
    measure=_mean,
    headline=N_("{name} is overloaded"),
    template=N_("Its processor is {value} busy; more than {limit} for long makes it slow."),
    advice=N_("Restart it outside office hours; if it comes back, it is too small for its work."),
    figure=percent,
)
