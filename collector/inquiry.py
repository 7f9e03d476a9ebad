"""Why was it dark? Asked once more when it is back: what restarted and what ran on tells power, line and
box apart.

The answer comes a poll or two after the end, so an incident is looked into for a while after it is over.
"""

from __future__ import annotations

from collections.abc import Callable, Container

from collector import accounting, inquiry_words
from collector.announce import Announcer
from collector.correlate import Insight
from collector.incident import Incident
from collector.knowledge import Knowledge
from collector.rule import Finding
from collector.state import AgentState, HealthState
from collector.testimony import (
    CLOCKS_SECONDS,
    MachineEnd,
    Witnesses,
    end_of_machine,
    restarted,
)
from collector.viewpoint import Viewpoints
from collector.words import N_, Sentence
from inventory.inventory import Inventory
from inventory.link import LinkKind

WORD_SECONDS = 400.0
"""Devices are asked for their uptime every five minutes at the longest, and a push takes some seconds."""

OLDER_SECONDS = 3600.0
"""What began longer than this before an outage is another trouble of the same thing."""

_WELL = frozenset({HealthState.UP, HealthState.DEGRADED})


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
        self._witnesses = Witnesses(knowledge)
        self._ways: dict[str, Callable[[Incident, Finding], Insight | None]] = {
            "reachability": self._of_target,
            "agent_silent": self._of_agent,
        }

    def review(self) -> None:
        """Lays incidents that have just ended to what the devices tell by now."""
        known = self._knowledge
        for name, until in list(known.inquiries.items()):
            incident = known.book.incidents.get(name)
            if incident is None or incident.is_open or self._is_too_late(incident, until):
                del known.inquiries[name]
            elif _is_outage(incident, self._ways):
                self._look_into(incident)

    def _is_too_late(self, incident: Incident, until: float) -> bool:
        """Whether all who could tell have done so. An agent that was silent may have hours to deliver
        before it comes to the present.
        """
        kind, _, name = incident.cause.partition(":")
        agent = self._knowledge.agents.get(name) if kind == "agent" else None
        return self._knowledge.now > until and not (agent is not None and agent.lagging)

    def _look_into(self, incident: Incident) -> None:
        finding = incident.lead
        insight = self._ways[incident.rule](incident, finding)
        if insight is None:
            return
        del self._knowledge.inquiries[incident.id]
        if (insight.cause, insight.reason) != (incident.cause, incident.reason):
            self._announcer.understand(incident, finding, insight, self._knowledge.now)

    def _of_target(self, incident: Incident, finding: Finding) -> Insight | None:
        """What a device that is back tells, and those around it. None while it may still tell more."""
        target = self._knowledge.targets.get(finding.target)
        since, ended = finding.since, incident.resolved_at or 0.0
        if target is None:
            return None
        own = restarted(target, since, ended)
        heard = self._witnesses.around(target, since, ended)
        if own is not False and heard.says_power:
            return Insight(f"site:{target.site}", inquiry_words.power(heard, own is True))
        if own is None or self._knowledge.now < ended + WORD_SECONDS:
            return None
        if own:
            return Insight(f"device:{target.id}", inquiry_words.box(heard))
        link = self._viewpoints.line_into(target.id, self._knowledge.now)
        if link is None or incident.cause != f"device:{target.id}":
            return Insight(incident.cause, incident.reason)
        return Insight(f"link:{link.id}", inquiry_words.line(heard))

    def _of_agent(self, incident: Incident, finding: Finding) -> Insight | None:
        """What a measuring computer that speaks again tells of its silence. None until it has spoken of
        itself: what it had kept from before comes first.
        """
        agent = self._knowledge.agents.get(finding.target)
        since, ended = finding.since, incident.resolved_at or 0.0
        if agent is None or not agent.started or agent.word_at < ended:
            return None
        if agent.started + agent.skew < since - CLOCKS_SECONDS:
            return self._ran_on(incident, agent, since)
        end = end_of_machine(agent, since)
        if end is MachineEnd.RAN_ON:
            return Insight(incident.cause, inquiry_words.program(agent.stop_clean))
        heard = self._witnesses.around_machine(agent, since, ended)
        if heard.says_power:
            went_off = end is not MachineEnd.SHUT_DOWN
            return Insight(f"site:{agent.site}", inquiry_words.power(heard, went_off))
        if self._knowledge.now < ended + WORD_SECONDS:
            return None
        return Insight(incident.cause, inquiry_words.machine(end, heard))

    def _ran_on(self, incident: Incident, agent: AgentState, since: float) -> Insight:
        """It never stopped: it could not be heard, or it measured nothing."""
        if agent.gap_from <= since + CLOCKS_SECONDS < agent.gap_until:
            words = N_("The measuring computer was not off, but it measured nothing.")
            return Insight(incident.cause, Sentence(words))
        if self._office_was_reached(agent, since, incident.resolved_at or self._knowledge.now):
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

    def _office_was_reached(self, agent: AgentState, since: float, upto: float) -> bool:
        """Whether somebody else has seen a device of its site well throughout."""
        return any(
            target.site == agent.site
            and any(v.agent != agent.id and v.ok for v in target.vantages.values())
            and accounting.states_between(target, since, upto) <= _WELL
            for target in self._knowledge.targets.values()
        )


def _is_outage(incident: Incident, rules: Container[str]) -> bool:
    """Whether the incident tells of an outage whose cause is not yet sure, and of nothing else that was
    there long before: why a switch was dark for an hour does not explain why it has aged for a week.
    """
    if incident.rule not in rules or incident.cause.startswith("site:"):
        return False
    begun = incident.lead.since - OLDER_SECONDS
    return all(f.since >= begun for f in incident.findings if f.rule != incident.rule)
