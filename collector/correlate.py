"""Explains what is seen by what caused it: parents, links, the power of a site.

A child that fails waits, for a bounded time, until its parents have been measured after its
own first failure; only then does it speak for itself or is laid to their account.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from collector import accounting, reachability
from collector.line_end import LineEnds
from collector.state import GONE, AgentState, TargetState
from collector.surroundings import Surroundings
from collector.vantage import DELIVERY_SECONDS, Reach
from collector.words import Sentence
from inventory.inventory import Inventory


class Verdict(StrEnum):
    """What a failing target's surroundings say about it."""

    OWN = "own"  # the trouble begins here
    BEHIND = "behind"  # every way to it is broken further up
    WAIT = "wait"  # a parent has not been measured since; ask again


@dataclass(frozen=True, slots=True)
class Insight:
    """What an incident is laid to after a second thought. reason: what told us; None when that is what
    the finding says already. carrier: when it is the whole network of whoever runs the line.
    """

    cause: str
    reason: Sentence | None = None
    carrier: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """The verdict, and the cause (`device:`, `link:`, `site:`) when there is one."""

    verdict: Verdict
    cause: str = ""


@dataclass(frozen=True, slots=True)
class _Failure:
    """A target has not answered since `since`, and was looked at last at `looked`; it is `at` now."""

    target: str
    since: float
    looked: float
    at: float


