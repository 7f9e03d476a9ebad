"""Too little light arrives over the fibre."""

from __future__ import annotations

from collector.figures import dbm
from collector.limit_rule import LimitRule
from collector.words import N_
from telemetry.catalogue import OPTICAL_RECEIVE_POWER

RULE = LimitRule(
    name="optical_power",
    metric=OPTICAL_RECEIVE_POWER.name,
    template=N_("Only {value} of light arrives at port {instance}; at least {limit} is needed."),
    figure=dbm,
)
