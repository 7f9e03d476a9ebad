"""A measuring computer that cannot measure: what it fails to see is not to blame, and is not measured.

Two signs. Its own reasons: checks that were never made, since its system forbade them or its program
failed. And a contradiction: nothing answers it any more, not even in its own office, while its measurements
arrive here all the while, through the very door that it calls dead or while others see that door well.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from collector import reachability
from collector.announce import Announcer
from collector.knowledge import Knowledge
from collector.rule import Finding, Severity
from collector.state import AgentState, TargetState
from collector.surroundings import Surroundings
from collector.vantage import Vantage
from collector.words import N_, Sentence
from inventory.inventory import Inventory
from inventory.link import LinkKind

RULE = "agent_blind"

TARGETS_WANTED = 3
"""One or two that are not seen may be dead, or wrongly entered."""

FAULTS_WANTED = 6
"""So many checks in a row must fail by the agent's own fault."""

LIVE_SECONDS = 30.0
"""What is older than this when it arrives may have waited behind a dead switch."""

BLIND_SECONDS = 60.0
"""So long it must see nothing while it is heard: a loose cable cuts off both at once."""

HEARD_SECONDS = 20.0
"""Whoever was heard so short a time ago is not cut off together with the agent."""

WORD_SECONDS = 150.0
"""So long others are waited for who look at its office, too."""


# What the inventory asks for and no agent can do: to look into another machine, or at a peer without a name.
_NOT_ITS_FAULT = frozenset({("host", "forbidden"), ("path", "forbidden")})


class Sight(StrEnum):
    """Whether those who have lost a target can see at all."""

    CLEAR = "clear"
    BLIND = "blind"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class _Look:
    target: TargetState
    vantage: Vantage


