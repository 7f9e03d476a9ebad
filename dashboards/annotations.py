"""Marks on every course: when incidents were opened, and how long findings stood."""

from __future__ import annotations

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.models import dashboard as grafana

from dashboards import colours
from dashboards.expression import Expression, Filter, equal, now
from dashboards.language import Language, Text
from dashboards.panel import SOURCE
from telemetry import catalogue as c


def opened() -> Expression:
    """Where more incidents are open than a minute before."""
    current = now(c.INCIDENT_OPEN)
    before = Expression(f"{c.INCIDENT_OPEN.name} offset 1m", current.labels).max("severity")
    return current.minus(before).when("> 0")


def standing(*filters: Filter) -> Expression:
    """Serious findings, for as long as they stand."""
    return now(c.FINDING_ACTIVE, *filters, equal("severity", "critical"))


def marks(filters: tuple[Filter, ...], language: Language) -> list[grafana.AnnotationQuery]:
    """The marks of a board; the findings are those that the filters let through."""
    return [
        _mark(Text("Sự cố mới mở", "Incidents opened"), opened(), colours.BAD, language),
        _mark(
            Text("Phát hiện nghiêm trọng", "Serious findings"),
            standing(*filters),
            colours.POOR,
            language,
        ),
    ]


def _mark(
    name: Text, expression: Expression, colour: str, language: Language
) -> grafana.AnnotationQuery:
    builder = builders.AnnotationQuery().name(name.to(language)).datasource(SOURCE)
    return builder.enable(True).icon_color(colour).expr(expression.promql).build()
