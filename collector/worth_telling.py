"""Which open incidents a program is reminded of that forgets what nobody repeats."""

from __future__ import annotations

from collector.incident import Incident
from collector.rule import Severity
from collector.view import View


def worth_telling(view: View) -> list[Incident]:
    """What people are told of, too: neither silenced nor for information only. What a backlog has
    just opened may be closed by its next page, so it waits until the backlog is in.
    """
    silences = view.silences()
    backlogs = {agent.site for agent in view.agents() if agent.lagging}
    return [
        incident
        for incident in view.open_incidents()
        if incident.severity is not Severity.INFO
        and not (incident.late and incident.site in backlogs)
        and not any(silence.covers(incident, view.now) for silence in silences)
    ]
