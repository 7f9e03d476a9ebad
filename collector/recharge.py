"""After a power cut a battery is empty for hours, and that is no fault of it."""

from __future__ import annotations

from collector.fact import Fact
from collector.rule import Reading
from collector.state import TargetState
from telemetry.catalogue import BATTERY_CHARGE, POWER_ON_BATTERY

RECHARGE_HOURS = 24
"""Lead batteries are full again after half a day; what is not after a day does not charge."""

SETTLED_HOURS = 3
"""It is full for so long before its hourly figures tell of a full battery."""

FULL_RATIO = 0.95


def is_spent_or_worn(fact: Fact, target: TargetState, reading: Reading) -> bool:
    """Whether a low battery means something: it is being emptied now, or it is full, or it has not
    been full for a day.
    """
    carrying = target.newest(POWER_ON_BATTERY.name, "")
    if carrying is None or carrying.value == 1.0:
        return True
    charge = target.newest(BATTERY_CHARGE.name, "")
    if charge is None or charge.history is None:
        return True
    means = [mean for _, mean in charge.history.hours[-RECHARGE_HOURS:]]
    if charge.value >= FULL_RATIO:
        return all(mean >= FULL_RATIO for mean in means[-SETTLED_HOURS:])
    return len(means) == RECHARGE_HOURS and all(mean < FULL_RATIO for mean in means)
