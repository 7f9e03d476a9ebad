"""It is too hot."""

from __future__ import annotations

from collector.figures import celsius
from collector.limit_rule import LimitRule
from collector.rule import Reading
from collector.state import Fact, TargetState
from collector.twin_rule import TwinRule
from collector.words import N_
from telemetry.catalogue import DEVICE_TEMPERATURE

WARMER_CELSIUS = 4.0
"""So much warmer beside its twins than it always is, and it is not the weather."""

FAR_CELSIUS = 12.0
"""So much warmer than its twins, and it is ill whether it always was so or not."""


def _is_its_own(fact: Fact, target: TargetState, reading: Reading) -> bool:
    """Whether it is hotter than its twins explain. Heat that all of them share is nobody's fault,
    until it is critical.
    """
    twins = fact.twins
    if twins is None or reading is Reading.CRITICAL:
        return True
    return twins.excess > WARMER_CELSIUS or twins.own - twins.median > FAR_CELSIUS


RULE = LimitRule(
    name="temperature",
    metric=DEVICE_TEMPERATURE.name,
    headline=N_("{name} is too hot"),
    template=N_("It is {value} hot at {instance}; more than {limit} wears it out."),
    advice=N_("Clear its vents of dust, open the cabinet, check fan and air conditioning."),
    figure=celsius,
    heeds=_is_its_own,
)

TWINS = TwinRule(
    name="temperature",
    metric=DEVICE_TEMPERATURE.name,
    limit="device_temperature_beside_twins",
    headline=N_("{name} is hotter than others of its kind"),
    template=N_("It is {value} hot at {instance}; {count} others are at {usual}."),
    advice=N_("Clear its vents of dust and check its fan; the weather is not the reason."),
    figure=celsius,
)
