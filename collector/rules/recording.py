"""A camera does not record."""

from __future__ import annotations

from collector.limit_rule import LimitRule
from collector.words import N_
from telemetry.catalogue import CAMERA_RECORDING_OK

RULE = LimitRule(
    name="recording",
    metric=CAMERA_RECORDING_OK.name,
    headline=N_("{name} does not record"),
    template=N_("It does not record; it should all the time."),
    advice=N_("Check its memory card or the recorder; restart the camera."),
)
