"""The looks at targets that a moment holds: who answered, who did not, and who was not even asked."""

from __future__ import annotations

from collector import reachability
from collector.availability import Availability, Look
from collector.blindness import Blindness
from collector.fact import Fact
from collector.feed import LookKey
from collector.intake import Moment
from collector.state import TargetState
from collector.vantage import Vantage
from inventory.inventory import Inventory
from telemetry.catalogue import CHECK_FAILURES, CHECK_UP, ICMP_LOSS_RATIO

DEFAULT_MISSES = 2

OWN_REASONS = ("forbidden", "internal")
"""Reasons of `check_failures_total` that tell of whoever asks, not of who is asked."""


class Looking:
    """Hands each look on to where it counts. Made anew with each inventory, which says how often each
    target is looked at and how many failures are believed.
    """

    def __init__(
        self, inventory: Inventory, availability: Availability, blindness: Blindness
    ) -> None:
        self._inventory = inventory
        self._availability = availability
        self._blindness = blindness
        self._intervals: dict[tuple[str, str], float] = {}
        self._misses_wanted: dict[str, int] = {}

    def take(self, moment: Moment) -> tuple[dict[str, TargetState], set[LookKey]]:
        """Takes the moment's looks in: who was looked at, and which looks were none, since the agent
        could not even ask.
        """
        at = moment.at
        looked_at: dict[str, TargetState] = {}
        not_made: set[LookKey] = set()
        for look, feed in moment.observed.items():
            name, agent, check = look
            target = feed.target
            interval = self._interval(name, check)
            vantage = _vantage_of(target, agent, check, interval, self._misses(name))
            if at <= vantage.at:
                continue
            ok = _answered(target, agent, check, at)
            own_fault = "" if ok else _failed_by_itself(target, agent, check, at)
            if own_fault:
                self._blindness.could_not_ask(agent, check, name, own_fault, at)
                not_made.add(look)
                continue
            self._blindness.asked(target, agent, check, ok, at)
            self._availability.observe(target, vantage, Look(at, ok, interval))
            looked_at[name] = target
        return looked_at, not_made

    def _interval(self, target: str, check: str) -> float:
        key = (target, check)
        if key not in self._intervals:
            self._intervals[key] = reachability.interval_of(self._inventory, target, check)
        return self._intervals[key]

    def _misses(self, target: str) -> int:
        """How many failures in a row are believed of this target."""
        if target not in self._misses_wanted:
            limit = self._inventory.limit_of("reachability", target)
            wanted = limit.critical if limit is not None else None
            self._misses_wanted[target] = int(wanted or DEFAULT_MISSES)
        return self._misses_wanted[target]


def _answered(target: TargetState, agent: str, check: str, at: float) -> bool:
    """Whether a check that was made at `at` got an answer. A ping that lost everything did not."""
    if check == "icmp":
        loss = target.fact(ICMP_LOSS_RATIO.name, agent)
        if loss is not None and loss.at == at:
            return loss.value < 1.0
    up = target.fact(CHECK_UP.name, agent, check)
    return up is not None and up.value > 0.0


def _failed_by_itself(target: TargetState, agent: str, check: str, at: float) -> str:
    """The agent's own reason for which a check at `at` was not made; empty when it was made."""
    for reason in OWN_REASONS:
        fact = target.fact(CHECK_FAILURES.name, agent, f"{check}/{reason}")
        if fact is not None and fact.at == at and _has_risen(fact):
            return reason
    return ""


def _has_risen(counter: Fact) -> bool:
    """Whether the newest value is higher than the one before; the first one ever, if it is the first
    event counted.
    """
    if len(counter.window) < 2:
        return counter.value == 1.0
    return counter.window[-1][1] > counter.window[-2][1]


def _vantage_of(
    target: TargetState, agent: str, check: str, interval: float, misses: int
) -> Vantage:
    """How this agent's check sees the target."""
    key = f"{agent}|{check}"
    known = target.vantages.get(key)
    if known is None:
        known = target.vantages[key] = Vantage(agent, check, interval, misses)
    return known
