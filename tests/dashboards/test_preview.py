"""Boards without Grafana: drawn from a real store's answers, or refused; harmless whatever it says."""

from __future__ import annotations

import copy
import json
import re
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from dashboards.__main__ import app
from dashboards.boards import BOARDS
from dashboards.language import Language
from dashboards.preview.axis import ticks
from dashboards.preview.errors import NotDrawnError, StoreError
from dashboards.preview.figures import written
from dashboards.preview.page import Look, page
from dashboards.preview.source import Found
from dashboards.preview.svg import cut, wide
from dashboards.preview.theme import DARK, LIGHT, upon
from dashboards.preview.window import Chosen, Window, choose
from dashboards.programs import ProgramError, photograph
from tests.dashboards.boards import Json, board, panels
from tests.dashboards.canned import Canned
from tests.dashboards.stores import Stores, filled

NAMES = [made.name for made in BOARDS]
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
WANTED = {"site": {"site": "hoa-son"}, "device": {"device": "hoa-son-room"}}
WINDOW = Window(1_800_000_000 - 3600, 1_800_000_000)


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    """A store with the example district in it."""
    with filled(tmp_path_factory.mktemp("stores"), victoria=False) as running:
        yield running


def drawn(stores: Stores, name: str, language: str, *, width: int = 1280) -> str:
    source = stores.sources["prometheus"]
    look = Look(DARK, ZONE, width, language)
    return page(board(name, language), source, stores.window, look, WANTED.get(name, {}))


@pytest.mark.parametrize("language", [language.value for language in Language])
@pytest.mark.parametrize("name", NAMES)
def test_every_board_is_drawn(stores: Stores, name: str, language: str) -> None:
    """Each panel with its whole title, nothing without data, every drawing sound."""
    html = drawn(stores, name, language)
    titles = re.findall(r'<h2 title="[^"]+">([^<]+)</h2>', html)
    closed = {row["title"] for row in board(name, language)["panels"] if row["type"] == "row"}
    closed = {row for row in closed if f"▸&nbsp; {row}" in html}
    expected = [panel["title"] for row, panel in panels(board(name, language)) if row not in closed]
    assert sorted(titles) == sorted(expected)
    drawings = re.findall(r"<svg .*?</svg>", html, re.S)
    assert len(drawings) + html.count("<table>") + html.count('class="words"') == len(titles)
    for drawing in drawings:
        ElementTree.fromstring(drawing)
        assert "nan" not in drawing.lower().replace("name", "")
    assert "No data" not in html


def test_folded_rows_open_where_they_fit(stores: Stores) -> None:
    """The rows of other equipment stay closed; those of the device are open, below one another."""
    html = drawn(stores, "device", "en")
    opened = set(re.findall(r"▾&nbsp; ([^<]+)<", html))
    assert {"Video-conference room", "The machine itself", "Checks"} <= opened
    assert {"Power", "Fibre: light"} <= set(re.findall(r"▸&nbsp; ([^<]+)<", html))
    boxes = [
        tuple(map(int, box))
        for box in re.findall(
            r'class="(?:panel|row)" style="left:(\d+)px;top:(\d+)px;width:(\d+)px(?:;height:(\d+)px)?"',
            html.replace('px">', 'px"').replace('px"', 'px"'),
        )
        if box[3]
    ]
    assert len(boxes) > 20
    for place, (left, top, width, height) in enumerate(boxes):
        for left2, top2, width2, height2 in boxes[place + 1 :]:
            assert (
                left + width <= left2
                or left2 + width2 <= left
                or top + height <= top2
                or top2 + height2 <= top
            )


@pytest.mark.parametrize("name", NAMES)
def test_titles_fit(name: str) -> None:
    """At 1280 pixels no title is cut off, in either language."""
    column = (1280 - 32 + 8) / 24
    for language in Language:
        for _, panel in panels(board(name, language.value)):
            room = panel["gridPos"]["w"] * column - 8 - 16
            assert wide(panel["title"], 14) <= room, (language, panel["title"])


