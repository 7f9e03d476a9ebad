"""Keeps Prometheus, too, from alarming where no real device has proven what a profile reads.

The collector silences the doubted series alone; Prometheus knows only the device's profile, so here
the whole metric of such a device is silent.
"""

from __future__ import annotations

import re

from dashboards.rules_limits import SLOW_WINDOW
from inventory.profile import ever_unproven, shipped_profiles, unproven
from telemetry import catalogue as c


def believed(expression: str) -> str:
    """The expression without the devices whose profile is unsure of a metric in it."""
    metrics = ever_unproven().intersection(re.findall(r"\w+", expression))
    unsure = "|".join(
        profile.id for profile in shipped_profiles() if metrics & set(unproven(profile.id))
    )
    if not unsure:
        return expression
    info = f'last_over_time({c.DEVICE_INFO.name}{{profile=~"{unsure}"}}[{SLOW_WINDOW}])'
    return f"({expression}) unless on (site, device) {info}"
