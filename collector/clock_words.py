"""What is said of an agent's clock that is wrong."""

from __future__ import annotations

from collector.clock_skew import LEAST_SECONDS
from collector.state import AgentState
from collector.words import N_, Sentence

DAYS_FROM_SECONDS = 2 * 86400.0
"""From here on a clock's error is told in days."""

_LIMIT = f"{LEAST_SECONDS:.0f}"


def reason(agent: AgentState) -> Sentence:
    """By how much it is off, and what comes of that."""
    return _far_off(agent) if agent.astray else _by_seconds(agent)


def _by_seconds(agent: AgentState) -> Sentence:
    words = (
        N_(
            "The clock of the measuring computer {agent} is {seconds} seconds slow; it should be "
            "right to within {limit} seconds."
        )
        if agent.skew > 0.0
        else N_(
            "The clock of the measuring computer {agent} is {seconds} seconds fast; it should be "
            "right to within {limit} seconds."
        )
    )
    return Sentence(
        words, {"agent": agent.id, "seconds": f"{abs(agent.skew):.0f}", "limit": _LIMIT}
    )


def _far_off(agent: AgentState) -> Sentence:
    """Of a clock that lost its battery it is told in days, of a wrong time zone in minutes."""
    slow, off = agent.astray > 0.0, abs(agent.astray)
    if off < DAYS_FROM_SECONDS:
        words = (
            N_(
                "The clock of the measuring computer {agent} is {minutes} minutes slow and should be "
                "right to within {limit} seconds: what it measures cannot be used."
            )
            if slow
            else N_(
                "The clock of the measuring computer {agent} is {minutes} minutes fast and should be "
                "right to within {limit} seconds: what it measures cannot be used."
            )
        )
        return Sentence(words, {"agent": agent.id, "minutes": f"{off / 60.0:.0f}", "limit": _LIMIT})
    words = (
        N_(
            "The clock of the measuring computer {agent} is {days} days slow and should be right "
            "to within {limit} seconds: what it measures cannot be used."
        )
        if slow
        else N_(
            "The clock of the measuring computer {agent} is {days} days fast and should be right "
            "to within {limit} seconds: what it measures cannot be used."
        )
    )
    return Sentence(words, {"agent": agent.id, "days": f"{off / 86400.0:.0f}", "limit": _LIMIT})
