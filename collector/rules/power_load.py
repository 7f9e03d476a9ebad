"""A power supply carries more than it should."""

from __future__ import annotations

from collector.figures import percent
from collector.limit_rule import LimitRule
from collector.words import N_
from telemetry.catalogue import POWER_OUTPUT_LOAD

RULE = LimitRule(
    name="power_load",
    metric=POWER_OUTPUT_LOAD.name,
    headline=N_("{name} carries too much load"),
    template=N_("It carries {value} of what it can; more than {limit} is too much."),
    advice=N_("Plug something that is not needed during a power cut into the wall instead."),
    figure=percent,
)
