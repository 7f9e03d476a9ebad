"""A call's packets come unevenly."""

from __future__ import annotations

from collector.figures import milliseconds
from collector.limit_rule import LimitRule
from collector.words import N_
from telemetry.catalogue import CONFERENCE_CALL_JITTER

RULE = LimitRule(
    name="call_jitter",
    metric=CONFERENCE_CALL_JITTER.name,
    headline=N_("{name} has a call of poor quality"),
    template=N_(
        "The call's packets waver by {value} ({instance}); at most {limit} is good enough."
    ),
    advice=N_("Use a cable instead of Wi-Fi; ask others to pause large downloads."),
    figure=milliseconds,
    path=True,
)
