"""The battery is running empty."""

from __future__ import annotations

from collector.fact import Keep
from collector.figures import percent
from collector.limit_rule import LimitRule
from collector.recharge import is_spent_or_worn
from collector.rule import Blame
from collector.words import N_
from telemetry.catalogue import BATTERY_CHARGE

RULE = LimitRule(
    name="battery_charge",
    metric=BATTERY_CHARGE.name,
    headline=N_("{name} is running out of battery"),
    template=N_("Its battery holds only {value} of its charge (limit {limit})."),
    advice=N_("Switch off what is not needed; expect everything to go off soon."),
    blames=Blame.BATTERY,
    figure=percent,
    heeds=is_spent_or_worn,
    keeps=frozenset({Keep.HISTORY}),
)
