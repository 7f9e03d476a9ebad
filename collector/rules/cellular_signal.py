"""The mobile signal is weak."""

from __future__ import annotations

from collector.figures import dbm
from collector.limit_rule import LimitRule
from collector.past_rule import PastRule
from collector.rule import Blame
from collector.words import N_
from telemetry.catalogue import CELLULAR_RSRP

RULE = LimitRule(
    name="cellular_signal",
    metric=CELLULAR_RSRP.name,
    headline=N_("{name} has a weak mobile signal"),
    template=N_("The mobile signal is {value}; at least {limit} is needed."),
    advice=N_("Check the antenna and its cable; move it to a window or higher up."),
    figure=dbm,
    blames=Blame.LINE,
)

PAST = PastRule(
    name="cellular_signal",
    metric=CELLULAR_RSRP.name,
    limit="cellular_rsrp_change",
    headline=N_("{name} has a weaker mobile signal than it used to"),
    template=N_("The mobile signal is {value}; it used to be {usual}."),
    advice=N_("Check the antenna and its cable; look whether something was put before it."),
    figure=dbm,
    blames=Blame.LINE,
)
