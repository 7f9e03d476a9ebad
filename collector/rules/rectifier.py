"""A rectifier has failed."""

from __future__ import annotations

from collector.limit_rule import LimitRule
from collector.words import N_
from telemetry.catalogue import RECTIFIER_OK

RULE = LimitRule(
    name="rectifier",
    metric=RECTIFIER_OK.name,
    headline=N_("{name} has a failed rectifier"),
    template=N_("Its rectifier {instance} has failed; all should work."),
    advice=N_("Check the breaker of that rectifier; call whoever maintains the station."),
)
