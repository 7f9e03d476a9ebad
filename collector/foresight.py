"""What has not failed yet, and so explains no outage of today."""

from __future__ import annotations

from collections.abc import Collection

from collector.forecast_rule import ForecastRule
from collector.rule import Finding, Severity
from collector.rules import RULES

FORESEEING_RULES = frozenset(rule.name for rule in RULES if isinstance(rule, ForecastRule))
"""The rules that tell of what has not failed yet."""


def only_foresees(findings: Collection[Finding]) -> bool:
    """Whether they tell of a failure to come, and of nothing else but what is merely worth knowing."""
    foreseen = [finding for finding in findings if finding.rule in FORESEEING_RULES]
    return bool(foreseen) and all(
        finding in foreseen or finding.severity is Severity.INFO for finding in findings
    )
