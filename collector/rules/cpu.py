"""The processor is busy all the time."""

from __future__ import annotations

from collector.figures import percent
from collector.limit_rule import LimitRule
from collector.words import N_
from telemetry.catalogue import DEVICE_CPU_UTILIZATION

RULE = LimitRule(
    name="cpu",
    metric=DEVICE_CPU_UTILIZATION.name,
    headline=N_("{name} is overloaded"),
    template=N_("Its processor is {value} busy; more than {limit} for long makes it slow."),
    advice=N_("Restart it outside office hours; if it comes back, it is too small for its work."),
    figure=percent,
)
