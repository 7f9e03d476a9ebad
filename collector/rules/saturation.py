"""A line is full: everybody behind it waits."""

from __future__ import annotations

from dataclasses import replace

from collector.fact import Fact
from collector.figures import percent
from collector.limit_rule import LimitRule
from collector.rule import Blame
from collector.state import TargetState
from collector.words import N_
from telemetry.catalogue import INTERFACE_RECEIVE_BYTES, INTERFACE_SPEED, INTERFACE_TRANSMIT_BYTES

WINDOW_SECONDS = 900.0


def _use(fact: Fact, target: TargetState, at: float) -> float | None:
    """What a port carries as a share of its speed, on average over the window; None where the speed is
    unknown or the window is not full.
    """
    if fact.span() < 0.75 * WINDOW_SECONDS:
        return None
    speed = target.fact(INTERFACE_SPEED.name, fact.agent, fact.instance)
    if speed is None or speed.value <= 0.0:
        return None
    return min(8.0 * fact.rate(WINDOW_SECONDS) / speed.value, 1.0)


RECEIVED = LimitRule(
    name="saturation",
    metric=INTERFACE_RECEIVE_BYTES.name,
    limit="interface_use_ratio",
    measure=_use,
    window_seconds=WINDOW_SECONDS,
    headline=N_("{name} has a line that is full"),
    template=N_("Port {instance} has been {value} full; more than {limit} makes all wait."),
    advice=N_("See who copies or downloads a lot, and ask whether it can wait until the evening."),
    figure=percent,
    blames=Blame.LINE,
)

SENT = replace(RECEIVED, metric=INTERFACE_TRANSMIT_BYTES.name)
