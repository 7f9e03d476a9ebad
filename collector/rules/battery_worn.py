"""A battery lasts less and less long at the same load: when will it be too short?"""

from __future__ import annotations

from collections.abc import Sequence

from collector.fact import Fact
from collector.figures import minutes
from collector.forecast_rule import ForecastRule, medians
from collector.state import TargetState
from collector.trend import Point
from collector.words import N_
from telemetry.catalogue import BATTERY_RUNTIME, POWER_OUTPUT_LOAD

MIN_LOAD = 0.02


def _at_equal_load(fact: Fact, target: TargetState) -> Sequence[Point]:
    """The runtime of each day as it would be at the newest day's load: a battery holds so much, and
    twice the load empties it in half the time.
    """
    runtimes = medians(fact, target)
    load = target.fact(POWER_OUTPUT_LOAD.name, fact.agent)
    loads = dict(medians(load, target)) if load is not None else {}
    if not loads:
        return runtimes
    newest = max(MIN_LOAD, loads[max(loads)])
    return [
        (day, runtime * max(MIN_LOAD, loads[day]) / newest)
        for day, runtime in runtimes
        if day in loads
    ]


RULE = ForecastRule(
    name="battery_worn",
    metric=BATTERY_RUNTIME.name,
    beside=(POWER_OUTPUT_LOAD.name,),
    limit="battery_worn",
    days_of=_at_equal_load,
    least=120.0,
    headline=N_("{name} has a battery that is wearing out"),
    template=N_(
        "At this load its battery would last for {value} minutes, {rate} fewer every week, where it should "
        "stay level; at this rate only {limit} are left on about {date}."
    ),
    advice=N_("Order a battery of the same type and replace it before that day."),
    figure=minutes,
    rate=minutes,
)
