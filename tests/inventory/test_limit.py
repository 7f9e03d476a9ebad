"""Limits: levels, hysteresis, and that the shipped ones make sense."""

from __future__ import annotations

import pytest

from inventory.expectation import (
    CLASS_LIMITS,
    DEFAULT_LIMITS,
    DERIVED_LIMITS,
    LIMIT_NAMES,
    RADIO_LIMITS,
)
from inventory.limit import Limit
from telemetry.catalogue import CATALOGUE

ABOVE = Limit(degraded=0.05, critical=0.3, clear=0.02)
BELOW = Limit(degraded=-25, critical=-27.5, clear=-24.5, direction="below")


@pytest.mark.parametrize(
    ("limit", "value", "level", "cleared"),
    [
        (ABOVE, 0.02, None, True),
        (ABOVE, 0.03, None, False),
        (ABOVE, 0.05, "degraded", False),
        (ABOVE, 0.3, "critical", False),
        (BELOW, -24.5, None, True),
        (BELOW, -24.9, None, False),
        (BELOW, -25.0, "degraded", False),
        (BELOW, -28.0, "critical", False),
        (Limit(degraded=1), 0.99, None, True),
        (Limit(degraded=1), 1.0, "degraded", False),
        (Limit(critical=2), 2.0, "critical", False),
        (Limit(), 1e9, None, True),
    ],
)
def test_a_level_is_reached_at_its_value(
    limit: Limit, value: float, level: str | None, cleared: bool
) -> None:
    """At or beyond; a finding ends only at `clear`."""
    assert limit.level(value) == level
    assert limit.cleared(value) is cleared


def test_own_keys_go_over_the_inherited_ones() -> None:
    """Also when they say what the default of the key is."""
    own = Limit.model_validate({"critical": None, "for": "1m"})
    merged = own.over(ABOVE)
    assert (merged.degraded, merged.critical, merged.clear, merged.for_seconds) == (
        0.05,
        None,
        0.02,
        60.0,
    )
    assert own.over(None) is own


FORECASTS = {
    "snmp_ageing",
    "optical_drift",
    "laser_wear",
    "memory_leak",
    "storage_filling",
    "battery_worn",
}


def test_shipped_limits_are_in_order_and_bear_known_names() -> None:
    """No shipped limit contradicts itself; every name is a metric or derived."""
    shipped = [DEFAULT_LIMITS, RADIO_LIMITS, *CLASS_LIMITS.values()]
    for limits in shipped:
        for name, limit in limits.items():
            assert name in LIMIT_NAMES
            assert limit.disorder() == ""
            slow = name.endswith(("_change", "_beside_twins")) or name in FORECASTS
            assert limit.for_seconds <= (30 * 86_400 if slow else 5400)
            if limit.clear is not None:
                assert limit.cleared(limit.clear)
                assert limit.level(limit.clear) is None
    assert set(DERIVED_LIMITS) <= set(DEFAULT_LIMITS)
    assert not set(DERIVED_LIMITS) & set(CATALOGUE)
