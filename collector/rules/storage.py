"""A disk is nearly full."""

from __future__ import annotations

from collector.figures import percent
from collector.limit_rule import LimitRule
from collector.words import N_
from telemetry.catalogue import DEVICE_STORAGE_UTILIZATION

RULE = LimitRule(
    name="storage",
    metric=DEVICE_STORAGE_UTILIZATION.name,
    headline=N_("{name} is running out of disk space"),
    template=N_("Its disk {instance} is {value} full (limit {limit})."),
    advice=N_("Delete old files and logs, or move them elsewhere."),
    figure=percent,
)
