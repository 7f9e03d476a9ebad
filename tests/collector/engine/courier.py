"""Delivers a timetable's samples as agents would: each its own, late when it is cut off."""

from __future__ import annotations

from collector.evaluate import Engine, Event
from collector.journal import Entry, EntryKind
from telemetry.remotewrite import encode
from telemetry.sample import Sample, batch_of
from tests.collector.engine.timetable import START, Timetable, district

OWN = tuple(d.id for d in district().devices if d.site == "bac-binh")
OTHERS = tuple(d.id for d in district().devices if d.site != "bac-binh")
DOORS = ("bac-binh-onu", "bac-binh-router")
HOUR = 3600.0


def two_agents(**more: object) -> Timetable:
    """The commune's own agent looks at the commune, the centre's at all the rest."""
    return Timetable(agents={"centre": OTHERS, "bac-binh": OWN}, **more)  # type: ignore[arg-type]


def watched_doors(**more: object) -> Timetable:
    """The same, but the centre looks at the commune's doors, too."""
    agents = {"centre": (*OTHERS, *DOORS), "bac-binh": OWN}
    return Timetable(agents=agents, **more)  # type: ignore[arg-type]


class Courier:
    """Puts samples into journal entries; what is not asked for stays with its agent."""

    def __init__(self, table: Timetable, until: float) -> None:
        self.engine = Engine(table.inventory)
        self.events: list[Event] = []
        self.entries: list[Entry] = []
        self._by_agent: dict[str, list[Sample]] = {}
        for sample in table.samples(until):
            self._by_agent.setdefault(sample.series.label("agent"), []).append(sample)

    def take_over(self, agent: str, other: Courier) -> None:
        """This agent's samples are those of another timetable: it sees the world differently."""
        self._by_agent[agent] = other._by_agent[agent]

    def apply(self, at: float, kind: EntryKind, source: str, payload: bytes) -> None:
        """One journal entry at `at` seconds after START."""
        entry = Entry(len(self.entries) + 1, kind, round((START + at) * 1000), source, payload)
        self.entries.append(entry)
        self.events += self.engine.apply(entry)

    def deliver(self, agent: str, at: float, at_most: int = 10_000) -> bool:
        """Pushes what the agent has measured until `at`, oldest first; False when nothing is left."""
        waiting = self._by_agent[agent]
        ready = [s for s in waiting[:at_most] if s.timestamp_ms <= (START + at) * 1000]
        if not ready:
            return False
        del waiting[: len(ready)]
        self.push(agent, at, ready)
        return True

    def push(self, agent: str, at: float, samples: list[Sample]) -> None:
        """One request of an agent."""
        self.apply(at, EntryKind.SAMPLES, agent, encode(batch_of(samples)))

    def again(self, agent: str, samples: list[Sample]) -> None:
        """The agent sends these once more."""
        at = samples[-1].timestamp_ms / 1000.0 - START
        self.push(agent, at, samples)

    def tick(self, at: float) -> None:
        """Time passes."""
        self.apply(at, EntryKind.TICK, "", b"")

    def live(self, start: float, end: float, agents: tuple[str, ...]) -> None:
        """From `start` to `end` these agents push every 5 s."""
        at = start
        while at < end:
            at += 5.0
            self.tick(at)
            for agent in agents:
                self.deliver(agent, at)
