"""Ways on from a value: to the page about the device or site, and to its board."""

from __future__ import annotations

from collections.abc import Collection

from grafana_foundation_sdk.models import dashboard as grafana

from dashboards.language import Language, Text

UID = "ltmon-{name}-{language}"

_PAGES = {"device": "devices", "site": "sites"}
"""Labels that name something with a page of its own, and the part of the page's address."""

_TO_PAGE = Text("Trang trạng thái: {what}", "Status page: {what}")
_TO_BOARD = Text("Bảng theo dõi: {what}", "Board: {what}")


def uid_of(name: str, language: Language) -> str:
    """The address of a board in Grafana; it never changes."""
    return UID.format(name=name, language=language.value)


def field_links(labels: Collection[str], language: Language) -> list[grafana.DashboardLink]:
    """The links of a series, by the narrowest thing that its labels name."""
    for label in ("device", "site"):
        if label in labels:
            return _links(label, f"${{__field.labels.{label}}}", language)
    return []


def cell_links(label: str, language: Language) -> list[grafana.DashboardLink]:
    """The links of a table's cell that holds the value of a label."""
    return _links(label, "${__value.raw}", language) if label in _PAGES else []


def _links(label: str, value: str, language: Language) -> list[grafana.DashboardLink]:
    board = uid_of(label, language)
    return [
        grafana.DashboardLink(
            title=_TO_PAGE.to(language).format(what=value),
            url=f"${{status_page}}/{_PAGES[label]}/{value}?lang={language.value}",
            target_blank=True,
        ),
        grafana.DashboardLink(
            title=_TO_BOARD.to(language).format(what=value),
            url=f"/d/{board}?${{datasource:queryparam}}&var-{label}={value}&${{__url_time_range}}",
        ),
    ]
