"""Which open incidents a program is reminded of that forgets what nobody repeats."""

from __future__ import annotations

from collector.evaluate import Engine
from collector.incidents import Incident
from collector.rule import Severity


def worth_telling(engine: Engine) -> list[Incident]:
    """What people are told of, too: neither silenced nor for information only. What a backlog has
    just opened may be closed by its next page, so it waits until the backlog is in.
    """
    silences = engine.silences()
    backlogs = {view.site for view in engine.agents() if view.lagging}
    return [
        incident
        for incident in engine.open_incidents()
        if incident.severity is not Severity.INFO
        and not (incident.late and incident.site in backlogs)
        and not any(silence.covers(incident, engine.now) for silence in silences)
    ]
