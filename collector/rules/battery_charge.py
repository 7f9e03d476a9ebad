"""The battery is running empty."""

from __future__ import annotations

from collector.figures import percent
from collector.limit_rule import LimitRule
from collector.words import N_
from telemetry.catalogue import BATTERY_CHARGE

RULE = LimitRule(
    name="battery_charge",
    metric=BATTERY_CHARGE.name,
    template=N_("Its battery holds only {value} of its charge (limit {limit})."),
    figure=percent,
)
