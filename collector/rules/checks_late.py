"""The measuring computer is too slow, or too busy, to make its checks when they are due."""

from __future__ import annotations

from collector.limit_rule import LimitRule
from collector.words import N_
from telemetry.catalogue import AGENT_CHECK_LATENESS

RULE = LimitRule(
    name="checks_late",
    metric=AGENT_CHECK_LATENESS.name,
    limit="agent_check_lateness",
    headline=N_("The measuring computer {name} cannot keep up"),
    template=N_(
        "The measuring computer itself cannot measure in time: its checks begin {value} s late; they should "
        "begin within {limit} s."
    ),
    advice=N_(
        "See what else runs on it; close that, restart it, or give the task to a faster computer."
    ),
)
