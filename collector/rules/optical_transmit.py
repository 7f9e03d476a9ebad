"""A laser sends too little light."""

from __future__ import annotations

from collector.figures import dbm
from collector.light import is_lit
from collector.limit_rule import LimitRule
from collector.past_rule import PastRule
from collector.words import N_
from telemetry.catalogue import OPTICAL_TRANSMIT_POWER

RULE = LimitRule(
    name="optical_transmit",
    metric=OPTICAL_TRANSMIT_POWER.name,
    headline=N_("{name} sends too little light into the fibre"),
    template=N_("Port {instance} sends only {value} of light; at least {limit} is normal."),
    advice=N_("Replace the optical module of that port: its laser is worn."),
    figure=dbm,
    heeds=is_lit,
)

PAST = PastRule(
    name="optical_transmit",
    metric=OPTICAL_TRANSMIT_POWER.name,
    limit="optical_transmit_power_change",
    headline=N_("{name} sends less light into the fibre than it used to"),
    template=N_("Port {instance} sends {value} of light; it used to send {usual}."),
    advice=N_("Plan to replace the optical module of that port: its laser is wearing out."),
    heeds=is_lit,
    figure=dbm,
)
