"""A name leads to a wrong address."""

from __future__ import annotations

from collector.limit_rule import LimitRule
from collector.rule import Severity
from collector.words import N_
from telemetry.catalogue import DNS_ANSWER_OK

RULE = LimitRule(
    name="wrong_name",
    metric=DNS_ANSWER_OK.name,
    headline=N_("{name} is looked up wrongly"),
    template=N_("Its name leads to another address than it should."),
    advice=N_("Ask whoever runs the name server; restart the router if only one office sees it."),
    severity=Severity.CRITICAL,
)
