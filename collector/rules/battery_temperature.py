"""The battery is too hot."""

from __future__ import annotations

from collector.figures import celsius
from collector.limit_rule import LimitRule
from collector.words import N_
from telemetry.catalogue import BATTERY_TEMPERATURE

RULE = LimitRule(
    name="battery_temperature",
    metric=BATTERY_TEMPERATURE.name,
    headline=N_("{name} has a battery that is too hot"),
    template=N_("Its battery is {value} hot; more than {limit} ruins it."),
    advice=N_("Give it air and shade; check the fan or air conditioning of the cabinet."),
    figure=celsius,
)
