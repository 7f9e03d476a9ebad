"""The generated district at work: what its agents push, batch by batch, while things break."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator

from inventory.inventory import Inventory
from simulator.scenarios.agent import Agent
from simulator.scenarios.box import Box
from simulator.scenarios.build import Builder
from simulator.scenarios.checks import Fitting
from simulator.scenarios.instrument import Instrument
from simulator.scenarios.line import Line, Port
from simulator.scenarios.rhythm import DAY, Weather
from simulator.scenarios.seeds import START
from simulator.scenarios.web import Offer
from telemetry.sample import Batch, SeriesPoints

SLICE_SECONDS = 10.0
"""What arrives within this time is one batch."""

Step = Callable[[float], None]


class District:
    """A district in event time. `later` puts a step on its calendar; `batches` lets time pass."""

    def __init__(self, inventory: Inventory, seed: int, days: float, weather: Weather) -> None:
        built = Builder(inventory, seed)
        fitting = Fitting(inventory, seed, built, weather)
        self.inventory = inventory
        self.days = days
        self.power = built.power
        self.boxes: dict[str, Box] = built.boxes
        self.ports: dict[str, dict[str, Port]] = built.ports
        self.lines: dict[str, Line] = built.lines
        self.agents: dict[str, Agent] = fitting.agents
        self.offers: dict[str, Offer] = fitting.offers
        self._instruments = list(fitting.instruments())
        self._steps: list[tuple[float, int, Step | Instrument]] = []
        self._count = 0
        for instrument in self._instruments:
            self._put(instrument.first(START), instrument)

    def later(self, t: float, step: Step) -> None:
        """At `t`, `step(t)` is called."""
        self._put(t, step)

    def instruments_of(self, target: str, kind: type[Instrument]) -> list[Instrument]:
        """The instruments of a kind that look at a target."""
        return [i for i in self._instruments if isinstance(i, kind) and i.target == target]

    def batches(self) -> Iterator[tuple[float, Batch]]:
        """(when it arrived, what came) from the first slice to the last, empty ones too."""
        end, last = START, START + self.days * DAY
        while end < last:
            end = min(end + SLICE_SECONDS, last)
            self._pass_time(end)
            points: list[SeriesPoints] = []
            for agent in self.agents.values():
                agent.push(points)
            yield end, Batch(tuple(points))

    def _put(self, t: float, what: Step | Instrument) -> None:
        self._count += 1
        heapq.heappush(self._steps, (t, self._count, what))

    def _pass_time(self, until: float) -> None:
        steps = self._steps
        while steps[0][0] <= until:
            t, _, what = heapq.heappop(steps)
            if isinstance(what, Instrument):
                self._put(what.turn(t, START), what)
            else:
                what(t)

    # What may befall it.

    def kill(self, device: str, t: float, lit: bool) -> None:
        """The device answers no more; lit: its ports keep their lights, as when firmware hangs."""
        box = self.boxes[device]
        box.broken, box.up, box.lit, box.shut_down = True, False, lit, False
        self._links_changed(box, t)

    def revive(self, device: str, t: float) -> None:
        """It is mended and starts."""
        self.boxes[device].broken = False
        self._start(self.boxes[device], t)

    def reboot(self, device: str, t: float, seconds: float, in_order: bool = False) -> None:
        """It starts anew and is away for so long; in order: it is not just cut off."""
        box = self.boxes[device]
        if box.broken or not box.up:
            return
        box.up = box.lit = False
        box.shut_down = in_order
        self._links_changed(box, t)
        self._start(box, t, seconds)

    def lose_mains(self, site: str, t: float) -> None:
        """The battery takes over; when it is empty the site goes dark."""
        power = self.power[site]
        power.settle(t)
        power.mains = False
        self.later(
            t + power.charge * power.runtime * power.health(t), lambda now: self._empty(site, now)
        )

    def restore_mains(self, site: str, t: float) -> None:
        """The mains are back: what was dark starts."""
        power = self.power[site]
        power.settle(t)
        power.mains = True
        for box in self.boxes.values():
            if box.site == site and not box.up and not box.broken:
                self._start(box, t)

    def cut(self, line: str, t: float) -> None:
        """The line carries nothing."""
        self.lines[line].cut = True
        self._mark(self.lines[line], t)

    def splice(self, line: str, t: float) -> None:
        """The line is whole."""
        self.lines[line].cut = False
        self._mark(self.lines[line], t)

    def restart_agent(
        self, site: str, t: float, version: str | None = None, in_order: bool = True
    ) -> None:
        """The agent's process starts anew; its counters begin at 0, its buffer is kept. in_order: the run
        before was stopped, not cut off.
        """
        agent = self.agents[site]
        agent.running, agent.started_at, agent.stop_clean = True, t, in_order
        agent.version = version or agent.version
        agent.failures = agent.dropped = 0
        for instrument in self._instruments:
            if instrument.agent is agent:
                instrument.restart()

    def _empty(self, site: str, t: float) -> None:
        power = self.power[site]
        power.settle(t)
        if power.mains or power.charge > 0.001:
            return
        for box in self.boxes.values():
            if box.site == site:
                box.up = box.lit = box.shut_down = False
                self._links_changed(box, t)

    def _start(self, box: Box, t: float, seconds: float | None = None) -> None:
        takes = seconds if seconds is not None else box.chance.uniform(35.0, 110.0)
        box.lit = True
        self._links_changed(box, t)
        self.later(t + takes, lambda now: self._booted(box, now, t))

    def _booted(self, box: Box, t: float, since: float) -> None:
        if box.broken or not box.lit:
            return
        box.up, box.booted_at = True, since
        box.leak.restart(t)
        for agent in self.agents.values():
            if agent.host is box and agent.running:
                agent.shutdown_clean = box.shut_down
                self.restart_agent(agent.id, t, in_order=box.shut_down)
        for port in self.ports[box.id].values():
            port.clear(t)

    def _links_changed(self, box: Box, t: float) -> None:
        for port in self.ports[box.id].values():
            if port.line is not None:
                self._mark(port.line, t)

    @staticmethod
    def _mark(line: Line, t: float) -> None:
        line.upper.changed_at = line.lower.changed_at = t
