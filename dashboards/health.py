"""States and severities as one number for each device or site: the worse, the larger (`words.STATES`)."""

from __future__ import annotations

from collections.abc import Mapping

from dashboards.expression import Expression, Filter, equal, now
from dashboards.words import SEVERITIES, STATES, Named
from telemetry.catalogue import Metric


def state_code(metric: Metric, *filters: Filter, by: tuple[str, ...]) -> Expression:
    """The code of the state that each thing is in. metric: one-hot over the label `state`; by: the
    labels that name the thing, or fewer of them: then the worst of all counts.
    """
    return _coded(metric, "state", STATES, filters, by)


def severity_code(metric: Metric, *filters: Filter, by: tuple[str, ...]) -> Expression:
    """The code of the worst severity, of a metric with the label `severity`."""
    return _coded(metric, "severity", SEVERITIES, filters, by)


def in_state(metric: Metric, state: str, *filters: Filter) -> Expression:
    """How many things are in a state."""
    return now(metric, *filters, equal("state", state)).sum()


def _coded(
    metric: Metric,
    label: str,
    words: Mapping[str, Named],
    filters: tuple[Filter, ...],
    by: tuple[str, ...],
) -> Expression:
    parts = [
        now(metric, *filters, equal(label, value)).times(named.code, "")
        for value, named in words.items()
    ]
    code = parts[0]
    for part in parts[1:]:
        code = code.also(part)
    return code.max(*by)
