"""The samples of one check's result: who and where added to what was read."""

from __future__ import annotations

from agent.probe import Result, Target
from telemetry.catalogue import CHECK_DURATION, CHECK_UP
from telemetry.sample import Sample


def identity_of(target: Target, agent: str = "") -> dict[str, str]:
    """The labels that every sample about a target bears; `agent` is left out when empty."""
    return {"site": target.site, "device": target.id, "class": target.class_, "agent": agent}


def samples_of(target: Target, kind: str, result: Result, agent: str = "") -> list[Sample]:
    """`check_up`, `check_duration_seconds` and the readings, all of the instant the check began."""
    readings = (
        CHECK_UP.reading(result.ok, check=kind),
        CHECK_DURATION.reading(result.seconds, check=kind),
        *result.readings,
    )
    identity = identity_of(target, agent)
    at_ms = round(result.started_at * 1000)
    return [reading.sample(identity, at_ms) for reading in readings]
