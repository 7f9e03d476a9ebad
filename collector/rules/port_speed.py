"""A port has become slower than it was: a worn cable of which a pair has failed, as a rule."""

from __future__ import annotations

from collector.figures import bits_per_second
from collector.usual_rule import UsualRule
from collector.words import N_
from telemetry.catalogue import INTERFACE_SPEED

RULE = UsualRule(
    name="port_speed",
    metric=INTERFACE_SPEED.name,
    limit="interface_speed_share",
    headline=N_("{name} has a port that became slower"),
    template=N_("Port {instance} runs at {value}; it used to run at {usual}."),
    advice=N_("Replace the cable on that port: a broken pair of wires makes it fall back."),
    least=1.0,
    figure=bits_per_second,
)
