"""Answers take longer than they should."""

from __future__ import annotations

from collector.figures import milliseconds
from collector.limit_rule import LimitRule
from collector.words import N_
from telemetry.catalogue import ICMP_RTT_MEDIAN

RULE = LimitRule(
    name="latency",
    metric=ICMP_RTT_MEDIAN.name,
    headline=N_("{name} answers slowly"),
    template=N_("It answers after {value}; at most {limit} is normal."),
    advice=N_("See who is downloading or copying a lot; restart the router if nobody is."),
    figure=milliseconds,
    path=True,
)
