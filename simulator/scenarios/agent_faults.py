"""Faults of the agents themselves: silent, cut off, short of disk, wrong about the time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from inventory.inventory import Inventory
from simulator.scenarios.chance import Drift
from simulator.scenarios.district import District
from simulator.scenarios.fault import Fault, Weight, stands_at
from simulator.scenarios.layout import CENTRE, agent_host, agents
from simulator.scenarios.truth import Truth


class AgentDies(Fault):
    """The agent's process is gone; its machine answers."""

    kind = "agent_dead"
    subject = "agent"
    shows: ClassVar[tuple[str, ...]] = ("agent_info",)
    weight = Weight.HARD
    hours = (1.0, 6.0)

    @classmethod
    def places(cls, inventory: Inventory) -> Sequence[str]:
        """The communes with an agent."""
        return [site for site in agents(inventory) if site != CENTRE]

    def targets(self, inventory: Inventory) -> tuple[str, ...]:
        """What only it measures."""
        return stands_at(inventory, self.where)

    def begin(self, district: District, t: float) -> None:
        """It is gone."""
        district.agents[self.where].running = False

    def finish(self, district: District, t: float) -> None:
        """Somebody starts it."""
        district.restart_agent(self.where, t, in_order=False)

    def truths(self, district: District) -> tuple[Truth, ...]:
        """Silence is judged by the heartbeat."""
        return (replace(self.truth(district), down=False),)


class AgentCutOff(AgentDies):
    """The agent measures on but cannot deliver: a wrong firewall rule. Its backlog comes at the end."""

    kind = "agent_cut_off"
    shows = ("agent_info", "agent_push_failures_total", "agent_buffer_samples",
             "agent_buffer_oldest_timestamp_seconds")  # fmt: skip
    hours = (2.0, 8.0)

    def begin(self, district: District, t: float) -> None:
        """Its pushes are refused."""
        district.agents[self.where].blocked = True

    def finish(self, district: District, t: float) -> None:
        """They are accepted."""
        district.agents[self.where].blocked = False


class AgentDrops(AgentDies):
    """The agent's disk is full: it drops part of what it measures and counts it."""

    kind = "buffer_dropping"
    shows = ("agent_buffer_dropped_samples_total", "agent_info")
    weight = Weight.FAST
    hours = (3.0, 10.0)

    def begin(self, district: District, t: float) -> None:
        """The disk is full."""
        district.agents[self.where].drops = self.chance.uniform(0.1, 0.35)

    def finish(self, district: District, t: float) -> None:
        """There is room."""
        district.agents[self.where].drops = 0.0


class ClockDrifts(Fault):
    """The clock of a measuring machine runs away, and its samples with it."""

    kind = "clock_drift"
    shows = ("host_clock_offset_seconds",)
    weight = Weight.SLOW
    hours = (70.0, 200.0)

    @classmethod
    def places(cls, inventory: Inventory) -> Sequence[str]:
        """The machines on which agents run, away from the centre."""
        return [agent_host(site) for site in agents(inventory) if site != CENTRE]

    def also(self, inventory: Inventory) -> tuple[str, ...]:
        """The agent on it."""
        device = inventory.device(self.where)
        return (f"agent:{device.site}",) if device is not None else ()

    def begin(self, district: District, t: float) -> None:
        """Its time server is gone."""
        self._clock(district).grow(
            self.chance.choice((-1.0, 1.0)) * self.chance.uniform(0.8, 3.0), t
        )

    def finish(self, district: District, t: float) -> None:
        """Set right."""
        self._clock(district).reset()

    def _clock(self, district: District) -> Drift:
        return next(a.clock for a in district.agents.values() if a.host.id == self.where)


AGENT_FAULTS: tuple[type[Fault], ...] = (AgentDies, AgentCutOff, AgentDrops, ClockDrifts)
