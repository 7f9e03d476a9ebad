"""The voltage of a battery is lower than it used to be: a cell has failed, or the charger."""

from __future__ import annotations

from collector.figures import volts
from collector.past_rule import PastRule
from collector.recharge import is_spent_or_worn
from collector.rule import Blame
from collector.words import N_
from telemetry.catalogue import BATTERY_VOLTAGE

RULE = PastRule(
    name="battery_voltage",
    metric=BATTERY_VOLTAGE.name,
    limit="battery_voltage_change",
    headline=N_("{name} has a battery of lower voltage than it used to have"),
    template=N_("Its battery has {value}; it used to have {usual}."),
    advice=N_("Have the battery measured: a cell may have failed, or the charger."),
    figure=volts,
    share=0.06,
    heeds=is_spent_or_worn,
    blames=Blame.BATTERY,
)