class Explainer:
    """Finds out where a failure begins. Reads the state, changes nothing."""

    def __init__(
        self,
        inventory: Inventory,
        targets: Mapping[str, TargetState],
        agents: Mapping[str, AgentState],
    ) -> None:
        self._topology = inventory.topology
        self._targets = targets
        self._agents = agents
        self._surroundings = Surroundings(inventory, targets, agents)
        self._ends = LineEnds(inventory.topology, targets)

    def explain(self, target: TargetState, at: float) -> Explanation:
        """Why `target`, which nobody reaches, is not reached. Waits at most for two looks at a
        parent.
        """
        since = reachability.failing_since(target, at)
        failed = _Failure(target.id, since, reachability.last_failure(target), at)
        looks = [self._look_at(parent, failed) for parent in self._ways_to(target)]
        if not looks or any(look.verdict is Verdict.OWN for look in looks):
            return self._own(target, since, at)
        waiting = [look for look in looks if look.verdict is Verdict.WAIT]
        if waiting and at < self._word_by(target, since, at):
            return Explanation(Verdict.WAIT)
        if waiting:
            return self._own(target, since, at)
        return Explanation(Verdict.BEHIND, min(look.cause for look in looks))

    def cause_of(self, target: TargetState, since: float) -> str:
        """What to call the cause of a failure that begins at `target`.

        The site, when its power was seen to fail before; the link, when the port towards the target
        is seen to be down; else the device itself.
        """
        if self._surroundings.on_battery(target.site, since):
            return f"site:{target.site}"
        link = self._ends.cut_line(target, since)
        return f"link:{link}" if link else f"device:{target.id}"

    def _own(self, target: TargetState, since: float, at: float) -> Explanation:
        cause = self.cause_of(target, since)
        if cause.startswith("device:") and self._ends.still_unread(target, since, at):
            return Explanation(Verdict.WAIT)
        return Explanation(Verdict.OWN, cause)

    def _ways_to(self, target: TargetState) -> tuple[str, ...]:
        """What a target is reached through; a service through the offices that ask for it."""
        if target.class_ != reachability.SERVICE_CLASS:
            return self._topology.parents(target.id)
        sites = {self._agents[v.agent].site for v in target.vantages.values()}
        return tuple(sorted({door for site in sites for door in self._surroundings.doors_of(site)}))

    def _look_at(self, parent: str, failed: _Failure) -> Explanation:
        """Whether `parent` is to blame for a failure.

        A parent that nobody measures is looked through to its own parents.
        """
        state = self._targets.get(parent)
        at = failed.at
        if state is not None and at < state.clock - 2.0 * reachability.period(state):
            return self._looked_back(state, failed)
        seen = reachability.reach(state, at) if state is not None else Reach.UNKNOWN
        if state is not None and seen is Reach.UNKNOWN and state.clock and at < _back_by(state):
            return Explanation(Verdict.WAIT)  # its agent may just have come back
        if state is None or seen is Reach.UNKNOWN:
            return self._look_through(parent, failed)
        if seen is Reach.FAIL and state.state in GONE:
            return Explanation(Verdict.BEHIND, state.cause)
        if seen is Reach.OK and self._is_lost_from_there(state, failed):
            cut = self._behind_the_cut(state, failed)
            if cut is not None:
                return cut
        if seen is Reach.OK and state.state not in GONE and self._is_cleared(state, failed):
            return Explanation(Verdict.OWN)
        return Explanation(Verdict.WAIT)

    def _is_lost_from_there(self, parent: TargetState, failed: _Failure) -> bool:
        """Whether those who have lost the target have lost its parent, too: that others, who stand on the
        near side of a cut, reach the parent clears it of nothing.
        """
        target = self._targets[failed.target]
        losers = {v.agent for v in reachability.deciding(target) if not v.ok and v.fresh(failed.at)}
        looks = [v for v in reachability.deciding(parent) if v.agent in losers]
        seen_by = {v.agent for v in looks if v.fresh(failed.at)}
        return bool(losers) and seen_by == losers and not any(v.ok for v in looks)

    def _behind_the_cut(self, parent: TargetState, failed: _Failure) -> Explanation | None:
        """The cut is at the parent or further up. It is told within two looks, or it is none."""
        if parent.cause:
            return Explanation(Verdict.BEHIND, parent.cause)
        above = self._look_through(parent.id, failed)
        if above.verdict is Verdict.BEHIND:
            return above
        told_by = failed.since + 2.0 * reachability.period(parent) + DELIVERY_SECONDS
        return Explanation(Verdict.WAIT) if failed.at < told_by else None

    def _is_cleared(self, parent: TargetState, failed: _Failure) -> bool:
        """Whether an answer proves that the failure is not the parent's doing: its own, or that of
        another who is reached only through it.
        """
        others = (
            self._targets[child]
            for child in self._topology.children(parent.id)
            if child in self._targets
            and child != failed.target
            and len(self._topology.parents(child)) == 1
        )
        return _answered_within(parent, failed) or any(_answered_within(o, failed) for o in others)

    def _look_through(self, parent: str, failed: _Failure) -> Explanation:
        above = [self._look_at(p, failed) for p in self._topology.parents(parent)]
        blamed = [look for look in above if look.verdict is Verdict.BEHIND]
        if above and len(blamed) == len(above):
            return min(blamed, key=lambda look: look.cause)
        waits = any(look.verdict is Verdict.WAIT for look in above)
        return Explanation(Verdict.WAIT if waits else Verdict.OWN)

    def _looked_back(self, parent: TargetState, failed: _Failure) -> Explanation:
        """The same for a failure that is told late, when the parent is known far beyond it."""
        upto = failed.at + reachability.period(parent)
        were = accounting.states_between(parent, failed.since, upto)
        if were & GONE:
            return Explanation(Verdict.BEHIND, parent.cause)
        return Explanation(Verdict.OWN)

    def _word_by(self, target: TargetState, since: float, at: float) -> float:
        """Until when a target that fails since `since` waits for word of its parents: two looks at
        them, or until a vantage that saw them well has missed its turn.
        """
        parents = [self._targets[p] for p in self._ways_to(target) if p in self._targets]
        looks = max((reachability.period(parent) for parent in parents), default=0.0)
        turns = [reachability.word_by(parent) for parent in parents]
        turns.append(reachability.last_failure(target) + reachability.period(target))
        turns += [_back_by(p) for p in parents if reachability.reach(p, at) is Reach.UNKNOWN]
        return max(since + 2.0 * looks + 5.0, max(turns, default=0.0) + 5.0)


def _back_by(parent: TargetState) -> float:
    """Until when a target that was not measured lately may still be: its agent starts anew."""
    return reachability.believed_until(parent) + 2.0 * reachability.period(parent)


def _answered_within(other: TargetState, failed: _Failure) -> bool:
    """Whether it answered after a failure began and before what failed was looked at last: what is
    asked seldom may have blinked in between.
    """
    return any(v.ok and failed.since <= v.at <= failed.looked for v in reachability.deciding(other))
