"""A device loses memory day by day, as ageing software does: when will it be full?"""

from __future__ import annotations

from collector.figures import percent
from collector.forecast_rule import ForecastRule, minima
from collector.words import N_
from telemetry.catalogue import DEVICE_MEMORY_UTILIZATION

RULE = ForecastRule(
    name="memory_leak",
    metric=DEVICE_MEMORY_UTILIZATION.name,
    limit="memory_leak",
    days_of=minima,
    least=0.05,
    headline=N_("{name} loses memory day by day"),
    template=N_(
        "Even at rest its memory is {value} full, {rate} more every week, where it should stay level; at "
        "this rate it is full ({limit}) on about {date}."
    ),
    advice=N_("Restart it outside office hours before that day; ask for newer software for it."),
    figure=percent,
    rate=percent,
    tidies=True,
)
