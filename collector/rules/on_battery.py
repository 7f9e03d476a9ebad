"""The mains is gone; the battery carries the load."""

from __future__ import annotations

from collector.limit_rule import LimitRule
from collector.rule import Blame
from collector.words import N_
from telemetry.catalogue import POWER_ON_BATTERY

RULE = LimitRule(
    name="on_battery",
    metric=POWER_ON_BATTERY.name,
    headline=N_("{site} has no mains power"),
    template=N_("The mains is off: it runs on its battery, where it should run on the mains."),
    advice=N_(
        "Ask whether the whole area is without power; save work and switch off what is not needed."
    ),
    blames=Blame.POWER,
)
