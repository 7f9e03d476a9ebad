"""A port goes up and down again and again: a loose plug, a dying transceiver, a failing power supply."""

from __future__ import annotations

from collector.rule import FINE, UNSAID, Blame, Condition, Rule, compare, is_told
from collector.state import Fact, Keep, TargetState
from collector.words import N_, Sentence
from inventory.expectation import Limit
from telemetry.catalogue import INTERFACE_UP


class Flapping(Rule):
    """Zino's flap score of the port against the limit (`collector/changes.py`)."""

    name = "flapping"
    limit = "interface_flap_score"
    metrics = (INTERFACE_UP.name,)
    keeps = frozenset({Keep.FLAPS})
    blames = Blame.LINE
    headline = N_("{name} has a port that goes up and down")
    advice = N_("Push the plug in at both ends until it clicks; then try another cable and port.")

    def judge(self, fact: Fact, target: TargetState, limit: Limit, at: float) -> Condition | None:
        """The score as of now."""
        if fact.flaps is None or fact.flaps.value <= 1.0:
            return FINE
        reading = compare(fact.flaps.score(at), limit)
        if not is_told(reading):
            return Condition(reading, UNSAID, limit.for_seconds)
        template = N_("Port {instance} goes up and down again and again; it should stay up.")
        return Condition(
            reading, Sentence(template, {"instance": fact.instance}), limit.for_seconds
        )


RULE = Flapping()
