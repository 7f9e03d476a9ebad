"""The battery would not carry the load for long."""

from __future__ import annotations

from collector.fact import Keep
from collector.figures import minutes
from collector.limit_rule import LimitRule
from collector.past_rule import PastRule
from collector.recharge import is_spent_or_worn
from collector.rule import Blame
from collector.words import N_
from telemetry.catalogue import BATTERY_RUNTIME

RULE = LimitRule(
    name="battery_runtime",
    metric=BATTERY_RUNTIME.name,
    headline=N_("{name} has little battery time left"),
    template=N_("Its battery would last for {value} minutes; at least {limit} are needed."),
    advice=N_(
        "Switch off what is not needed on it; if it is charged and still so, the battery is worn."
    ),
    figure=minutes,
    blames=Blame.BATTERY,
    heeds=is_spent_or_worn,
    keeps=frozenset({Keep.HISTORY}),
)

PAST = PastRule(
    name="battery_runtime",
    metric=BATTERY_RUNTIME.name,
    limit="battery_runtime_change",
    headline=N_("{name} has less battery time than it used to"),
    template=N_("Its battery would last for {value} minutes; it used to be {usual}."),
    advice=N_(
        "See whether more is plugged into it than before; if not, the battery is wearing out."
    ),
    figure=minutes,
    share=0.25,
    heeds=is_spent_or_worn,
    blames=Blame.BATTERY,
)
