"""The light over a fibre fades from week to week: when will it be too little?"""

from __future__ import annotations

from collector.figures import db, dbm
from collector.forecast_rule import ForecastRule, medians
from collector.rule import Blame
from collector.words import N_
from telemetry.catalogue import OPTICAL_RECEIVE_POWER

RULE = ForecastRule(
    name="optical_drift",
    metric=OPTICAL_RECEIVE_POWER.name,
    limit="optical_drift",
    days_of=medians,
    least=0.5,
    headline=N_("{name} receives less and less light over the fibre"),
    template=N_(
        "The light at port {instance} is down to {value} and falls by {rate} a week, where it should not "
        "fall; at this rate it fails ({limit}) on about {date}."
    ),
    advice=N_(
        "Clean the connectors and look for bends and wet joints before that day; call the carrier."
    ),
    figure=dbm,
    rate=db,
    blames=Blame.LINE,
)