class Blindness:
    """Tells agents that cannot measure from targets that do not answer."""

    def __init__(
        self,
        inventory: Inventory,
        knowledge: Knowledge,
        surroundings: Surroundings,
        announcer: Announcer,
    ) -> None:
        self._inventory = inventory
        self._knowledge = knowledge
        self._surroundings = surroundings
        self._announcer = announcer

    def could_not_ask(self, name: str, check: str, target: str, reason: str, at: float) -> None:
        """A check was not made, by a fault of the agent's own."""
        if (check, reason) in _NOT_ITS_FAULT:
            return
        agent = self._knowledge.agents[name]
        latest = agent.faults.setdefault(check, [])
        latest.append(target)
        del latest[:-FAULTS_WANTED]
        if len(latest) < FAULTS_WANTED or len(set(latest)) < TARGETS_WANTED:
            return
        finding = _of_its_own(agent, check, reason, at)
        if not self._announcer.holds(finding):
            self._speak(agent, finding, at)

    def asked(self, target: TargetState, name: str, check: str, ok: bool, at: float) -> None:
        """A check was made, whatever came back."""
        agent = self._knowledge.agents[name]
        if check in agent.faults:
            del agent.faults[check]
            self._announcer.withdraw(_of_its_own(agent, check, "", at), at)
        if ok and agent.blind_since and _needs_the_network(target, agent):
            self._sees_again(agent, at)

    def sight(self, target: TargetState, at: float) -> Sight:
        """Of those who have lost the target. Speaks when they turn out to be blind."""
        names = {v.agent for v in reachability.deciding(target) if v.fresh(at) and not v.ok}
        sights = {self._sight_of(self._knowledge.agents[name], at) for name in sorted(names)}
        if Sight.CLEAR in sights or not sights:
            return Sight.CLEAR
        return Sight.UNSURE if Sight.UNSURE in sights else Sight.BLIND

    def _sight_of(self, agent: AgentState, at: float) -> Sight:
        if agent.blind_since:
            return Sight.BLIND
        if agent.lagging or self._knowledge.now - at > LIVE_SECONDS:
            return Sight.CLEAR
        looks = list(self._looks_of(agent, at))
        seen_until = max((look.vantage.at for look in looks if look.vantage.ok), default=0.0)
        since = max(seen_until, agent.talking_since)
        missed = [look for look in looks if look.vantage.at > since]
        own = [look for look in missed if look.target.site == agent.site]
        if not own or len({look.target.id for look in missed}) < TARGETS_WANTED:
            return Sight.CLEAR
        if self._surroundings.on_battery(agent.site, since):
            return Sight.CLEAR
        return self._contradicted(agent, own, since, at)

    def _contradicted(self, agent: AgentState, own: list[_Look], since: float, at: float) -> Sight:
        """Whether something proves that what it has lost in its own office is there, or soon may."""
        others = [(look, v) for look in own for v in self._others_of(look.target, agent, at)]
        proof = next(((o, v) for o, v in others if v.ok and v.at > o.vantage.failing_since), None)
        talks = not others and self._talks_through(agent, own, at)
        if not talks and not any(vantage.ok for _, vantage in others):
            return Sight.CLEAR
        if at >= since + BLIND_SECONDS and (proof or talks):
            return self._is_blind(agent, since, self._reason(own, proof), at)
        return Sight.UNSURE if at < since + WORD_SECONDS else Sight.CLEAR

    def _others_of(self, target: TargetState, agent: AgentState, at: float) -> list[Vantage]:
        """How those see the target whom we hear at this moment."""
        heard_since = self._knowledge.now - HEARD_SECONDS
        return [
            vantage
            for vantage in reachability.deciding(target)
            if vantage.agent != agent.id
            and vantage.fresh(at)
            and self._knowledge.agents[vantage.agent].heard_at >= heard_since
        ]

    def _reason(self, own: list[_Look], proof: tuple[_Look, Vantage] | None) -> Sentence:
        values = {"count": str(len({look.target.id for look in own}))}
        if proof is None:
            words = N_(
                "The measuring computer itself cannot measure: all {count} devices of its own office "
                "should answer it and none does, not even those through which its measurements "
                "arrive here."
            )
            return Sentence(words, values)
        look, vantage = proof
        words = N_(
            "The measuring computer itself cannot measure: all {count} devices of its own office "
            "should answer it and none does, while {agent} reaches {name} there."
        )
        values |= {"agent": vantage.agent, "name": self._inventory.name_of(look.target.id)}
        return Sentence(words, values)

    def _talks_through(self, agent: AgentState, own: list[_Look], at: float) -> bool:
        """Whether its measurements can only come through doors that it calls dead. At the centre they
        need not pass any; where there is a mobile line, or where what the doors hang on is dead as well,
        they come another way.
        """
        if agent.site == self._surroundings.centre() or self._has_mobile_line(agent.site):
            return False
        doors = self._surroundings.doors_of(agent.site)
        above = {name for door in doors for name in self._inventory.topology.ancestors(door)}
        if any(self._is_lost(name, agent, at) for name in above):
            return False
        return bool(doors) and set(doors) <= {look.target.id for look in own}

    def _is_lost(self, name: str, agent: AgentState, at: float) -> bool:
        """Whether anybody else fails to reach it, or has just begun to."""
        state = self._surroundings.state_of(name)
        return state is not None and any(
            vantage.agent != agent.id and vantage.fresh(at) and not vantage.ok
            for vantage in reachability.deciding(state)
        )

    def _has_mobile_line(self, site: str) -> bool:
        return any(
            link.kind is LinkKind.CELLULAR
            and any(self._is_at(device, site) for device in link.end_devices)
            for link in self._inventory.links
        )

    def _is_at(self, device: str, site: str) -> bool:
        known = self._inventory.device(device)
        return known is not None and known.site == site

    def _is_blind(self, agent: AgentState, since: float, reason: Sentence, at: float) -> Sight:
        agent.blind_since = since
        self._speak(agent, _finding(agent, "", Severity.CRITICAL, since, reason), at)
        return Sight.BLIND

    def _sees_again(self, agent: AgentState, at: float) -> None:
        """What it did not see proves nothing: all is to be measured again."""
        finding = _finding(agent, "", Severity.CRITICAL, agent.blind_since, Sentence(""))
        agent.blind_since = 0.0
        self._announcer.withdraw(finding, at)
        for target in self._knowledge.targets.values():
            for vantage in target.vantages.values():
                if vantage.agent == agent.id:
                    vantage.forgive(at)

    def _speak(self, agent: AgentState, finding: Finding, at: float) -> None:
        """Without a ping it is not known who is there; without the other checks only less of them."""
        blinded: tuple[str, ...] = ()
        if finding.severity is Severity.CRITICAL:
            blinded = self._surroundings.only_seen_by(agent.id, self._knowledge.now)
        self._announcer.speak(finding, f"agent:{agent.id}", at, blinded)

    def _looks_of(self, agent: AgentState, at: float) -> Iterable[_Look]:
        for target in self._knowledge.targets.values():
            if not _needs_the_network(target, agent):
                continue
            for vantage in reachability.deciding(target):
                if vantage.agent == agent.id and vantage.fresh(at):
                    yield _Look(target, vantage)


def _needs_the_network(target: TargetState, agent: AgentState) -> bool:
    """Whether the agent must look outside to see it; a service may be asked for another way."""
    own = reachability.is_host_of(target, agent.id)
    return not own and target.class_ != reachability.SERVICE_CLASS


def _of_its_own(agent: AgentState, check: str, reason: str, at: float) -> Finding:
    """The finding that one kind of check is not made."""
    words = (
        N_(
            "The measuring computer itself cannot measure: its system or a firewall forbids its "
            "{check} checks, {count} in a row; it should forbid none."
        )
        if reason == "forbidden"
        else N_(
            "The measuring computer itself cannot measure: its {check} checks fail by a fault of "
            "its own, {count} in a row; none should."
        )
    )
    values = {"check": check, "count": str(FAULTS_WANTED)}
    severity = Severity.CRITICAL if check == reachability.PING else Severity.WARNING
    return _finding(agent, check, severity, at, Sentence(words, values))


def _finding(
    agent: AgentState, instance: str, severity: Severity, since: float, reason: Sentence
) -> Finding:
    return Finding(RULE, f"agent:{agent.id}", agent.site, instance, severity, since, reason)
