"""The device is there but no longer tells anything about itself."""

from __future__ import annotations

from collector.fact import Fact
from collector.limit_rule import LimitRule
from collector.state import TargetState
from collector.vantage import Reach
from collector.words import N_
from telemetry.catalogue import CHECK_UP


def _is_silent(fact: Fact, target: TargetState, at: float) -> float | None:
    """1 while SNMP fails and ping does not: wrong community, or its management hangs. None where other
    checks, or a ping that fails as well, say nothing about it.
    """
    if fact.instance != "snmp":
        return None
    ping = target.vantages.get(f"{fact.agent}|icmp")
    if ping is None or not ping.fresh(at):
        return None
    if fact.value != 0.0:
        return 0.0
    return 1.0 if ping.reach() is Reach.OK else None


RULE = LimitRule(
    name="snmp_silent",
    metric=CHECK_UP.name,
    limit="snmp_silent",
    measure=_is_silent,
    suffers=True,
    headline=N_("{name} no longer reports its health"),
    template=N_(
        "It answers to ping but tells nothing about its health, where it should (SNMP is silent)."
    ),
    advice=N_("Restart its management or the device outside office hours; check the password."),
)
