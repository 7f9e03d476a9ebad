"""How far an agent's clock is off: told by when its newest samples arrive, and taken out of their times.

An agent that is on time pushes every few seconds, so what arrives is a few seconds old. Older by the same
amount for minutes: its clock is slow. From the future: its clock is fast. Older by less and less: it
delivers a backlog, which says nothing about its clock. So far off that nothing of it can be taken: it is
astray, and what it measures is lost until somebody sets it right.
"""

from __future__ import annotations

from collector.state import AgentState

LEAST_SECONDS = 30.0
"""Less is what pushes and networks make of it, and no judgement turns on it."""

STEADY_SECONDS = 300.0
WOBBLE_SECONDS = 20.0

FUTURE_SECONDS = 5.0
"""Nothing comes from the future: a sample that does needs no second one to prove the clock fast."""

STRAY_SECONDS = 30.0
"""So long every push must be from the far future."""

BACKLOG_SAMPLES = 2000.0
"""An agent that still holds so many delivers a backlog, however evenly."""


def measure(agent: AgentState, newest: float, now: float) -> None:
    """Learns from a delivery at `now` (the collector's clock) whose newest sample says `newest`."""
    behind = now - newest
    if abs(behind - agent.steady_behind) > WOBBLE_SECONDS:
        agent.steady_behind, agent.steady_since = behind, now
    steady = now - agent.steady_since >= STEADY_SECONDS and agent.buffered < BACKLOG_SAMPLES
    if newest + agent.skew > now + FUTURE_SECONDS:
        _settle(agent, behind)
    elif steady and abs(behind - agent.skew) > LEAST_SECONDS:
        _settle(agent, agent.steady_behind)


def stray(agent: AgentState, newest: float, now: float) -> None:
    """Learns from a push at `now` of which nothing was taken, and whose newest sample says `newest`. A
    single push may be a slip; and what is older than all that is kept might be an endless backlog.
    """
    behind = now - newest
    if abs(behind - agent.steady_behind) > WOBBLE_SECONDS:
        agent.steady_behind, agent.steady_since = behind, now
    needed = STRAY_SECONDS if behind < 0.0 else STEADY_SECONDS
    if now - agent.steady_since >= needed:
        agent.astray = round(agent.steady_behind, 3)


def _settle(agent: AgentState, behind: float) -> None:
    agent.skew = round(behind, 3) if abs(behind) > LEAST_SECONDS else 0.0
