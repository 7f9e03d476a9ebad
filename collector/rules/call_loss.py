"""A call loses sound or picture."""

from __future__ import annotations

from collector.figures import percent
from collector.limit_rule import LimitRule
from collector.words import N_
from telemetry.catalogue import CONFERENCE_CALL_LOSS

RULE = LimitRule(
    name="call_loss",
    metric=CONFERENCE_CALL_LOSS.name,
    headline=N_("{name} has a call of poor quality"),
    template=N_(
        "The call loses {value} of its packets ({instance}); at most {limit} is good enough."
    ),
    advice=N_("Use a cable instead of Wi-Fi; ask others to pause large downloads."),
    figure=percent,
    path=True,
)
