"""A device takes long to tell about itself, a sign of age or overload."""

from __future__ import annotations

from collector.figures import milliseconds
from collector.limit_rule import LimitRule
from collector.words import N_
from telemetry.catalogue import SNMP_RESPONSE

RULE = LimitRule(
    name="snmp_slow",
    metric=SNMP_RESPONSE.name,
    headline=N_("{name} takes long to report its health"),
    template=N_(
        "It takes {value} to answer a question about its health; at most {limit} is normal."
    ),
    advice=N_("Restart it outside office hours; if it comes back, plan to replace it."),
    figure=milliseconds,
)
