"""The battery is too hot."""

from __future__ import annotations

from collector.figures import celsius
from collector.heat import is_its_own
from collector.limit_rule import LimitRule
from collector.twin_rule import TwinRule
from collector.words import N_
from telemetry.catalogue import BATTERY_TEMPERATURE

RULE = LimitRule(
    name="battery_temperature",
    metric=BATTERY_TEMPERATURE.name,
    headline=N_("{name} has a battery that is too hot"),
    template=N_("Its battery is {value} hot; more than {limit} ruins it."),
    advice=N_("Give it air and shade; check the fan or air conditioning of the cabinet."),
    figure=celsius,
    heeds=is_its_own,
)

TWINS = TwinRule(
    name="battery_temperature",
    metric=BATTERY_TEMPERATURE.name,
    limit="battery_temperature_beside_twins",
    headline=N_("{name} has a battery that is hotter than others"),
    template=N_("Its battery is {value} hot; those of {count} others are at {usual}."),
    advice=N_("Give it air and shade, and have it measured: worn batteries grow hot."),
    figure=celsius,
)
