"""A room can neither call nor be called."""

from __future__ import annotations

from collector.limit_rule import LimitRule
from collector.rule import Blame, Severity
from collector.words import N_
from telemetry.catalogue import CONFERENCE_REGISTERED

RULE = LimitRule(
    name="registration",
    metric=CONFERENCE_REGISTERED.name,
    headline=N_("{name} cannot be called"),
    template=N_("It is not registered at the conference server; it should always be."),
    advice=N_("Restart it; then check its account in the settings."),
    blames=Blame.SERVER,
    severity=Severity.CRITICAL,
)
