"""The memory is nearly used up."""

from __future__ import annotations

from collector.figures import percent
from collector.limit_rule import LimitRule
from collector.words import N_
from telemetry.catalogue import DEVICE_MEMORY_UTILIZATION

RULE = LimitRule(
    name="memory",
    metric=DEVICE_MEMORY_UTILIZATION.name,
    headline=N_("{name} is running out of memory"),
    template=N_("Its memory is {value} full; more than {limit} for long makes it unstable."),
    advice=N_("Restart it outside office hours; write down when, to see whether it comes back."),
    figure=percent,
)
