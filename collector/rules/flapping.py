"""A port goes up and down again and again: a loose plug, a dying transceiver, a failing power supply."""

from __future__ import annotations

from dataclasses import replace

from collector.fact import Fact, Keep
from collector.limit_rule import LimitRule
from collector.rule import Blame
from collector.state import TargetState
from collector.words import N_
from telemetry.catalogue import INTERFACE_LAST_CHANGE, INTERFACE_UP


def _score(fact: Fact, target: TargetState, at: float) -> float | None:
    """Zino's flap score of the port as of now (`collector/changes.py`)."""
    return None if fact.flaps is None else fact.flaps.score(at)


def _blinks(fact: Fact, target: TargetState, at: float) -> float | None:
    """The same by when the port says that it changed last."""
    return None if fact.blinks is None else fact.blinks.score(at)


RULE = LimitRule(
    name="flapping",
    metric=INTERFACE_UP.name,
    limit="interface_flap_score",
    measure=_score,
    keeps=frozenset({Keep.FLAPS}),
    headline=N_("{name} has a port that goes up and down"),
    template=N_("Port {instance} goes up and down again and again; it should stay up."),
    advice=N_("Push the plug in at both ends until it clicks; then try another cable and port."),
    blames=Blame.LINE,
)

BLINKS = replace(
    RULE, metric=INTERFACE_LAST_CHANGE.name, measure=_blinks, keeps=frozenset({Keep.BLINKS})
)
"""Between two polls a port may go down and come up: it tells when it changed last."""
