"""The battery is worn out."""

from __future__ import annotations

from collector.limit_rule import LimitRule
from collector.words import N_
from telemetry.catalogue import BATTERY_REPLACE_NEEDED

RULE = LimitRule(
    name="battery_replace",
    metric=BATTERY_REPLACE_NEEDED.name,
    headline=N_("{name} needs a new battery"),
    template=N_(
        "It has tested its battery and asks for a new one; a good battery passes the test."
    ),
    advice=N_("Order a battery of the same type and replace it before the next outage."),
)
