"""A laser sends less from week to week: when will it be too little?"""

from __future__ import annotations

from collector.figures import db, dbm
from collector.forecast_rule import ForecastRule, medians
from collector.words import N_
from telemetry.catalogue import OPTICAL_TRANSMIT_POWER

RULE = ForecastRule(
    name="laser_wear",
    metric=OPTICAL_TRANSMIT_POWER.name,
    limit="laser_wear",
    days_of=medians,
    least=0.3,
    headline=N_("{name} sends less and less light into the fibre"),
    template=N_(
        "Port {instance} sends {value} of light, {rate} less every week, where it should stay level; at "
        "this rate it is too weak ({limit}) on about {date}."
    ),
    advice=N_("Order an optical module, or such a box, and replace it before that day."),
    figure=dbm,
    rate=db,
)
