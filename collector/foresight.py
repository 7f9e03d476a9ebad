"""What has not failed yet, and goes on when an outage of today is over: neither explains the other."""

from __future__ import annotations

from collections.abc import Collection

from collector.forecast_rule import ForecastRule
from collector.rule import Finding, Severity
from collector.rules import RULES

_FORECASTS = tuple(rule for rule in RULES if isinstance(rule, ForecastRule))

FORESEEING_RULES = frozenset(rule.name for rule in _FORECASTS)
"""The rules that tell of what has not failed yet."""

_OF_THE_SAME = frozenset(
    rule.name for rule in RULES if rule.metric in {forecast.metric for forecast in _FORECASTS}
)
"""The rules that look at what the forecasts follow."""

_PASSING = frozenset({"reachability", *(rule.name for rule in RULES if rule.path)})
"""What does not answer, or answers badly: it is over when that is."""


def passes(finding: Finding) -> bool:
    """Whether it tells of an outage or of a bad way."""
    return finding.rule in _PASSING


def goes_on(finding: Finding) -> bool:
    """Whether it tells of what wears on for weeks: a failure to come, or a sign of it that is merely
    worth knowing.
    """
    known = finding.rule in _OF_THE_SAME and finding.severity is Severity.INFO
    return known or finding.rule in FORESEEING_RULES


def only_wear(findings: Collection[Finding]) -> bool:
    """Whether they tell of something, and of nothing but what wears on."""
    return bool(findings) and all(goes_on(finding) for finding in findings)
