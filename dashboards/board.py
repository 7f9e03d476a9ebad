"""A board: rows of panels with what people choose above them, and the JSON that Grafana loads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import dashboard as grafana

from dashboards.annotations import marks
from dashboards.expression import Filter
from dashboards.language import Language, Text
from dashboards.layout import ROW_HEIGHT, Place, Row, height_of, placed
from dashboards.links import uid_of
from dashboards.panel import Panel
from dashboards.variables import PAGE, SOURCES, Choice

TAG = "ltmon"
_ALL_BOARDS = Text("Các bảng khác", "Other boards")
_STATUS_PAGE = Text("Trang trạng thái", "Status page")


@dataclass(frozen=True, slots=True)
class Board:
    """name: part of its file and address. top: panels above the first heading. marked: about what
    findings are marked on its courses, `()` for each new incident of the district, None for neither.
    hours: how much it shows at first; refresh: how often it asks anew.
    """

    name: str
    title: Text
    about: Text
    choices: tuple[Choice, ...] = ()
    top: tuple[Panel, ...] = ()
    rows: tuple[Row, ...] = ()
    marked: tuple[Filter, ...] | None = ()
    hours: int = 6
    refresh: str = "1m"

    def json(self, language: Language) -> str:
        """The board in one language, as a file's text; the same board gives the same bytes."""
        made = json.loads(json.dumps(self.dashboard(language), cls=JSONEncoder))
        return json.dumps(made, indent=1, ensure_ascii=False, sort_keys=True) + "\n"

    def dashboard(self, language: Language) -> grafana.Dashboard:
        """The board in one language, as Grafana's model."""
        return grafana.Dashboard(
            uid=uid_of(self.name, language),
            title=self.title.to(language),
            description=self.about.to(language),
            tags=[TAG, f"{TAG}-{language.value}"],
            timezone="browser",
            editable=True,
            graph_tooltip=grafana.DashboardCursorSync.CROSSHAIR,
            time=grafana.DashboardDashboardTime(from_val=f"now-{self.hours}h", to="now"),
            refresh=self.refresh,
            panels=list(self._panels(language)),
            templating=grafana.DashboardDashboardTemplating(
                list_val=[c.make(language) for c in (SOURCES, *self.choices, PAGE)]
            ),
            annotations=grafana.AnnotationContainer(list_val=marks(self.marked, language)),
            links=_links(language),
        )

    def _panels(self, language: Language) -> Iterator[grafana.Panel | grafana.RowPanel]:
        yield from _made(self.top, 0, 1, language)
        number, y = len(self.top) + 1, height_of(self.top)
        for row in self.rows:
            heading = grafana.RowPanel(
                title=row.title.to(language),
                collapsed=row.folded,
                grid_pos=grafana.GridPos(h=ROW_HEIGHT, w=24, x=0, y=y),
                id_val=number,
            )
            panels = list(_made(row.panels, y + ROW_HEIGHT, number + 1, language))
            if row.folded:
                heading.panels = panels
            yield heading
            yield from () if row.folded else panels
            number += len(panels) + 1
            y += ROW_HEIGHT + (0 if row.folded else height_of(row.panels))


def _made(
    panels: tuple[Panel, ...], top: int, number: int, language: Language
) -> Iterator[grafana.Panel]:
    for offset, (panel, place) in enumerate(placed(panels, top)):
        made = panel.make(language)
        made.id_val, made.grid_pos = number + offset, _grid(place)
        yield made


def _grid(place: Place) -> grafana.GridPos:
    return grafana.GridPos(x=place.x, y=place.y, w=place.width, h=place.height)


def _links(language: Language) -> list[grafana.DashboardLink]:
    """To the other boards in the same language, and to the status page."""
    return [
        grafana.DashboardLink(
            title=_ALL_BOARDS.to(language),
            type_val=grafana.DashboardLinkType.DASHBOARDS,
            tags=[f"{TAG}-{language.value}"],
            as_dropdown=True,
            include_vars=True,
            keep_time=True,
        ),
        grafana.DashboardLink(
            title=_STATUS_PAGE.to(language),
            type_val=grafana.DashboardLinkType.LINK,
            icon="external link",
            url=f"${{status_page}}/?lang={language.value}",
            target_blank=True,
        ),
    ]
