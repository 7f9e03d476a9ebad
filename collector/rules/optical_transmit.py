"""A laser sends too little light."""

from __future__ import annotations

from collector.figures import dbm
from collector.limit_rule import LimitRule
from collector.state import Fact, TargetState
from collector.words import N_
from telemetry.catalogue import OPTICAL_TRANSMIT_POWER

DARK_DBM = -35.0
"""A laser that is switched off sends less than this; that is somebody's will, or the port's state tells."""


def _is_on(fact: Fact, target: TargetState) -> bool:
    return fact.value > DARK_DBM


RULE = LimitRule(
    name="optical_transmit",
    metric=OPTICAL_TRANSMIT_POWER.name,
    headline=N_("{name} sends too little light into the fibre"),
    template=N_("Port {instance} sends only {value} of light; at least {limit} is normal."),
    advice=N_("Replace the optical module of that port: its laser is worn."),
    figure=dbm,
    heeds=_is_on,
)
