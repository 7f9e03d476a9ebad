"""The mains is gone; the battery carries the load."""

from __future__ import annotations

from collector.figures import plain
from collector.limit_rule import LimitRule
from collector.words import N_
from telemetry.catalogue import POWER_ON_BATTERY

RULE = LimitRule(
    name="on_battery",
    metric=POWER_ON_BATTERY.name,
    template=N_("The mains is off: it runs on its battery."),
    figure=plain,
)