def one_panel(board_: Json, change: Callable[[Json], object]) -> Json:
    """The board with its first panel changed."""
    made = copy.deepcopy(board_)
    change(made["panels"][0])
    return made


def test_what_cannot_be_drawn_is_refused() -> None:
    """A panel, unit, colour, matcher or variable that the preview does not know: said with its name."""
    source = Canned([Found({"state": "down", "site": "x", "device": "y"}, ((WINDOW.end, 1.0),))])
    good = board("overview")
    look = Look(DARK, ZONE)

    def draw(board_: Json) -> str:
        return page(board_, source, WINDOW, look, {})

    assert "Serious incidents" in draw(good)
    steps = ("fieldConfig", "defaults", "thresholds", "steps")
    for change, words in (
        (lambda p: p.update(type="gauge"), "'Serious incidents': the type gauge"),
        (lambda p: p["fieldConfig"]["defaults"].update(unit="lightyear"), "the unit 'lightyear'"),
        (lambda p: p[steps[0]][steps[1]][steps[2]][steps[3]][1].update(color="pink"), "'pink'"),
        (
            lambda p: p["fieldConfig"]["overrides"].append(
                {"matcher": {"id": "byType", "options": "number"}, "properties": []}
            ),
            "overrides for byType",
        ),
        (lambda p: p["targets"][0].update(expr="up{a='$nothing'}"), "the variable nothing"),
        (lambda p: p["options"].update(colorMode="none"), "coloured by none"),
    ):
        with pytest.raises(NotDrawnError, match=re.escape(words)):
            draw(one_panel(good, change))
    bad = copy.deepcopy(good)
    bad["templating"]["list"][1]["type"] = "interval"
    with pytest.raises(NotDrawnError, match="type interval"):
        draw(bad)


def test_a_store_that_is_away_is_named() -> None:
    """Neither an empty picture nor a traceback."""
    result = CliRunner().invoke(
        app, ["preview", "--prometheus", "http://127.0.0.1:9", "--out", "/nonexistent/x.html"]
    )
    assert result.exit_code == 2
    assert "127.0.0.1:9" in result.output
    assert "Traceback" not in result.output


def test_what_the_store_refuses_is_told(stores: Stores) -> None:
    """The store's own words about a wrong expression."""
    with pytest.raises(StoreError, match="parse error"):
        stores.sources["prometheus"].instant("sum(", stores.window.end)


def test_names_stay_text() -> None:
    """Whatever a label says is neither a tag nor an attribute of the page."""
    evil = '"><script>alert(1)</script>'
    labels = dict.fromkeys(("site", "device", "class", "rule", "state", "alias"), evil)
    source = Canned([Found(labels, ((WINDOW.end - 60, 1.0), (WINDOW.end, 2.0)))])
    html = page(board("overview"), source, WINDOW, Look(LIGHT, ZONE), {"site": evil})
    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_nothing_is_said_as_nothing() -> None:
    """A panel to which there is no answer says so."""
    html = page(board("overview"), Canned([]), WINDOW, Look(DARK, ZONE), {})
    assert html.count("No data") > 5


def test_choices() -> None:
    """As wanted; else everything; a single one is the first that there is."""
    source = Canned([Found({"device": "b"}, ()), Found({"device": "a"}, ())])
    chosen = choose(board("device"), source, WINDOW, {"site": "hoa-son"})
    assert (chosen.values["site"], chosen.values["class"], chosen.values["device"]) == (
        "hoa-son",
        ".*",
        "a",
    )
    assert chosen.shown["Class"] == "All"
    assert Chosen({"a": "1"}).put_into(
        "$a ${a} ${a:queryparam} [$__range:1m]", {"__range": "5s"}
    ) == ("1 1 1 [5s:1m]")


