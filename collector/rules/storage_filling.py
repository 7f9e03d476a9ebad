"""A disk fills: when will it be full?"""

from __future__ import annotations

from collector.figures import percent
from collector.forecast_rule import ForecastRule, medians
from collector.words import N_
from telemetry.catalogue import DEVICE_STORAGE_UTILIZATION

RULE = ForecastRule(
    name="storage_filling",
    metric=DEVICE_STORAGE_UTILIZATION.name,
    limit="storage_filling",
    days_of=medians,
    least=0.03,
    headline=N_("{name} has a disk that is filling up"),
    template=N_(
        "Its disk {instance} is {value} full, {rate} more every week; at this rate it is full ({limit}) on "
        "about {date}."
    ),
    advice=N_("Delete old files and logs before that day, or move them elsewhere."),
    figure=percent,
    rate=percent,
    tidies=True,
)
