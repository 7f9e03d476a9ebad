"""What a target that does not answer means, and the sentence that says so."""

from __future__ import annotations

from collector import reachability
from collector.last_hop import last_hop
from collector.rule import Severity
from collector.state import TargetState
from collector.vantage import Vantage
from collector.words import N_, Sentence
from inventory.device import DeviceClass
from inventory.inventory import Inventory

# Nobody's work stops at once when one of these is off.
_LESSER = frozenset({DeviceClass.PRINTER, DeviceClass.WORKSTATION, DeviceClass.CAMERA})

UNTRACED = N_(
    "It left {count} checks in a row without an answer (it should answer each), asked "
    "from {places} place(s)."
)
"""The sentence as long as nobody has traced the way."""


class OutageWords:
    """Severity and reasons of findings about who is gone."""

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory

    def severity(self, target: TargetState) -> Severity:
        """A warning where nobody's work stops and nothing hangs on it, else critical."""
        children = self._inventory.topology.children(target.id)
        lesser = target.class_ in _LESSER and not children
        return Severity.WARNING if lesser else Severity.CRITICAL

    def unanswered(self, target: TargetState) -> Sentence:
        """What was measured: how often nothing came back, seen from how many places."""
        vantages = [v for v in reachability.deciding(target) if not v.ok]
        if target.class_ == reachability.SERVICE_CLASS:
            return Sentence(
                N_(
                    "{count} requests in a row failed (each should succeed), asked from {places} "
                    "place(s)."
                ),
                _counts(vantages),
            )
        values = _counts(vantages)
        since = min((v.failing_since for v in vantages), default=target.clock)
        hop = last_hop(self._inventory, target, since)
        words = UNTRACED
        if hop is not None and hop.name:
            values["hop"] = hop.name
            words = N_(
                "It left {count} checks in a row without an answer (it should answer each), asked "
                "from {places} place(s); {hop} was the last to answer on the way."
            )
        elif hop is not None:
            words = N_(
                "It left {count} checks in a row without an answer (it should answer each), asked "
                "from {places} place(s); nobody answered on the way."
            )
        return Sentence(words, values)

    def shut_out(self, target: TargetState, agent: str) -> Sentence:
        """Another place has lost it, its own office has not."""
        words = N_(
            "Seen from {agent} it left {count} checks in a row without an answer (it should answer from "
            "everywhere), while its own office reaches it: the way in between is cut."
        )
        fails = max((v.fails for v in target.vantages.values() if v.agent == agent), default=0)
        return Sentence(words, {"agent": agent, "count": str(fails)})


def _counts(vantages: list[Vantage]) -> dict[str, str]:
    fails = max((v.fails for v in vantages), default=0)
    return {"count": str(fails), "places": str(len({v.agent for v in vantages}))}
