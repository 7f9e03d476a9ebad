"""What people choose at the top of a board: data source, site, class, device; and the status page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.models import dashboard as grafana

from dashboards.expression import Filter, like
from dashboards.language import Language, Text
from dashboards.panel import SOURCE
from telemetry.catalogue import AGENT_INFO, CONFERENCE_ROOM_READY, DEVICE_HEALTH, Metric

STATUS_PAGE = "http://127.0.0.1:8080"
"""The collector's own default; every board has a field to put in where people reach it."""

ANYTHING = ".*"


@dataclass(frozen=True, slots=True)
class Choice:
    """One field at the top of a board."""

    name: str
    make: Callable[[Language], grafana.VariableModel]


def _source(language: Language) -> grafana.VariableModel:
    label = Text("Nguồn dữ liệu", "Data source").to(language)
    return builders.DatasourceVariable("datasource").label(label).type("prometheus").build()


def _status_page(language: Language) -> grafana.VariableModel:
    builder = builders.TextBoxVariable("status_page").default_value(STATUS_PAGE)
    option = grafana.VariableOption(selected=True, text=STATUS_PAGE, value=STATUS_PAGE)
    builder.current(option).options([option])
    return builder.label(Text("Trang trạng thái", "Status page").to(language)).build()


def _labels(
    label: str, words: Text, metric: Metric, *filters: Filter, single: bool = False
) -> Choice:
    """The values of a label. single: exactly one; otherwise any number, all at first."""
    selector = f"{metric.name}{{{', '.join(map(str, filters))}}}" if filters else metric.name
    query: dict[str, object] = {
        "query": f"label_values({selector}, {label})",
        "refId": f"choose-{label}",
    }

    def make(language: Language) -> grafana.VariableModel:
        builder = builders.QueryVariable(label).label(words.to(language)).query(query)
        builder.datasource(SOURCE).refresh(grafana.VariableRefresh.ON_TIME_RANGE_CHANGED)
        builder.sort(grafana.VariableSort.ALPHABETICAL_ASC)
        if single:
            return builder.include_all(False).multi(False).build()
        builder.include_all(True).multi(True).all_value(ANYTHING)
        every = Text("Tất cả", "All").to(language)
        builder.current(grafana.VariableOption(selected=True, text=[every], value=["$__all"]))
        return builder.build()

    return Choice(label, make)


_SITE, _CLASS, _DEVICE = (
    Text("Địa điểm", "Site"),
    Text("Loại thiết bị", "Class"),
    Text("Thiết bị", "Device"),
)

SOURCES = Choice("datasource", _source)
PAGE = Choice("status_page", _status_page)
SITES = _labels("site", _SITE, DEVICE_HEALTH)
ONE_SITE = _labels("site", _SITE, DEVICE_HEALTH, single=True)
CLASSES = _labels("class", _CLASS, DEVICE_HEALTH, like("site", "$site"))
DEVICES = _labels("device", _DEVICE, DEVICE_HEALTH, like("site", "$site"), like("class", "$class"))
ONE_DEVICE = _labels(
    "device", _DEVICE, DEVICE_HEALTH, like("site", "$site"), like("class", "$class"), single=True
)
ROOMS = _labels("device", Text("Phòng họp", "Room"), CONFERENCE_ROOM_READY, like("site", "$site"))
AGENTS = _labels("agent", Text("Tác tử", "Agent"), AGENT_INFO)
