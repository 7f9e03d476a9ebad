"""The demo's own programs: the collector, an agent in every office, one for this machine, an snmpd."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ltmon.demo.children import Children
from ltmon.demo.machine import Snmpd
from ltmon.demo.plan import MACHINE, AgentPlan
from ltmon.demo.report import Report
from ltmon.demo.settings import CODEC_VARIABLE, COMMUNITY_VARIABLE, Files
from simulator.codec import PASSWORD
from simulator.roster import COMMUNITY


class Places(Protocol):
    """Where agents work: simulated offices, or the loopback range. `authority`: whom to trust."""

    authority: Path

    def start(self, site: str, command: Sequence[str], **settings: Any) -> subprocess.Popen[bytes]:
        """Starts a program at a site."""
        ...


@dataclass(frozen=True, slots=True)
class Collector:
    """How the collector is reached. listener: its listening socket, opened by us; page: from this
    machine; from_offices: the address that the simulated offices know.
    """

    listener: socket.socket
    page: str
    from_offices: str


class Company:
    """Starts the programs and ends them. `plans` are the offices' agents."""

    def __init__(
        self,
        files: Files,
        report: Report,
        collector: Collector,
        places: Places,
        plans: Sequence[AgentPlan],
    ) -> None:
        self.children = Children(files.folder)
        self._files = files
        self._report = report
        self._collector = collector
        self._places = places
        self._plans = {plan.site: plan for plan in plans}
        self._variables = {
            **os.environ,
            COMMUNITY_VARIABLE: COMMUNITY.decode(),
            CODEC_VARIABLE: PASSWORD,
            "PYTHONUNBUFFERED": "1",
        }

    def start(self, smtp_port: int, snmpd: Snmpd | None, *, with_machine: bool) -> None:
        """Starts everything at once; the agents' first requests wait in the listening socket."""
        machine = [AgentPlan(MACHINE, (MACHINE,))] if with_machine else []
        known = [*self._plans.values(), *machine]
        fd = self._collector.listener.fileno()
        self._files.write_collector(known, fd, self._collector.page, smtp_port)
        command = [sys.executable, "-m", "collector", str(self._files.collector)]
        self.children.start("collector", command, env=self._variables, pass_fds=(fd,))
        for plan in self._plans.values():
            self._files.write_agent(plan, self._collector.from_offices)
            self._start_agent(plan)
        for plan in machine:
            self._files.write_agent(plan, self._collector.page)
            self.children.start(f"agent-{plan.agent}", self._agent(plan), env=self._variables)
        if snmpd is not None:
            snmpd.start(self.children, self._files.folder)

    def power(self, site: str, on: bool) -> None:
        """An office without power has no agent; when the power returns it starts again."""
        plan = self._plans.get(site)
        if plan is None:
            return
        if on:
            self._start_agent(plan)
        else:
            self.children.kill(f"agent-{plan.agent}")
        self._report.tell("agent_restarted" if on else "agent_killed", site=site)

    def _start_agent(self, plan: AgentPlan) -> None:
        """An agent inside its office, which trusts the simulated pages' authority."""

        def by(command: Sequence[str], **settings: Any) -> subprocess.Popen[bytes]:
            return self._places.start(plan.site, command, **settings)

        variables = {**self._variables, "SSL_CERT_FILE": str(self._places.authority)}
        self.children.start(f"agent-{plan.agent}", self._agent(plan), env=variables, by=by)

    def _agent(self, plan: AgentPlan) -> list[str]:
        return [sys.executable, "-m", "agent", "--config", str(self._files.agent(plan.agent))]
