"""The modem is in no mobile network."""

from __future__ import annotations

from collector.limit_rule import LimitRule
from collector.rule import Blame, Severity
from collector.words import N_
from telemetry.catalogue import CELLULAR_REGISTERED

RULE = LimitRule(
    name="cellular_registration",
    metric=CELLULAR_REGISTERED.name,
    headline=N_("{name} has lost the mobile network"),
    template=N_("Its modem {instance} is not registered in any mobile network; it should be."),
    advice=N_("Check the SIM card and whether it is paid for; restart the modem."),
    blames=Blame.LINE,
    severity=Severity.CRITICAL,
)
