"""A power supply has failed."""

from __future__ import annotations

from collector.limit_rule import LimitRule
from collector.words import N_
from telemetry.catalogue import DEVICE_POWER_SUPPLY_OK

RULE = LimitRule(
    name="power_supply",
    metric=DEVICE_POWER_SUPPLY_OK.name,
    headline=N_("{name} has a failed power supply"),
    template=N_("Its power supply {instance} has failed; all of them should work."),
    advice=N_("Check the power cord; replace the power supply."),
)
