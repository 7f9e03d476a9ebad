"""Every expression of every panel, mark and variable, asked of a real Prometheus and VictoriaMetrics.

The district of the example is in trouble of every kind, so nothing may come back empty: what is empty
there would be empty on the wall.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

import pytest

from dashboards.boards import BOARDS
from dashboards.example.district import record
from dashboards.preview.frames import answer
from dashboards.preview.source import Found
from dashboards.preview.window import Chosen, choose, options_of
from telemetry.catalogue import CATALOGUE
from tests.dashboards.boards import Json, board, links, panels, targets
from tests.dashboards.stores import Stores, filled

NAMES = [made.name for made in BOARDS]
STORES = ("prometheus", "victoria-metrics")

SCENES = {
    "Switch, router: ports": "lien-son-router",
    "Fibre: light": "hoa-son-onu",
    "3G/4G: radio": "van-truc-lte",
    "Power": "station-ngoc-my-power",
    "Video-conference room": "van-truc-room",
    "Server, computer": "district-office-documents",
    "Ink or toner left": "dinh-chu-printer",
    "Camera records": "district-office-camera",
    "Devices on the Wi-Fi": "district-office-wifi",
}
"""The device of the example that a row, or a panel, of the device board was made for."""

MAY_BE_EMPTY = {"alias"}
"""Labels that some things have without a value, which for Prometheus is not to have them."""

QUERIES_AT_LEAST = 180


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    """Both stores with the example district in them."""
    with filled(tmp_path_factory.mktemp("stores")) as running:
        yield running


def chosen_for(stores: Stores, store: str, name: str, row: str = "", title: str = "") -> Chosen:
    """What is chosen on a board to see a panel's scene."""
    wanted = {"site": {"site": "hoa-son"}, "device": {"device": "hoa-son-room"}}.get(name, {})
    if name == "device":
        wanted = {"device": SCENES.get(title) or SCENES.get(row) or wanted["device"]}
    return choose(board(name), stores.sources[store], stores.window, wanted)


Answer = tuple[Json, Json, list[Found]]
"""A panel, one of its queries, and what the store said."""


class Answers:
    """What each store says to every query of a board, at the step that a drawing would have; each
    is asked once.
    """

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._known: dict[tuple[str, str], list[Answer]] = {}

    def of(self, store: str, name: str) -> list[Answer]:
        """To the queries of one board."""
        if (store, name) not in self._known:
            self._known[store, name] = list(self._ask(store, name))
        return self._known[store, name]

    def _ask(self, store: str, name: str) -> Iterator[Answer]:
        source, window = self._stores.sources[store], self._stores.window
        for row, panel in panels(board(name)):
            chosen = chosen_for(self._stores, store, name, row, panel["title"])
            for target in targets(panel):
                yield panel, target, answer(target, source, window, chosen, 60)


@pytest.fixture(scope="module")
def answers(stores: Stores) -> Answers:
    """Of both stores."""
    return Answers(stores)


@pytest.mark.parametrize("store", STORES)
@pytest.mark.parametrize("name", NAMES)
def test_every_panel_is_answered(answers: Answers, store: str, name: str) -> None:
    """No query is empty; each series has the labels that its legend, links and columns name."""
    for panel, target, found in answers.of(store, name):
        what = (panel["title"], target["expr"])
        assert found, what
        needed = labels_needed(panel, target)
        assert needed <= {label for series in found for label in series.labels}, what
        for series in found:
            assert needed - MAY_BE_EMPTY <= set(series.labels), (what, series.labels)
            assert series.points, what
            assert all(math.isfinite(value) for _, value in series.points), what
        names = [legend(target, series) for series in found]
        assert len(names) == len(set(names)), ("two series with one name", what, names)


def legend(target: Json, found: Found) -> str:
    """What a series is called; a row of a table by all its labels."""
    if target["format"] == "table":
        return str(sorted(found.labels.items()))
    return re.sub(r"\{\{(\w+)\}\}", lambda m: found.labels.get(m[1], ""), target["legendFormat"])


def labels_needed(panel: Json, target: Json) -> set[str]:
    """The labels that a panel counts on: in its legend, its links, its columns."""
    needed = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
    for url in links(panel):
        needed |= set(re.findall(r"__field\.labels\.(\w+)", url))
    for transformation in panel.get("transformations", ()):
        if transformation["id"] == "organize":
            columns = transformation["options"]["indexByName"]
            needed |= {column for column in columns if not column.startswith("Value")}
    return needed


