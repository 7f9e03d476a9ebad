"""A device restarts again and again."""

from __future__ import annotations

from collector.fact import Fact, Keep
from collector.limit_rule import LimitRule
from collector.rule import Blame
from collector.state import TargetState
from collector.words import N_
from telemetry.catalogue import DEVICE_UPTIME

DAY = 86_400.0


def _restarts(fact: Fact, target: TargetState, at: float) -> float | None:
    """How many restarts there were within 24 hours, by its uptime: one or two are somebody at work,
    more are a fault.
    """
    return None if fact.restarts is None else fact.restarts.since(at - DAY)


RULE = LimitRule(
    name="reboot_loop",
    metric=DEVICE_UPTIME.name,
    limit="device_restarts_per_day",
    measure=_restarts,
    keeps=frozenset({Keep.RESTARTS}),
    headline=N_("{name} restarts again and again"),
    template=N_("It restarted {value} times within 24 hours; fewer than {limit} is normal."),
    advice=N_("Check its power plug and power supply, then whether it gets too hot."),
    blames=Blame.RESTARTS,
)
