"""People in a call interrupt one another."""

from __future__ import annotations

from collector.figures import milliseconds
from collector.limit_rule import LimitRule
from collector.words import N_
from telemetry.catalogue import CONFERENCE_CALL_LATENCY

RULE = LimitRule(
    name="call_latency",
    metric=CONFERENCE_CALL_LATENCY.name,
    headline=N_("{name} has a call with a long delay"),
    template=N_("Sound takes {value} there and back; at most {limit} is good enough."),
    advice=N_("See who is downloading or copying a lot; hang up and dial again."),
    figure=milliseconds,
    path=True,
)
