"""After a power cut a battery is empty for hours, and that is no fault of it."""

from __future__ import annotations

from collector.rule import Reading
from collector.state import Fact, TargetState
from telemetry.catalogue import BATTERY_CHARGE, POWER_ON_BATTERY

RECHARGE_HOURS = 24
"""Lead batteries are full again after half a day; what is not after a day does not charge."""

FULL_RATIO = 0.95


def is_spent_or_worn(fact: Fact, target: TargetState, reading: Reading) -> bool:
    """Whether a low battery means something: it is being emptied now, or it is full, or it has not
    been full for a day.
    """
    carrying = target.newest(POWER_ON_BATTERY.name, "")
    if carrying is None or carrying.value == 1.0:
        return True
    charge = target.newest(BATTERY_CHARGE.name, "")
    if charge is None or charge.value >= FULL_RATIO or charge.history is None:
        return True
    hours = charge.history.hours[-RECHARGE_HOURS:]
    return len(hours) == RECHARGE_HOURS and all(mean < FULL_RATIO for _, mean in hours)
