"""Too little light arrives over the fibre."""

from __future__ import annotations

from collector.figures import dbm
from collector.limit_rule import LimitRule
from collector.rule import Blame
from collector.words import N_
from telemetry.catalogue import OPTICAL_RECEIVE_POWER

RULE = LimitRule(
    name="optical_power",
    metric=OPTICAL_RECEIVE_POWER.name,
    headline=N_("{name} receives too little light over the fibre"),
    template=N_("Only {value} of light arrives at port {instance}; at least {limit} is needed."),
    advice=N_(
        "Look for a sharp bend in the fibre, clean the connector; if that does not help, call the carrier."
    ),
    blames=Blame.LINE,
    figure=dbm,
)
