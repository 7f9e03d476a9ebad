"""Answers take longer than they should."""

from __future__ import annotations

from collector.figures import milliseconds
from collector.limit_rule import LimitRule
from collector.past_rule import PastRule
from collector.twin_rule import TwinRule
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

PAST = PastRule(
    name="latency",
    metric=ICMP_RTT_MEDIAN.name,
    limit="icmp_rtt_median_change",
    headline=N_("{name} answers more slowly than it used to"),
    template=N_("Its answers take {value}; they used to take {usual}."),
    advice=N_("Ask the carrier whether the line was led another way; see who downloads a lot."),
    figure=milliseconds,
    share=1.0,
    path=True,
)

TWINS = TwinRule(
    name="latency",
    metric=ICMP_RTT_MEDIAN.name,
    limit="icmp_rtt_median_beside_twins",
    headline=N_("{name} answers more slowly than others"),
    template=N_("Its answers take {value}; those of {count} others take {usual}."),
    advice=N_("See who downloads a lot there; ask the carrier to measure the line."),
    figure=milliseconds,
    path=True,
)
