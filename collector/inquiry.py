"""Why was it dark? Asked once more when it is back: what restarted and what ran on tells power, line and
box apart.

The answer comes a poll or two after the end, so an incident is looked into for a while after it is over.
"""

from __future__ import annotations

from collections.abc import Callable

from collector import accounting
from collector.announce import Announcer
from collector.correlate import Insight
from collector.incidents import Incident
from collector.knowledge import Knowledge
from collector.rule import Finding
from collector.state import AgentState, HealthState, TargetState
from collector.viewpoint import Viewpoints
from collector.words import N_, Sentence
from inventory.device import DeviceClass
from inventory.inventory import Inventory
from inventory.link import LinkKind
from telemetry.catalogue import DEVICE_UPTIME

WORD_SECONDS = 400.0
"""Devices are asked for their uptime every five minutes at the longest, and a push takes some seconds."""

CLOCKS_SECONDS = 90.0
"""How far the moment of a restart may lie before the first failure: a look, and clocks that differ."""

RESTARTS_WANTED = 2
"""So many other devices at a site that started anew have lost their power together."""

_WELL = frozenset({HealthState.UP, HealthState.DEGRADED})

# They carry their own battery: that they ran on says nothing about the mains.
_ON_BATTERY = frozenset({DeviceClass.UPS, DeviceClass.POWER_SYSTEM})


class Inquiry:
    """Looks into incidents that are over. Call `review` after each journal entry."""

    def __init__(
        self,
        inventory: Inventory,
        knowledge: Knowledge,
        viewpoints: Viewpoints,
        announcer: Announcer,
    ) -> None:
        self._inventory = inventory
        self._knowledge = knowledge
        self._viewpoints = viewpoints
        self._announcer = announcer
        self._ways: dict[str, Callable[[Incident, Finding], Insight | None]] = {
            "reachability": self._of_target,
            "agent_silent": self._of_agent,
        }

    def review(self) -> None:
        """Lays incidents that have just ended to what the devices tell by now."""
        known = self._knowledge
        for name, until in list(known.inquiries.items()):
            incident = known.book.incidents.get(name)
            if incident is None or incident.is_open or known.now > until:
                del known.inquiries[name]
            elif incident.rule in self._ways and not incident.cause.startswith("site:"):
                self._look_into(incident)

    def _look_into(self, incident: Incident) -> None:
        finding = next((f for f in incident.findings if f.rule == incident.rule), None)
        insight = self._ways[incident.rule](incident, finding) if finding is not None else None
        if insight is None or finding is None:
            return
        del self._knowledge.inquiries[incident.id]
        if (insight.cause, insight.reason) != (incident.cause, incident.reason):
            self._announcer.understand(incident, finding, insight, self._knowledge.now)

    def _of_target(self, incident: Incident, finding: Finding) -> Insight | None:
        """What a device that is back tells, and those around it. None while it may still tell more."""
        target = self._knowledge.targets.get(finding.target)
        ended = incident.resolved_at or 0.0
        if target is None:
            return None
        own = _restarted(target, incident.since, ended)
        anew, ran_on = self._neighbours(target, incident.since, ended)
        if own is not False and anew >= RESTARTS_WANTED and anew > ran_on:
            return Insight(f"site:{target.site}", _power_reason(anew, ran_on))
        if own is None or self._knowledge.now < ended + WORD_SECONDS:
            return None
        if own:
            return Insight(f"device:{target.id}", _box_reason(ran_on))
        link = self._viewpoints.line_into(target.id, self._knowledge.now)
        if link is None or incident.cause != f"device:{target.id}":
            return Insight(incident.cause, incident.reason)
        words = N_("It ran all the while without a restart: almost certainly the line was cut.")
        return Insight(f"link:{link.id}", Sentence(words))

    def _of_agent(self, incident: Incident, finding: Finding) -> Insight | None:
        """What a measuring computer that speaks again tells of its silence."""
        agent = self._knowledge.agents.get(finding.target)
        if agent is None or not agent.started:
            return None
        since = incident.since
        if agent.started + agent.skew < since - CLOCKS_SECONDS:
            return self._ran_on(incident, agent)
        if agent.booted + agent.skew < since - CLOCKS_SECONDS:
            words = N_("The measuring program had started anew, its computer ran all the while.")
            return Insight(incident.cause, Sentence(words))
        anew, ran_on = self._neighbours(None, since, incident.resolved_at or 0.0, agent.site)
        if anew >= RESTARTS_WANTED and anew > ran_on:
            return Insight(f"site:{agent.site}", _power_reason(anew, ran_on))
        if self._knowledge.now < (incident.resolved_at or 0.0) + WORD_SECONDS:
            return None
        words = N_("The measuring computer had been off: it started anew.")
        return Insight(incident.cause, Sentence(words))

    def _ran_on(self, incident: Incident, agent: AgentState) -> Insight:
        """It never stopped: it could not be heard, or it measured nothing."""
        if agent.gap_from <= incident.since + CLOCKS_SECONDS < agent.gap_until:
            words = N_("The measuring computer was not off, but it measured nothing.")
            return Insight(incident.cause, Sentence(words))
        if self._office_was_reached(agent, incident):
            words = N_(
                "It measured all the while and its office was reached: it was cut off itself."
            )
            return Insight(incident.cause, Sentence(words))
        words = N_("It measured all the while: almost certainly the way from it to here was cut.")
        doors = [d.id for d in self._inventory.devices if d.site == agent.site]
        lines = (self._viewpoints.line_into(door, self._knowledge.now) for door in doors)
        link = next(
            (line for line in lines if line is not None and line.kind is not LinkKind.LAN), None
        )
        return Insight(f"link:{link.id}" if link else incident.cause, Sentence(words))

    def _office_was_reached(self, agent: AgentState, incident: Incident) -> bool:
        """Whether somebody else has seen a device of its site well throughout."""
        upto = incident.resolved_at or self._knowledge.now
        return any(
            target.site == agent.site
            and any(v.agent != agent.id and v.ok for v in target.vantages.values())
            and accounting.states_between(target, incident.since, upto) <= _WELL
            for target in self._knowledge.targets.values()
        )

    def _neighbours(
        self, target: TargetState | None, since: float, ended: float, site: str = ""
    ) -> tuple[int, int]:
        """How many other devices of the site have started anew since, and how many ran on."""
        place = target.site if target is not None else site
        said = [
            _restarted(other, since, ended)
            for other in self._knowledge.targets.values()
            if other is not target and other.site == place and other.class_ not in _ON_BATTERY
        ]
        return said.count(True), said.count(False)


def _restarted(target: TargetState, since: float, ended: float) -> bool | None:
    """Whether it started anew since `since`; None when it has not said so after `ended`."""
    told = [f for f in target.facts.values() if f.metric == DEVICE_UPTIME.name and f.at >= ended]
    newest = max(told, key=lambda fact: fact.at, default=None)
    if newest is None:
        return None
    return newest.at - newest.value >= since - CLOCKS_SECONDS


def _power_reason(anew: int, ran_on: int) -> Sentence:
    if not ran_on:
        words = N_("{count} devices there had started anew: almost certainly the power was out.")
        return Sentence(words, {"count": str(anew)})
    words = N_(
        "{count} devices there had started anew, {others} ran on: probably the power was out."
    )
    return Sentence(words, {"count": str(anew), "others": str(ran_on)})


def _box_reason(ran_on: int) -> Sentence:
    if ran_on:
        words = N_("It had started anew, others there ran on: almost certainly it was off itself.")
        return Sentence(words)
    return Sentence(N_("It had started anew: probably it was off, or hung."))
