"""A fan has failed."""

from __future__ import annotations

from collector.figures import plain
from collector.limit_rule import LimitRule
from collector.words import N_
from telemetry.catalogue import DEVICE_FAN_OK

RULE = LimitRule(
    name="fan",
    metric=DEVICE_FAN_OK.name,
    template=N_("Its fan {instance} has failed."),
    figure=plain,
)
