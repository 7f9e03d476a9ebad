"""The mobile cell is noisy or crowded."""

from __future__ import annotations

from collector.figures import db
from collector.limit_rule import LimitRule
from collector.rule import Blame
from collector.words import N_
from telemetry.catalogue import CELLULAR_RSRQ

RULE = LimitRule(
    name="cellular_quality",
    metric=CELLULAR_RSRQ.name,
    headline=N_("{name} has a poor mobile connection"),
    template=N_("The quality of the mobile signal is {value}; at least {limit} is needed."),
    advice=N_("Turn or move the antenna; ask the carrier whether the station nearby is crowded."),
    figure=db,
    blames=Blame.LINE,
)