def test_figures_as_grafana_writes_them() -> None:
    """Units, prefixes and digits."""
    for value, unit, decimals, text in (
        (0.0127, "s", None, "12.7 ms"),
        (0.00035, "s", None, "350 µs"),
        (90, "s", None, "1.50 min"),
        (86_400 * 3, "s", 0, "3 day"),
        (0.2, "percentunit", None, "20%"),
        (0.6000000000000001, "percentunit", None, "60%"),
        (0.0128, "percentunit", 1, "1.3%"),
        (-27.94, "dBm", 1, "-27.9 dBm"),
        (93_400_000, "bps", None, "93.4 Mb/s"),
        (786_432, "bytes", None, "768 KiB"),
        (1500, "short", None, "1.50 K"),
        (0.0123, "amp", None, "12.3 mA"),
        (0, "short", None, "0"),
        (200, "none", None, "200"),
        (44.27, "celsius", None, "44.3 °C"),
    ):
        assert written(value, unit, decimals) == text, (value, unit)


def test_axes_are_round() -> None:
    """Round numbers, round minutes, whole things; no label twice."""

    def words(low: float, high: float, unit: str, decimals: int | None = None) -> list[str]:
        whole = decimals == 0
        found = ticks(low, high, 180, lambda v: written(v, unit, decimals), unit=unit, whole=whole)
        return [text for _, text in found]

    assert words(0, 1.05, "percentunit") == ["0%", "25%", "50%", "75%", "100%"]
    assert words(0, 2000, "s") == ["0 s", "10 min", "20 min", "30 min"]
    assert words(0, 3.2, "short", 0) == ["0", "1", "2", "3"]
    assert words(0, 800_000, "bytes") == ["0 B", "256 KiB", "512 KiB", "768 KiB"]
    assert words(5, 5, "short") == ["5"]


def test_words_are_cut_to_their_room() -> None:
    """With an ellipsis, and only where they have to be; ink is read on any ground."""
    assert cut("bac-binh-switch", 12, 300) == "bac-binh-switch"
    short = cut("bac-binh-switch", 12, 60)
    assert short.endswith("…")
    assert wide(short, 12) <= 60
    assert (upon("#ff9830"), upon("#111217")) == ("#111217", "#ffffff")


def test_the_command_draws(stores: Stores, tmp_path: Path) -> None:
    """One HTML file that needs nothing from elsewhere; a wrong board is named with those there are."""
    out = tmp_path / "site.html"
    arguments = ["preview", "--prometheus", stores.urls["prometheus"], "--out", str(out)]
    more = ["--board", "site", "--language", "en", "--choose", "site=bac-binh", "--theme", "light"]
    result = CliRunner().invoke(app, [*arguments, *more])
    assert result.exit_code == 0, result.output
    html = out.read_text(encoding="utf-8")
    assert "bac-binh-switch" in html
    assert not re.search(r"(src|href)=|url\(|@import", html)
    wrong = CliRunner().invoke(app, [*arguments, "--board", "nowhere"])
    assert wrong.exit_code == 2
    assert "overview, site, device" in re.sub(r"\s+", " ", wrong.output.replace("│", ""))


def test_a_real_browser_takes_the_picture(stores: Stores, tmp_path: Path) -> None:
    """A picture of the wanted size, and not of an empty page."""
    html, picture = tmp_path / "wall.html", tmp_path / "wall.png"
    html.write_text(drawn(stores, "overview", "vi", width=1920), encoding="utf-8")
    photograph(html, picture, 1920, 1080, tmp_path / "browser")
    data = picture.read_bytes()
    assert struct.unpack(">II", data[16:24]) == (1920, 1080)
    assert len(data) > 50_000
    with pytest.raises(ProgramError, match="chromium took no picture"):
        photograph(html, tmp_path / "no" / "such" / "folder.png", 100, 100, tmp_path / "browser")


def test_pictures_are_there_and_small() -> None:
    """Every board in both languages, each below 400 kB; `python -m dashboards pictures` makes them."""
    folder = Path(__file__).parents[2] / "docs" / "pictures"
    for name in NAMES:
        for language in Language:
            picture = folder / f"board-{name}-{language.value}.png"
            assert 20_000 < picture.stat().st_size < 400_000, picture


def test_generated_is_what_is_drawn() -> None:
    """The preview draws the very JSON that Grafana loads."""
    for made in BOARDS:
        assert json.loads(made.json(Language.VI)) == board(made.name, "vi")
