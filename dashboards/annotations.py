"""Marks on every course: when incidents were opened, and how long findings stood."""

from __future__ import annotations

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.models import dashboard as grafana

from dashboards import colours
from dashboards.expression import Expression, Filter, equal, now
from dashboards.language import Language, Text
from dashboards.panel import SOURCE
from telemetry import catalogue as c

_SERIOUS = equal("severity", "critical")


def opened() -> Expression:
    """Where more serious incidents are open than a minute before."""
    return (
        now(c.INCIDENT_OPEN, _SERIOUS).minus(now(c.INCIDENT_OPEN, _SERIOUS, ago="1m")).when("> 0")
    )


def standing(*filters: Filter) -> Expression:
    """Serious findings, for as long as they stand."""
    return now(c.FINDING_ACTIVE, *filters, _SERIOUS)


def marks(filters: tuple[Filter, ...] | None, language: Language) -> list[grafana.AnnotationQuery]:
    """The marks of a board. Both can be switched at its top; at first a board of one thing shows the
    findings about it, a board of the whole district each new incident, and one of a month (None) neither.
    """
    return [
        _mark(
            Text("Sự cố nghiêm trọng mới mở", "Serious incidents opened"),
            opened(),
            colours.BAD,
            language,
            filters == (),
        ),
        _mark(
            Text("Phát hiện nghiêm trọng", "Serious findings"),
            standing(*(filters or ())),
            colours.POOR,
            language,
            bool(filters),
        ),
    ]


def _mark(
    name: Text, expression: Expression, colour: str, language: Language, shown: bool
) -> grafana.AnnotationQuery:
    builder = builders.AnnotationQuery().name(name.to(language)).datasource(SOURCE)
    return builder.enable(shown).icon_color(colour).expr(expression.promql).build()
