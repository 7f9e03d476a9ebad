"""A modem has fallen back to an older mobile network than it had."""

from __future__ import annotations

from collector.figures import generation
from collector.usual_rule import UsualRule
from collector.words import N_
from telemetry.catalogue import CELLULAR_GENERATION

RULE = UsualRule(
    name="cellular_generation",
    metric=CELLULAR_GENERATION.name,
    limit="cellular_generation_share",
    headline=N_("{name} has fallen back to an older mobile network"),
    template=N_("It is connected by {value}; it used to be {usual}."),
    advice=N_("Check the antenna and its cable; ask the carrier whether the station nearby works."),
    least=1.0,
    figure=generation,
)
