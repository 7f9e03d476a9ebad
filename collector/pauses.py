"""How long an agent may stay away before it is silent: longer for one that speaks seldom anyway, as in a
recording that was thinned out.
"""

from __future__ import annotations

from collector.history import HOUR
from collector.state import AgentState

LONG_SECONDS = 75.0
"""An agent speaks once a minute at least; a longer pause is none of its own making."""

WANTED = 3

MISSED = 2.5
"""So many of its usual pauses an agent may stay away."""

LONGEST_SECONDS = 600.0
"""No pause is longer and still usual; and so long one may be silent of whom nothing is known yet."""


def note(agent: AgentState, now: float, listening_since: float) -> None:
    """A sign of life came at `now`: remembers the pause before it, if it was a long one in which somebody
    listened.
    """
    agent.known_since = agent.known_since or now
    pause = now - agent.heard_at
    if agent.heard_at > listening_since and pause > LONG_SECONDS:
        agent.pauses.append((now, pause))
        del agent.pauses[:-WANTED]


def patience(agent: AgentState, expected: float, now: float) -> float:
    """How long its silence may last of whom `expected` seconds are expected."""
    limit = max(expected, MISSED * min(_usual(agent, now), LONGEST_SECONDS))
    known = agent.heard_at - agent.known_since
    return limit if known >= limit else max(limit, LONGEST_SECONDS)


def _usual(agent: AgentState, now: float) -> float:
    """The pause that is usual with the agent, 0 for one that speaks as often as it should: the shortest of
    the last three long ones within an hour, or of fewer while it is not known for an hour.
    """
    lately = [pause for at, pause in agent.pauses if now - at <= HOUR]
    new = now - agent.known_since < HOUR
    return min(lately, default=0.0) if new or len(lately) == WANTED else 0.0
