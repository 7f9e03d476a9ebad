"""Whether a target answers, from all places that look at it."""

from __future__ import annotations

from collections.abc import Iterable

from collector.state import TargetState
from collector.vantage import Reach, Vantage
from inventory.inventory import Inventory
from telemetry.catalogue import HOST_LOAD

SERVICE_CLASS = "service"
"""The `class` label of services, which are judged like devices."""

# A device that answers to ping is there, whatever its other checks say; only without a ping do they count.
PING = "icmp"
"""The check that decides wherever it is made."""
# A certificate, a slow path or a refused password says nothing about whether the target is there.
_NOT_DECIDING = frozenset({"tls", "path", "xapi"})

DEFAULT_INTERVAL = 60.0
"""Interval assumed of a check that the inventory does not know."""


def interval_of(inventory: Inventory, target: str, check: str) -> float:
    """How often the inventory wants the target checked, in seconds."""
    options = inventory.checks_of(target).get(check)
    return float(options.interval) if options is not None else DEFAULT_INTERVAL


def deciding(target: TargetState) -> list[Vantage]:
    """The vantages that decide about the target, by agent and check."""
    vantages = [v for v in target.vantages.values() if v.check not in _NOT_DECIDING]
    if target.class_ == SERVICE_CLASS:
        return vantages
    pinged_by = {v.agent for v in vantages if v.check == PING}
    return [v for v in vantages if v.check == PING or v.agent not in pinged_by]


def reach_from(target: TargetState, agent: str, at: float) -> Reach:
    """What one agent's fresh looks say. A service is only there when all of its checks are."""
    looks = [v.reach() for v in deciding(target) if v.agent == agent and v.fresh(at)]
    if target.class_ == SERVICE_CLASS:
        return _worst(looks)
    return _best(looks)


def reach(target: TargetState, at: float) -> Reach:
    """What all fresh vantages together say: one that gets an answer is enough.

    The old answer of an agent that has since missed its turn does not outweigh the failures that
    another one sees now: its office may be cut off.
    """
    if target.class_ != SERVICE_CLASS and any(
        v.ok and v.check == PING and abs(at - v.at) <= v.period for v in target.vantages.values()
    ):
        return Reach.OK  # nearly always; what follows comes to the same, at ten times the price
    punctual = dict.fromkeys(v.agent for v in deciding(target) if not v.overdue(at))
    agents = punctual or dict.fromkeys(v.agent for v in target.vantages.values())
    return _best([reach_from(target, agent, at) for agent in agents])


def failing_since(target: TargetState, at: float) -> float:
    """Since when nobody has had an answer: the first failure after the last answer anywhere."""
    return max((v.failing_since for v in deciding(target) if v.fresh(at) and not v.ok), default=at)


def last_failure(target: TargetState) -> float:
    """When it was last looked at in vain."""
    return max((v.at for v in deciding(target) if not v.ok), default=0.0)


def good_since(target: TargetState, at: float) -> float:
    """Since when somebody has had answers without a break; `at` when nobody has."""
    return min((v.good_since for v in deciding(target) if v.ok and v.fresh(at)), default=at)


def answered_since(target: TargetState, moment: float) -> bool:
    """Whether anybody has had an answer at or after `moment`."""
    return any(v.ok and v.at >= moment for v in deciding(target))


def steady(target: TargetState, since: float, at: float) -> bool:
    """Whether the answers that were missing since `since` have come back for good: twice in a row from
    some vantage that had lost them.
    """
    looks = [v for v in deciding(target) if v.ok]
    back = [v for v in looks if v.fresh(at) and v.good_since > since]
    return any(v.goods >= 2 for v in back or looks)


def is_host_of(target: TargetState, agent: str) -> bool:
    """Whether the agent runs on this very device: it tells of it what can only be read from inside."""
    return target.fact(HOST_LOAD.name, agent) is not None


def period(target: TargetState) -> float:
    """How often the target is looked at, in seconds: the quickest of its vantages."""
    return min((v.period for v in deciding(target)), default=DEFAULT_INTERVAL)


def word_by(target: TargetState) -> float:
    """By when every vantage that still keeps its turns has looked again."""
    return max((v.word_by() for v in deciding(target)), default=0.0)


def believed_until(target: TargetState) -> float:
    """Until when the newest looks may be believed, 0 when there was none."""
    return max((v.at + v.grace() for v in deciding(target)), default=0.0)


def _best(looks: Iterable[Reach]) -> Reach:
    order = (Reach.OK, Reach.SUSPECT, Reach.FAIL)
    seen = set(looks)
    return next((look for look in order if look in seen), Reach.UNKNOWN)


def _worst(looks: Iterable[Reach]) -> Reach:
    order = (Reach.FAIL, Reach.SUSPECT, Reach.OK)
    seen = set(looks)
    return next((look for look in order if look in seen), Reach.UNKNOWN)
