"""Answers come unevenly, which makes sound and picture break."""

from __future__ import annotations

from collector.figures import milliseconds
from collector.limit_rule import LimitRule
from collector.past_rule import PastRule
from collector.words import N_
from telemetry.catalogue import ICMP_JITTER

RULE = LimitRule(
    name="jitter",
    metric=ICMP_JITTER.name,
    headline=N_("{name} has an uneven connection"),
    template=N_("Its answers waver by {value}; at most {limit} is good enough for a call."),
    advice=N_("Use a cable instead of Wi-Fi; ask others to pause large downloads."),
    figure=milliseconds,
    path=True,
)

PAST = PastRule(
    name="jitter",
    metric=ICMP_JITTER.name,
    limit="icmp_jitter_change",
    headline=N_("{name} has a less even connection than it used to have"),
    template=N_("Its answers waver by {value}; they used to waver by {usual}."),
    advice=N_("See who downloads a lot; ask the carrier to measure the line."),
    figure=milliseconds,
    share=1.0,
    path=True,
)
