"""Answers come unevenly, which makes sound and picture break."""

from __future__ import annotations

from collector.figures import milliseconds
from collector.limit_rule import LimitRule
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
