"""A line is full: everybody behind it waits."""

from __future__ import annotations

from collector.figures import percent
from collector.rule import FINE, UNSAID, Blame, Condition, Rule, compare, is_told
from collector.state import Fact, TargetState
from collector.words import N_, Sentence
from inventory.expectation import Limit
from telemetry.catalogue import INTERFACE_RECEIVE_BYTES, INTERFACE_SPEED, INTERFACE_TRANSMIT_BYTES


class Saturation(Rule):
    """What a port carries as a share of its speed, on average over a quarter of an hour."""

    name = "saturation"
    limit = "interface_use_ratio"
    metrics = (INTERFACE_RECEIVE_BYTES.name, INTERFACE_TRANSMIT_BYTES.name)
    headline = N_("{name} has a line that is full")
    advice = N_("See who copies or downloads a lot, and ask whether it can wait until the evening.")
    window_seconds = 900.0
    blames = Blame.LINE

    def judge(self, fact: Fact, target: TargetState, limit: Limit, at: float) -> Condition | None:
        """The share over the window; None where the speed is unknown or the window is not full."""
        span = self.window_seconds
        if fact.span() < 0.75 * span:
            return None
        speed = target.fact(INTERFACE_SPEED.name, fact.agent, fact.instance)
        if speed is None or speed.value <= 0.0:
            return None
        share = 8.0 * fact.rate(span) / speed.value
        reading = compare(share, limit)
        if not is_told(reading):
            return (
                FINE
                if share <= (limit.clear or 0.0)
                else Condition(reading, UNSAID, limit.for_seconds)
            )
        values = {
            "value": percent(min(share, 1.0)),
            "limit": percent(limit.degraded or 0.0),
            "instance": fact.instance,
        }
        template = N_("Port {instance} has been {value} full; more than {limit} makes all wait.")
        return Condition(reading, Sentence(template, values), limit.for_seconds)


RULE = Saturation()
