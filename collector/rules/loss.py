"""Packets are lost on the way to the target."""

from __future__ import annotations

from collector.figures import percent
from collector.rule import UNSAID, Condition, Reading, Rule, compare, is_told
from collector.state import Fact, TargetState
from collector.words import N_, Sentence
from inventory.expectation import Limit
from telemetry.catalogue import ICMP_LOSS_RATIO

MIN_LOSSY_BURSTS = 3
"""A lone bad burst is weather; a worn cable or a full line loses packets again and again."""


class Loss(Rule):
    """Mean loss over the time that the limit gives, because one burst of ten packets is too coarse.

    Bursts that lost everything are left to reachability; at least three bursts must have lost
    something.
    """

    name = "loss"
    limit = "icmp_loss_ratio"
    metrics = (ICMP_LOSS_RATIO.name,)
    headline = N_("{name} loses packets")
    advice = N_("Reseat the network cable at both ends; try another cable and another port.")
    window_seconds = 600.0
    path = True

    def judge(self, fact: Fact, target: TargetState, limit: Limit, at: float) -> Condition | None:
        """The mean of the window's bursts against the limit; None until the window is full."""
        span = limit.for_seconds
        if fact.span() < 0.75 * span:
            return None
        looks = _lately(fact, at - span)
        bursts = [ratio for ratio in looks if ratio < 1.0]
        if not bursts:
            return None
        mean = sum(bursts) / len(bursts)
        lossy = sum(1 for ratio in bursts if ratio > 0.0)
        reading = compare(mean, limit)
        if lossy < min(MIN_LOSSY_BURSTS, len(looks)) and reading is not Reading.FINE:
            reading = Reading.BETWEEN
        if not is_told(reading):
            return Condition(reading, UNSAID, for_seconds=0.0)
        values = {"value": percent(mean), "limit": percent(limit.degraded or 0.0)}
        template = N_("{value} of the packets sent to it are lost; at most {limit} is normal.")
        return Condition(reading, Sentence(template, values), for_seconds=0.0)


def _lately(fact: Fact, after: float) -> list[float]:
    """The window's ratios after a moment, newest first: the window is kept for drawing and far longer."""
    found = []
    for when, ratio in reversed(fact.window):
        if when <= after:
            break
        found.append(ratio)
    return found


RULE = Loss()
