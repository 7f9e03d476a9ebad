"""A service takes long to accept a connection."""

from __future__ import annotations

from collector.figures import milliseconds
from collector.limit_rule import LimitRule
from collector.words import N_
from telemetry.catalogue import TCP_CONNECT

RULE = LimitRule(
    name="slow_connect",
    metric=TCP_CONNECT.name,
    headline=N_("{name} accepts connections slowly"),
    template=N_("It takes {value} to accept a connection; at most {limit} is normal."),
    advice=N_("Tell whoever runs the service; see whether others are slow too."),
    figure=milliseconds,
    path=True,
)
