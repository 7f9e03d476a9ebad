"""Agents that fall silent: told with their name, unless something else explains their silence."""

from __future__ import annotations

from collections.abc import Iterable

from collector import clock_skew, clock_words, pauses, reachability
from collector.announce import Announcer
from collector.knowledge import Knowledge
from collector.restless import BLINK_SECONDS, Restless
from collector.rule import Finding, Severity
from collector.state import AgentState
from collector.surroundings import Surroundings
from collector.words import N_, Sentence
from inventory.inventory import Inventory

RULE = "agent_silent"
CLOCK_RULE = "agent_clock"

DEFAULT_SILENCE_SECONDS = 150.0
"""Two and a half times the longest interval at which an agent must give a sign of life."""

LAGGING_SECONDS = 120.0
"""An agent whose newest sample is older than this when it arrives is delivering a backlog."""

CAUGHT_UP_SECONDS = 60.0

PAUSE_SECONDS = 45.0
"""An agent speaks every 15 s: when it was not heard for so long, its way to here was interrupted."""

TOGETHER_SECONDS = 300.0
"""What has been dead for longer than this before an agent fell silent does not explain it."""


class Heartbeats:
    """Judges silence on the collector's clock, and nothing else does."""

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
        self._restless = Restless(inventory.topology, knowledge.targets, knowledge.book)
        self._limits: dict[str, float] = {}

    def hear(self, agent: AgentState) -> None:
        """Something of the agent has just arrived."""
        now = self._knowledge.now
        pauses.note(agent, now, self._knowledge.listening_since)
        if now - agent.heard_at > PAUSE_SECONDS:
            agent.talking_since = now
        agent.heard_at = now
        behind = now - agent.watermark
        if behind > LAGGING_SECONDS:
            agent.lagging = True
        elif behind <= CAUGHT_UP_SECONDS:
            agent.lagging = False
        agent.astray = 0.0
        self._is_heard(agent)
        self._watch_clock(agent)

    def hear_untimely(self, agent: AgentState, newest: float) -> None:
        """A push of the agent has come of which nothing was taken: its newest sample says `newest`."""
        agent.heard_at = self._knowledge.now
        agent.lagging = False
        clock_skew.stray(agent, newest, self._knowledge.now)
        if agent.astray:
            self._is_heard(agent)
            self._watch_clock(agent)

    def _is_heard(self, agent: AgentState) -> None:
        if agent.silent:
            agent.silent = False
            self._announcer.withdraw(self._finding(agent), self._knowledge.now)

    def _watch_clock(self, agent: AgentState) -> None:
        """Says that an agent's clock is wrong. Its times are put right meanwhile, or, where it is too far
        off for that, its targets are not measured.
        """
        told = f"{CLOCK_RULE}|agent:{agent.id}|" in self._knowledge.book.owner
        wrong = agent.astray or agent.skew
        if not wrong and not told:
            return
        finding = self._clock_finding(agent)
        if not wrong:
            self._announcer.withdraw(finding, self._knowledge.now)
        elif not told or self._announcer.says_less(finding):
            now = self._knowledge.now
            blinded = self._surroundings.only_seen_by(agent.id, now) if agent.astray else ()
            self._announcer.speak(finding, f"agent:{agent.id}", now, blinded)

    def watch(self) -> None:
        """Time has passed: who has been silent for longer than it may?"""
        for agent in self._knowledge.agents.values():
            since = max(agent.heard_at, agent.not_before, self._knowledge.listening_since)
            quiet = self._knowledge.now - since
            if agent.heard_at and quiet > self._limit(agent):
                agent.silent = True
                agent.lagging = False
                self._tell(agent, quiet)

    def _tell(self, agent: AgentState, quiet: float) -> None:
        """Lays the silence to the site's power or the agent itself, unless its way to us is broken.

        While the way is in doubt it waits: until half the limit again has passed, or whatever it may
        hang on has been looked at twice.
        """
        finding = self._finding(agent)
        now = self._knowledge.now
        if self._announcer.holds(finding):
            return
        doors = self._surroundings.doors_of(agent.site)
        trunks = self._trunks(agent.site)
        if self._surroundings.gone_with(doors, now):
            return
        if any(self._fell_with(agent, trunk) for trunk in trunks):
            return
        if quiet < BLINK_SECONDS and any(self._goes_and_comes(agent, t) for t in trunks):
            return
        ways = (*doors, *trunks)
        if self._in_doubt(ways) and quiet < self._patience(agent, ways):
            return
        dark = self._surroundings.on_battery(agent.site, agent.watermark)
        cause = f"site:{agent.site}" if dark else f"agent:{agent.id}"
        self._announcer.speak(finding, cause, now, self._surroundings.only_seen_by(agent.id, now))

    def _fell_with(self, agent: AgentState, trunk: str) -> bool:
        """Whether a device has been gone since about when the agent fell silent."""
        target = self._knowledge.targets.get(trunk)
        if target is None or not self._surroundings.gone_with([trunk], self._knowledge.now):
            return False
        return abs(target.since - agent.watermark) <= TOGETHER_SECONDS

    def _goes_and_comes(self, agent: AgentState, trunk: str) -> bool:
        """Whether the agent may be missed because something on its way blinks, and that is told already."""
        above = self._restless.above(trunk, agent.watermark, self._knowledge.now)
        return bool(self._restless.own_line(trunk) or above)

    def _trunks(self, site: str) -> tuple[str, ...]:
        """The site's devices on which others hang: the measuring computer is one of those."""
        topology = self._inventory.topology
        devices = [d.id for d in self._inventory.devices if d.site == site]
        return tuple(device for device in devices if topology.children(device))

    def _patience(self, agent: AgentState, ways: Iterable[str]) -> float:
        targets = self._knowledge.targets
        looks = [reachability.period(targets[way]) for way in ways if way in targets]
        limit = self._limit(agent)
        return max(1.5 * limit, limit + 2.0 * max(looks, default=0.0))

    def _in_doubt(self, ways: Iterable[str]) -> bool:
        """Whether any of these has just failed, but not yet often enough to believe it."""
        targets = self._knowledge.targets
        return any(
            way in self._knowledge.waiting
            or any(
                not vantage.ok and vantage.fresh(self._knowledge.now)
                for vantage in targets[way].vantages.values()
            )
            for way in ways
            if way in targets
        )

    def _limit(self, agent: AgentState) -> float:
        """How long the agent may be silent: as expected of the devices of its site, but longer for one
        that speaks seldom anyway.
        """
        return pauses.patience(agent, self._expected(agent), self._knowledge.now)

    def _expected(self, agent: AgentState) -> float:
        if agent.site not in self._limits:
            device = next((d.id for d in self._inventory.devices if d.site == agent.site), "")
            limit = self._inventory.limit_of(RULE, device) if device else None
            self._limits[agent.site] = limit.for_seconds if limit else DEFAULT_SILENCE_SECONDS
        return self._limits[agent.site]

    def _finding(self, agent: AgentState) -> Finding:
        return Finding(
            rule=RULE,
            subject=f"agent:{agent.id}",
            site=agent.site,
            instance="",
            severity=Severity.CRITICAL,
            since=agent.watermark,
            reason=Sentence(
                N_(
                    "The measuring computer {agent} has sent nothing for over {seconds} seconds; it should "
                    "speak every minute."
                ),
                {"agent": agent.id, "seconds": f"{self._limit(agent):.0f}"},
            ),
        )

    def _clock_finding(self, agent: AgentState) -> Finding:
        return Finding(
            rule=CLOCK_RULE,
            subject=f"agent:{agent.id}",
            site=agent.site,
            instance="",
            severity=Severity.CRITICAL if agent.astray else Severity.WARNING,
            since=agent.steady_since,
            reason=clock_words.reason(agent),
        )
