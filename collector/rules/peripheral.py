"""A camera, microphone or screen of a room has failed."""

from __future__ import annotations

from collector.limit_rule import LimitRule
from collector.words import N_
from telemetry.catalogue import CONFERENCE_PERIPHERAL_OK

RULE = LimitRule(
    name="peripheral",
    metric=CONFERENCE_PERIPHERAL_OK.name,
    headline=N_("{name} has a part that does not work"),
    template=N_("Its {instance} does not work; it should."),
    advice=N_("Check the cable of that part; unplug it and plug it in again."),
)
