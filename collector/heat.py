"""Heat of its own: what a device's twins do not share."""

from __future__ import annotations

from collector.fact import LEARNT_HOURS, Fact
from collector.rule import Reading
from collector.state import TargetState

WARMER_CELSIUS = 6.0
"""So much warmer beside its twins than it always is, and it is not the weather."""

FAR_CELSIUS = 12.0
"""So much warmer than its twins, and it is ill whether it always was so or not."""


def is_its_own(fact: Fact, target: TargetState, reading: Reading) -> bool:
    """Whether it is hotter than its twins explain. Heat that all of them share is nobody's fault,
    until it is critical.
    """
    twins = fact.twins
    if twins is None or reading is Reading.CRITICAL:
        return True
    if not twins.alike:
        return twins.learnt < LEARNT_HOURS or twins.excess > WARMER_CELSIUS
    return twins.excess > WARMER_CELSIUS or twins.own - twins.median > FAR_CELSIUS