def labels_of(found: list[Found]) -> set[frozenset[tuple[str, str]]]:
    """The labels of each series."""
    return {frozenset(series.labels.items()) for series in found}


def test_both_stores_say_the_same(answers: Answers) -> None:
    """The same series for every query, so that either store can stand behind the boards."""
    asked_in_all = 0
    for name in NAMES:
        one, other = (answers.of(store, name) for store in STORES)
        for (panel, target, first), (_, _, second) in zip(one, other, strict=True):
            asked_in_all += 1
            few = re.search(r"(topk|bottomk)\(", target["expr"])
            if few and not target["instant"]:
                continue  # who is just among the few hangs on where a store cuts its steps
            what = (panel["title"], target["expr"])
            assert len(first) == len(second), what
            if not few:  # of two that are equal, either may be the last of the few
                assert labels_of(first) == labels_of(second), what
    assert asked_in_all >= QUERIES_AT_LEAST


@pytest.mark.parametrize("store", STORES)
def test_values_fit_their_axis(answers: Answers, store: str) -> None:
    """A share is between 0 and 1, a value that is shown as a word has one, a bar is within its range."""
    for name in NAMES:
        for panel, _, found in answers.of(store, name):
            config = panel["fieldConfig"]["defaults"]
            values = [value for series in found for _, value in series.points]
            what = (name, panel["title"], min(values), max(values))
            if panel["type"] == "table":
                continue
            if config["unit"] == "percentunit" and config.get("max") == 1:
                assert 0 <= min(values) <= max(values) <= 1, what
            if config["mappings"]:
                known = {float(value) for value in config["mappings"][0]["options"]}
                assert set(values) <= known, what
            if panel["type"] == "bargauge":
                assert config["min"] < config["max"], what
                assert any(config["min"] <= value <= config["max"] for value in values), what


@pytest.mark.parametrize("store", STORES)
def test_every_variable_offers_something(stores: Stores, store: str) -> None:
    """Sites, classes, devices, agents: and fewer devices once a site is chosen."""
    for name in NAMES:
        made, source = board(name), stores.sources[store]
        chosen = choose(made, source, stores.window, {})
        for variable in made["templating"]["list"]:
            if variable["type"] == "query":
                assert options_of(variable, source, stores.window, chosen), (name, variable["name"])
    device = next(v for v in board("device")["templating"]["list"] if v["name"] == "device")
    offered = options_of(
        device, source, stores.window, Chosen({"site": "bac-binh", "class": "lan_switch"})
    )
    assert list(offered) == ["bac-binh-switch"]


@pytest.mark.parametrize("store", STORES)
def test_marks_show_what_happened(stores: Stores, store: str) -> None:
    """The incidents of the example are marked when they were opened; serious findings as they stood."""
    made = board("overview")
    chosen = choose(made, stores.sources[store], stores.window, {})
    opened, standing = (
        stores.sources[store].course(
            chosen.put_into(mark["expr"], {}), stores.window.begin, stores.window.end, 60
        )
        for mark in made["annotations"]["list"]
    )
    times = {round((stores.window.end - at) / 60) for found in opened for at, _ in found.points}
    assert {88, 70, 48, 40, 30, 20, 12} == times
    switch = [found for found in standing if found.labels["device"] == "bac-binh-switch"]
    assert [found.labels["rule"] for found in switch] == ["reachability"]
    assert len(switch[0].points) == 49


def test_the_ill_come_first(answers: Answers) -> None:
    """Tiles and tables begin with what is worst: nobody has to look for it."""
    for name, title, falling in (
        ("overview", "Sites, the ill first", True),
        ("overview", "Video-conference rooms, the ill first", False),
        ("services", "Services, the ill first", True),
    ):
        found = next(
            found for panel, _, found in answers.of("prometheus", name) if panel["title"] == title
        )
        values = [series.points[-1][1] for series in found]
        assert values == sorted(values, reverse=falling), title
        assert values[0] != values[-1], title
    tables = {panel["title"]: panel for _, panel in panels(board("overview"))}
    assert tables["Not well now"]["options"]["sortBy"] == [{"desc": True, "displayName": "State"}]


def test_the_example_has_every_metric() -> None:
    """Nothing of the catalogue is left untried because the example does not have it."""
    tape = record(1_800_000_000, 5)
    told = {points.series.name for batch in tape.batches() for points in batch.points}
    assert told >= set(CATALOGUE)
