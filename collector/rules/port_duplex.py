"""A port sends and receives only in turn: the two ends do not agree, and frames collide."""

from __future__ import annotations

from collector.usual_rule import UsualRule
from collector.words import N_
from telemetry.catalogue import INTERFACE_FULL_DUPLEX

RULE = UsualRule(
    name="port_duplex",
    metric=INTERFACE_FULL_DUPLEX.name,
    limit="interface_duplex_share",
    headline=N_("{name} has a port that can only send and receive in turn"),
    template=N_(
        "Port {instance} only sends and receives in turn (half duplex); it used to do both."
    ),
    advice=N_("Set both ends of that cable to automatic; replace the cable if it stays so."),
)
