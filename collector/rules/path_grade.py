"""The path to a meeting is not good enough for it."""

from __future__ import annotations

from collector.figures import grade
from collector.limit_rule import LimitRule
from collector.words import N_
from telemetry.catalogue import PATH_GRADE

RULE = LimitRule(
    name="path_grade",
    metric=PATH_GRADE.name,
    headline=N_("{name} has a path too poor for calls"),
    template=N_(
        "The path to {instance} has grade {value} of 5 for calls; at least {limit} is needed."
    ),
    advice=N_("Use a cable instead of Wi-Fi; ask others to pause large downloads."),
    figure=grade,
    path=True,
)
