"""Too little light arrives over the fibre."""

from __future__ import annotations

from collector.figures import dbm
from collector.light import is_lit
from collector.limit_rule import LimitRule
from collector.past_rule import PastRule
from collector.rule import Blame
from collector.twin_rule import TwinRule
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

PAST = PastRule(
    name="optical_power",
    metric=OPTICAL_RECEIVE_POWER.name,
    limit="optical_receive_power_change",
    headline=N_("{name} receives less light over the fibre than it used to"),
    template=N_("{value} of light arrives at port {instance}; {usual} used to arrive."),
    advice=N_("Look for a fresh bend or a loose connector in the fibre: something was moved."),
    heeds=is_lit,
    figure=dbm,
    blames=Blame.LINE,
)

TWINS = TwinRule(
    name="optical_power",
    metric=OPTICAL_RECEIVE_POWER.name,
    limit="optical_receive_power_beside_twins",
    headline=N_("{name} receives less light over the fibre than others"),
    template=N_("{value} of light arrives at port {instance}; at {count} others it is {usual}."),
    advice=N_("Clean the connectors at both ends; ask the carrier to measure the fibre."),
    figure=dbm,
    blames=Blame.LINE,
)
