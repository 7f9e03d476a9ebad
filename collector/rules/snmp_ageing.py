"""A device takes longer to answer from day to day, as ageing ones do."""

from __future__ import annotations

from collector.figures import milliseconds
from collector.forecast_rule import ForecastRule, medians
from collector.rule import Severity
from collector.words import N_
from telemetry.catalogue import SNMP_RESPONSE

RULE = ForecastRule(
    name="snmp_ageing",
    metric=SNMP_RESPONSE.name,
    limit="snmp_ageing",
    days_of=medians,
    least=0.02,
    least_share=1.0,  # offices that are shut on two days of seven make a slope of a half
    headline=N_("{name} takes longer from day to day to report its health"),
    template=N_(
        "It takes {value} to answer a question about its health, {rate} more every week, where it should "
        "stay level; at this rate it takes {limit} on about {date}."
    ),
    advice=N_("Restart it outside office hours; if it goes on so, plan to replace it."),
    figure=milliseconds,
    rate=milliseconds,
    severity=Severity.INFO,
)
