"""A certificate is about to expire, which locks people out of a service overnight."""

from __future__ import annotations

from collector.figures import days
from collector.rule import Condition, Rule, Severity, compare
from collector.state import Fact, TargetState
from collector.words import N_, Sentence
from inventory.expectation import Limit
from telemetry.catalogue import TLS_NOT_AFTER

DAY = 86400.0


class Certificate(Rule):
    """Whole days left, as of the time at which the certificate was read."""

    name = "certificate"
    limit = "tls_certificate_days_left"
    metrics = (TLS_NOT_AFTER.name,)
    headline = N_("{name}: the certificate is about to expire")
    advice = N_("Ask whoever runs the service to renew the certificate.")

    def judge(self, fact: Fact, target: TargetState, limit: Limit, at: float) -> Condition | None:
        """The days left against the limit."""
        left = (fact.value - fact.at) / DAY
        template = (
            N_("Its certificate expires in {value} days; renew it at least {limit} days before.")
            if left > 0
            else N_("Its certificate has expired: browsers refuse the page.")
        )
        values = {"value": days(left), "limit": days(limit.degraded or 0.0)}
        return Condition(
            compare(left, limit),
            Sentence(template, values),
            limit.for_seconds,
            Severity.WARNING,
            Severity.CRITICAL,
        )


RULE = Certificate()
