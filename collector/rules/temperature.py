"""It is too hot."""

from __future__ import annotations

from collector.figures import celsius
from collector.limit_rule import LimitRule
from collector.words import N_
from telemetry.catalogue import DEVICE_TEMPERATURE

RULE = LimitRule(
    name="temperature",
    metric=DEVICE_TEMPERATURE.name,
    template=N_("It is {value} hot at {instance}; more than {limit} wears it out."),
    figure=celsius,
)
