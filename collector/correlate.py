"""Explains what is seen by what caused it: parents, links, the power of a site.

A child that fails waits, for a bounded time, until its parents have been measured after its own
first
failure; only then does it speak for itself or is laid to their account.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from collector import accounting, reachability
from collector.fact import Fact
from collector.state import AgentState, HealthState, TargetState
from collector.vantage import Reach
from collector.words import Sentence
from inventory.inventory import Inventory
from inventory.link import LinkKind
from telemetry.catalogue import INTERFACE_ADMIN_UP, INTERFACE_UP, POWER_ON_BATTERY

BATTERY_SECONDS = 600.0
"""A word of the power supply older than this, when everything goes dark, says nothing about it."""

_GONE = frozenset({HealthState.DOWN, HealthState.UNREACHABLE})


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


class Surroundings:
    """Answers questions about a target's place in the district. Reads the state, changes nothing."""

    def __init__(
        self,
        inventory: Inventory,
        targets: Mapping[str, TargetState],
        agents: Mapping[str, AgentState],
    ) -> None:
        self._inventory = inventory
        self._topology = inventory.topology
        self._targets = targets
        self._agents = agents

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

    def _own(self, target: TargetState, since: float, at: float) -> Explanation:
        cause = self.cause_of(target, since)
        if cause.startswith("device:") and self._link_still_unread(target, since, at):
            return Explanation(Verdict.WAIT)
        return Explanation(Verdict.OWN, cause)

    def _ways_to(self, target: TargetState) -> tuple[str, ...]:
        """What a target is reached through; a service through the offices that ask for it."""
        if target.class_ != reachability.SERVICE_CLASS:
            return self._topology.parents(target.id)
        sites = {self._agents[v.agent].site for v in target.vantages.values()}
        return tuple(sorted({door for site in sites for door in self.doors_of(site)}))

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
        if seen is Reach.FAIL and state.state in _GONE:
            return Explanation(Verdict.BEHIND, state.cause)
        if seen is Reach.OK and state.state not in _GONE and self._is_cleared(state, failed):
            return Explanation(Verdict.OWN)
        return Explanation(Verdict.WAIT)

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
        if were & _GONE:
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

    def cause_of(self, target: TargetState, since: float) -> str:
        """What to call the cause of a failure that begins at `target`.

        The site, when its power was seen to fail before; the link, when the port towards the target
        is
        seen to be down; else the device itself.
        """
        if self.on_battery(target.site, since):
            return f"site:{target.site}"
        for port in self._ports_towards(target.id):
            if port.value == 0.0 and port.at >= since - 2.0 * reachability.period(target):
                link = self._link_of(target.id, port)
                if link and self._switched_on(target.id, port):
                    return f"link:{link}"
        return f"device:{target.id}"

    def on_battery(self, site: str, since: float) -> bool:
        """Whether a power supply of the site said that the mains was gone, shortly before `since` or
        after it, and that was its newest word.
        """
        return any(
            fact.value == 1.0 and fact.at >= since - BATTERY_SECONDS
            for target in self._targets.values()
            if target.site == site
            for fact in target.facts.values()
            if fact.metric == POWER_ON_BATTERY.name
        )

    def _ports_towards(self, target: str) -> list[Fact]:
        """The state of the parents' ports that lead to the target, as far as it was ever read."""
        found = []
        for parent in self._topology.parents(target):
            link = self._topology.link_between(parent, target)
            state = self._targets.get(parent)
            if link is None or link.kind is LinkKind.LAN or state is None:
                continue  # a patch cable seldom dies; a dead box takes its neighbour's port down too
            port = link.end_ports[link.end_devices.index(parent)]
            fact = state.newest(INTERFACE_UP.name, port)
            if fact is not None:
                found.append(fact)
        return found

    def _link_of(self, target: str, port: Fact) -> str:
        for parent in self._topology.parents(target):
            link = self._topology.link_between(parent, target)
            if link is not None and port.instance in link.end_ports:
                return link.id
        return ""

    def _switched_on(self, target: str, port: Fact) -> bool:
        """False when somebody switched the port off on purpose."""
        for parent in self._topology.parents(target):
            state = self._targets.get(parent)
            admin = state and state.newest(INTERFACE_ADMIN_UP.name, port.instance)
            if admin and admin.value == 0.0:
                return False
        return True

    def _link_still_unread(self, target: TargetState, since: float, at: float) -> bool:
        """Whether the port towards the target is about to be read again and could still tell link
        from
        device. Waits no longer than one look at the target: it is to be told within two.
        """
        ports = self._ports_towards(target.id)
        unread = ports and all(port.at < since for port in ports)
        return bool(unread) and at < since + reachability.period(target) + 10.0

    def behind(self, root: str, since: float) -> tuple[str, ...]:
        """The targets that cannot be reached while `root` is gone, except those that answered
        since.
        """
        cut = {root}
        for target in self._topology.order:
            parents = self._topology.parents(target)
            if target in cut or not parents or not all(parent in cut for parent in parents):
                continue
            state = self._targets.get(target)
            if state is None or not reachability.answered_since(state, since):
                cut.add(target)
        return tuple(target for target in self._topology.order if target in cut and target != root)

    def doors_of(self, site: str) -> tuple[str, ...]:
        """Through which devices a site talks to the centre: its routers, or else its outermost
        devices.
        """
        devices = [d for d in self._inventory.devices if d.site == site]
        routers = tuple(d.id for d in devices if d.class_ in ("router", "firewall"))
        return routers or self._topology.edges_of(site)

    def gone_with(self, devices: Iterable[str], at: float) -> str:
        """The cause with which all of these devices are gone, or empty when one is not."""
        causes = []
        for device in devices:
            state = self._targets.get(device)
            if state is None or state.state not in _GONE:
                return ""
            causes.append(state.cause)
        return min(causes, default="")

    def state_of(self, target: str) -> TargetState | None:
        """What is known of a device or service."""
        return self._targets.get(target)

    def at_site(self, site: str) -> list[TargetState]:
        """What is known of a site's devices."""
        return [target for target in self._targets.values() if target.site == site]

    def all_with(self, metric: str) -> list[TargetState]:
        """What is known of all that have ever told this metric."""
        return [
            target
            for target in self._targets.values()
            if any(fact.metric == metric for fact in target.facts.values())
        ]

    def centre(self) -> str:
        """The site on which the others depend: that of the topmost device."""
        top = self._inventory.device(self._topology.order[0])
        return top.site if top is not None else ""

    def site_of(self, agent: str) -> str:
        """The site at which the agent sits, empty for an unknown one."""
        known = self._agents.get(agent)
        return known.site if known is not None else ""

    def is_at(self, agent: str, site: str) -> bool:
        """Whether the agent sits at the site."""
        known = self._agents.get(agent)
        return known is not None and known.site == site


def _back_by(parent: TargetState) -> float:
    """Until when a target that was not measured lately may still be: its agent starts anew."""
    return reachability.believed_until(parent) + 2.0 * reachability.period(parent)


def _answered_within(other: TargetState, failed: _Failure) -> bool:
    """Whether it answered after a failure began and before what failed was looked at last: what is
    asked seldom may have blinked in between.
    """
    return any(v.ok and failed.since <= v.at <= failed.looked for v in reachability.deciding(other))
