"""A fan has failed."""

from __future__ import annotations

from collector.limit_rule import LimitRule
from collector.words import N_
from telemetry.catalogue import DEVICE_FAN_OK

RULE = LimitRule(
    name="fan",
    metric=DEVICE_FAN_OK.name,
    headline=N_("{name} has a failed fan"),
    template=N_("Its fan {instance} has failed; all of its fans should turn."),
    advice=N_("Clean out the dust and replace the fan."),
)
