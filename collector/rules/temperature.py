"""It is too hot."""

from __future__ import annotations

from collector.figures import celsius
from collector.heat import is_its_own
from collector.limit_rule import LimitRule
from collector.twin_rule import TwinRule
from collector.words import N_
from telemetry.catalogue import DEVICE_TEMPERATURE

RULE = LimitRule(
    name="temperature",
    metric=DEVICE_TEMPERATURE.name,
    headline=N_("{name} is too hot"),
    template=N_("It is {value} hot at {instance}; more than {limit} wears it out."),
    advice=N_("Clear its vents of dust, open the cabinet, check fan and air conditioning."),
    figure=celsius,
    heeds=is_its_own,
)

TWINS = TwinRule(
    name="temperature",
    metric=DEVICE_TEMPERATURE.name,
    limit="device_temperature_beside_twins",
    headline=N_("{name} is hotter than others of its kind"),
    template=N_("It is {value} hot at {instance}; {count} others are at {usual}."),
    advice=N_("Clear its vents of dust and check its fan; the weather is not the reason."),
    figure=celsius,
)
