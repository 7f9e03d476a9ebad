"""A printer runs out of toner or paper."""

from __future__ import annotations

from collector.figures import percent
from collector.limit_rule import LimitRule
from collector.rule import Severity
from collector.words import N_
from telemetry.catalogue import PRINTER_SUPPLY

RULE = LimitRule(
    name="printer_supply",
    metric=PRINTER_SUPPLY.name,
    headline=N_("{name} is running out of supplies"),
    template=N_("Its {instance} is down to {value}; below {limit} it is time to order."),
    advice=N_("Order and replace it."),
    figure=percent,
    severity=Severity.INFO,
    critical_severity=Severity.WARNING,
)
