"""A laser sends too little light."""

from __future__ import annotations

from collector.figures import dbm
from collector.limit_rule import LimitRule
from collector.past_rule import PastRule
from collector.rule import Reading
from collector.state import Fact, TargetState
from collector.words import N_
from telemetry.catalogue import OPTICAL_TRANSMIT_POWER

DARK_DBM = -35.0
"""A laser that is switched off sends less than this; that is somebody's will, or the port's state tells."""


def _is_on(fact: Fact, target: TargetState, reading: Reading) -> bool:
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

PAST = PastRule(
    name="optical_transmit",
    metric=OPTICAL_TRANSMIT_POWER.name,
    limit="optical_transmit_power_change",
    headline=N_("{name} sends less light into the fibre than it used to"),
    template=N_("Port {instance} sends {value} of light; it used to send {usual}."),
    advice=N_("Plan to replace the optical module of that port: its laser is wearing out."),
    figure=dbm,
)
