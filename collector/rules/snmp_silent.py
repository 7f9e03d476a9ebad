"""The device is there but no longer tells anything about itself."""

from __future__ import annotations

from collector.rule import Condition, Rule, compare
from collector.state import Fact, Reach, TargetState
from collector.words import N_, Sentence
from inventory.expectation import Limit
from telemetry.catalogue import CHECK_UP


class SnmpSilent(Rule):
    """SNMP fails while the device answers otherwise: wrong community, or its management hangs."""

    name = "snmp_silent"
    limit = "snmp_silent"
    metrics = (CHECK_UP.name,)
    headline = N_("{name} no longer reports its health")
    advice = N_("Restart its management or the device outside office hours; check the password.")

    def judge(self, fact: Fact, target: TargetState, limit: Limit, at: float) -> Condition | None:
        """Bad while SNMP fails and ping does not; says nothing about other checks."""
        if fact.instance != "snmp":
            return None
        ping = target.vantages.get(f"{fact.agent}|icmp")
        if ping is None or not ping.fresh(at):
            return None
        failing = fact.value == 0.0
        if failing and ping.reach() is not Reach.OK:
            return None
        template = N_(
            "It answers to ping but tells nothing about its health, where it should (SNMP is silent)."
        )
        reading = compare(float(failing), limit)
        return Condition(reading, Sentence(template), limit.for_seconds)


RULE = SnmpSilent()
