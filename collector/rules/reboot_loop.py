"""A device restarts again and again."""

from __future__ import annotations

from collector.rule import FINE, UNSAID, Blame, Condition, Rule, compare, is_told
from collector.state import Fact, Keep, TargetState
from collector.words import N_, Sentence
from inventory.expectation import Limit
from telemetry.catalogue import DEVICE_UPTIME

DAY = 86_400.0


class RebootLoop(Rule):
    """Restarts within the last 24 hours: one or two are somebody at work, more are a fault."""

    name = "reboot_loop"
    limit = "device_restarts_per_day"
    metrics = (DEVICE_UPTIME.name,)
    keeps = frozenset({Keep.RESTARTS})
    blames = Blame.RESTARTS
    headline = N_("{name} restarts again and again")
    advice = N_("Check its power plug and power supply, then whether it gets too hot.")

    def judge(self, fact: Fact, target: TargetState, limit: Limit, at: float) -> Condition | None:
        """How many restarts there were, by its uptime."""
        if fact.restarts is None or not fact.restarts.times:
            return FINE
        count = fact.restarts.since(at - DAY)
        reading = compare(count, limit)
        if not is_told(reading):
            return Condition(reading, UNSAID, limit.for_seconds)
        template = N_("It restarted {count} times within 24 hours; fewer than {limit} is normal.")
        values = {"count": str(count), "limit": f"{limit.degraded or 0.0:g}"}
        return Condition(reading, Sentence(template, values), limit.for_seconds)


RULE = RebootLoop()
