"""Answers take longer than they should."""

from __future__ import annotations

from collector.figures import milliseconds
from collector.limit_rule import LimitRule
from collector.words import N_
from telemetry.catalogue import ICMP_RTT_MEDIAN

RULE = LimitRule(
    name="latency",
    metric=ICMP_RTT_MEDIAN.name,
    template=N_("It answers after {value}; at most {limit} is normal."),
    figure=milliseconds,
    path=True,
)
