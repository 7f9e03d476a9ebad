"""Something disturbs the mobile signal."""

from __future__ import annotations

from collector.figures import db
from collector.limit_rule import LimitRule
from collector.rule import Blame
from collector.words import N_
from telemetry.catalogue import CELLULAR_SINR

RULE = LimitRule(
    name="cellular_interference",
    metric=CELLULAR_SINR.name,
    headline=N_("{name} has a disturbed mobile connection"),
    template=N_(
        "The mobile signal stands only {value} above the noise; at least {limit} is needed."
    ),
    advice=N_("Turn or move the antenna away from other equipment; check its cable."),
    figure=db,
    blames=Blame.LINE,
)
