"""Names are looked up slowly."""

from __future__ import annotations

from collector.figures import milliseconds
from collector.limit_rule import LimitRule
from collector.words import N_
from telemetry.catalogue import DNS_RESPONSE

RULE = LimitRule(
    name="slow_name",
    metric=DNS_RESPONSE.name,
    headline=N_("{name} is looked up slowly"),
    template=N_("Looking up its name takes {value}; at most {limit} is normal."),
    advice=N_("Restart the router; use another name server if it comes back."),
    figure=milliseconds,
    path=True,
)
