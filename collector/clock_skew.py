"""How far an agent's clock is off: told by when its newest samples arrive, and taken out of their times.

An agent that is on time pushes every few seconds, so what arrives is a few seconds old. Older by the same
amount for minutes: its clock is slow. From the future: its clock is fast. Older by less and less: it
delivers a backlog, which says nothing about its clock.
"""

from __future__ import annotations

from collector.state import AgentState

LEAST_SECONDS = 30.0
"""Less is what pushes and networks make of it, and no judgement turns on it."""

STEADY_SECONDS = 300.0
WOBBLE_SECONDS = 20.0

FUTURE_SECONDS = 5.0
"""Nothing comes from the future: a sample that does needs no second one to prove the clock fast."""

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


def _settle(agent: AgentState, behind: float) -> None:
    agent.skew = round(behind, 3) if abs(behind) > LEAST_SECONDS else 0.0
