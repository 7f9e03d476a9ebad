"""A certificate is about to expire, which locks people out of a service overnight."""

from __future__ import annotations

from dataclasses import replace

from collector.fact import Fact
from collector.figures import days
from collector.rule import Condition, Rule, compare
from collector.state import TargetState
from collector.words import N_, Sentence
from inventory.expectation import Limit
from telemetry.catalogue import TLS_NOT_AFTER

DAY = 86400.0

EXPIRED = Sentence(N_("Its certificate has expired: browsers refuse the page."))


class Certificate(Rule):
    """Whole days left, as of the time at which the certificate was read."""

    def judge(self, fact: Fact, target: TargetState, limit: Limit, at: float) -> Condition | None:
        """The days left against the limit."""
        left = (fact.value - fact.at) / DAY
        wanted = limit.degraded or 0.0
        condition = self.condition(
            compare(left, limit), fact, limit.for_seconds, value=left, limit=wanted
        )
        return condition if left > 0.0 else replace(condition, reason=EXPIRED)


RULE = Certificate(
    name="certificate",
    metric=TLS_NOT_AFTER.name,
    limit="tls_certificate_days_left",
    headline=N_("{name}: the certificate is about to expire"),
    template=N_("Its certificate expires in {value} days; renew it at least {limit} days before."),
    advice=N_("Ask whoever runs the service to renew the certificate."),
    figure=days,
)
