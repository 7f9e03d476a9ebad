"""What those at a site tell after an outage: who started anew, who ran on, and how sure that makes us."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from collector import reachability
from collector.knowledge import Knowledge
from collector.state import AgentState, TargetState
from inventory.device import DeviceClass
from telemetry.catalogue import DEVICE_UPTIME

CLOCKS_SECONDS = 90.0
"""How far the moment of a restart may lie before the first failure: a look, and clocks that differ."""

RESTARTS_WANTED = 2
"""So many other devices at a site that started anew have lost their power together."""

# They carry their own battery: that they ran on says nothing about the mains.
_ON_BATTERY = frozenset({DeviceClass.UPS, DeviceClass.POWER_SYSTEM})


class Sureness(StrEnum):
    """How sure a conclusion is; the reason says it in words."""

    ALMOST = "almost certainly"
    PROBABLY = "probably"
    PERHAPS = "perhaps"


_SURE = (
    # at least so many agree, at most so many contradict
    (2, 0, Sureness.ALMOST),
    (1, 0, Sureness.PROBABLY),
    (3, 1, Sureness.PROBABLY),
    (5, 2, Sureness.PROBABLY),
)


def how_sure(agree: int, contradict: int) -> Sureness:
    """The first row of the table that holds; what no row covers is a mere perhaps."""
    rows = (sure for least, most, sure in _SURE if agree >= least and contradict <= most)
    return next(rows, Sureness.PERHAPS)


class MachineEnd(StrEnum):
    """What became of a measuring computer in the meantime, by its own word."""

    RAN_ON = "ran on"
    CUT_OFF = "cut off"  # it went off without being shut down
    SHUT_DOWN = "shut down"  # in order: by somebody, or by its battery's software
    WENT_OFF = "went off"  # nobody can tell how


def end_of_machine(agent: AgentState, since: float) -> MachineEnd:
    """What became of the agent's machine since `since`, as far as it has spoken again."""
    if agent.booted + agent.skew < since - CLOCKS_SECONDS:
        return MachineEnd.RAN_ON
    if agent.shutdown_clean is None:
        return MachineEnd.WENT_OFF
    return MachineEnd.SHUT_DOWN if agent.shutdown_clean else MachineEnd.CUT_OFF


@dataclass(frozen=True, slots=True)
class Testimony:
    """How many at a site started anew without having been shut down, and how many ran on. machine: what
    became of its measuring computer, None where it has not spoken or was asked about itself.
    """

    anew: int
    ran_on: int
    machine: MachineEnd | None = None

    @property
    def contradict_power(self) -> int:
        """How many would not have been so had the power been out."""
        return self.ran_on + (self.machine is MachineEnd.SHUT_DOWN)

    @property
    def says_power(self) -> bool:
        """Whether so many went off together that it was no single box."""
        return self.anew >= RESTARTS_WANTED and self.anew > self.contradict_power


class Witnesses:
    """Asks those at a site. Reads the state, changes nothing."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge

    def around(self, target: TargetState, since: float, ended: float) -> Testimony:
        """What the others at a target's site tell of the time from `since` to `ended`."""
        agent = self._spoken(target.site, ended)
        host = self._host_of(agent) if agent is not None else ""
        anew, ran_on = self._devices(target.site, since, ended, {target.id, host})
        if agent is None or host == target.id:
            return Testimony(anew, ran_on)
        end = end_of_machine(agent, since)
        went_off = end in (MachineEnd.CUT_OFF, MachineEnd.WENT_OFF)
        return Testimony(anew + went_off, ran_on + (end is MachineEnd.RAN_ON), end)

    def around_machine(self, agent: AgentState, since: float, ended: float) -> Testimony:
        """The same of those around a measuring computer, which is not counted itself."""
        anew, ran_on = self._devices(agent.site, since, ended, {self._host_of(agent)})
        return Testimony(anew, ran_on, end_of_machine(agent, since))

    def _devices(self, site: str, since: float, ended: float, besides: set[str]) -> tuple[int, int]:
        said = [
            restarted(target, since, ended)
            for target in self._knowledge.targets.values()
            if target.site == site and target.id not in besides and target.class_ not in _ON_BATTERY
        ]
        return said.count(True), said.count(False)

    def _spoken(self, site: str, ended: float) -> AgentState | None:
        """The site's agent, once it has spoken of itself after `ended`."""
        agents = self._knowledge.agents.values()
        found = (a for a in agents if a.site == site and a.booted and a.word_at >= ended)
        return next(found, None)

    def _host_of(self, agent: AgentState) -> str:
        hosts = (
            target.id
            for target in self._knowledge.targets.values()
            if target.site == agent.site and reachability.is_host_of(target, agent.id)
        )
        return next(hosts, "")


def restarted(target: TargetState, since: float, ended: float) -> bool | None:
    """Whether it started anew since `since`; None when it has not said so after `ended`."""
    told = [f for f in target.facts.values() if f.metric == DEVICE_UPTIME.name and f.at >= ended]
    newest = max(told, key=lambda fact: fact.at, default=None)
    if newest is None:
        return None
    return newest.at - newest.value >= since - CLOCKS_SECONDS
