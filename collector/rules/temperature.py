"""It is too hot."""

from __future__ import annotations

from collector.figures import celsius
from collector.limit_rule import LimitRule
from collector.words import N_
from telemetry.catalogue import DEVICE_TEMPERATURE

RULE = LimitRule(
    name="temperature",
    metric=DEVICE_TEMPERATURE.name,
    headline=N_("{name} is too hot"),
    template=N_("It is {value} hot at {instance}; more than {limit} wears it out."),
    advice=N_("Clear its vents of dust, open the cabinet, check fan and air conditioning."),
    figure=celsius,
)
