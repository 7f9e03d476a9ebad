"""From the samples of a journal entry to moments: what was measured at the same time, in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from math import isfinite
from operator import itemgetter

from collector import clock_skew
from collector.feed import Feed, Feeds, LookKey
from collector.knowledge import Knowledge
from collector.rule import Rule
from collector.state import AgentState
from inventory.inventory import Inventory
from telemetry.catalogue import (
    AGENT_BOOT_TIMESTAMP,
    AGENT_BUFFER_SAMPLES,
    AGENT_INFO,
    AGENT_LAST_SHUTDOWN_CLEAN,
    AGENT_LAST_STOP_CLEAN,
    AGENT_START_TIMESTAMP,
)
from telemetry.sample import Row, Series

GAP_SECONDS = 90.0
"""An agent gives a sign of life every minute; a longer pause in what it measured is a gap."""


@dataclass(slots=True)
class Moment:
    """What was measured at one instant. touched: facts that rules look at; turned: those of which an
    hour is complete; observed: for each vantage whether its target answered.
    """

    at: float
    touched: list[Feed] = field(default_factory=list)
    turned: list[Feed] = field(default_factory=list)
    observed: dict[LookKey, Feed] = field(default_factory=dict)


class Intake:
    """Gives each sample to its fact; where it goes is found once, then one dictionary look-up each."""

    def __init__(self, inventory: Inventory, knowledge: Knowledge, rules: Iterable[Rule]) -> None:
        self._knowledge = knowledge
        self._feeds = Feeds(inventory, knowledge, rules)

    def agent(self, name: str, site: str) -> AgentState:
        """The state of the agent of that name, which says that it stands at `site`."""
        return self._feeds.agent(name, site)

    def moments(
        self, rows: Iterable[Row], source: str, heard: Callable[[AgentState], None]
    ) -> Iterator[Moment]:
        """The moments of `rows`, which are in order of event time. `heard` is told of every agent that
        speaks in them.

        Values that are not finite, repeats and samples older than what is known are left out.
        """
        fed: list[tuple[int, Feed, float]] = []
        newest: dict[str, int] = {}
        known = self._feeds.known
        for stamp, series, value in rows:
            feed = known.get(series) or self._feeds.find(series, source)
            if isinstance(feed, Feed):
                agent = feed.agent
                fed.append((stamp, feed, value))
            else:
                agent = feed
                _hear_itself(agent, series, stamp / 1000.0, value)
            if agent.id not in newest:
                _note_gap(agent, stamp / 1000.0 + agent.skew)
            newest[agent.id] = stamp
        for name, stamp in newest.items():
            agent = self._knowledge.agents[name]
            clock_skew.measure(agent, stamp / 1000.0, self._knowledge.now)
            agent.watermark = max(agent.watermark, stamp / 1000.0 + agent.skew)
            heard(agent)
        if any(self._knowledge.agents[name].skew for name in newest):
            fed = _put_right(fed)
        return self._grouped(fed)

    def _grouped(self, rows: list[tuple[int, Feed, float]]) -> Iterator[Moment]:
        moment = Moment(0.0)
        current = None
        at = 0.0
        for stamp, feed, value in rows:
            if stamp != current:
                if moment.touched or moment.turned or moment.observed:
                    yield moment
                current = stamp
                at = stamp / 1000.0
                moment = Moment(at)
            fact = feed.fact
            if at <= fact.at or not isfinite(value):
                continue
            if fact.take(at, value):
                moment.turned.append(feed)
            if feed.rules:
                moment.touched.append(feed)
            if feed.check:
                moment.observed[feed.look] = feed
        if moment.touched or moment.turned or moment.observed:
            yield moment


def _hear_itself(agent: AgentState, series: Series, at: float, value: float) -> None:
    """Takes in what an agent says about itself, each time: after a restart the same must be known."""
    agent.site = series.label("site") or agent.site
    match series.name:
        case AGENT_INFO.name:
            agent.version = series.label("version")
            agent.word_at = at + agent.skew
        case AGENT_BOOT_TIMESTAMP.name:
            agent.booted = value
        case AGENT_START_TIMESTAMP.name:
            if value != agent.started:  # how it ended before is told anew, or not known
                agent.stop_clean = agent.shutdown_clean = None
            agent.started = value
        case AGENT_LAST_STOP_CLEAN.name:
            agent.stop_clean = value > 0.0
        case AGENT_LAST_SHUTDOWN_CLEAN.name:
            agent.shutdown_clean = value > 0.0
        case AGENT_BUFFER_SAMPLES.name:
            agent.buffered = value


def _put_right(rows: list[tuple[int, Feed, float]]) -> list[tuple[int, Feed, float]]:
    """The rows with their agents' clocks put right, in order of that time."""
    right = [(stamp + round(feed.agent.skew * 1000.0), feed, value) for stamp, feed, value in rows]
    right.sort(key=itemgetter(0))
    return right


def _note_gap(agent: AgentState, at: float) -> None:
    """Remembers the latest time of which an agent has sent nothing measured."""
    if agent.watermark and at - agent.watermark > GAP_SECONDS:
        agent.gap_from, agent.gap_until = agent.watermark, at
