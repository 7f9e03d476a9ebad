"""The pictures of docs/pictures/: the example district on every board, photographed by a real browser."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from dashboards.board import Board
from dashboards.boards import BOARDS
from dashboards.example.district import record
from dashboards.example.feed import bodies, feed
from dashboards.language import Language
from dashboards.preview.page import Look, page
from dashboards.preview.source import Source
from dashboards.preview.theme import DARK
from dashboards.preview.window import Window
from dashboards.programs import photograph, prometheus

TAPE_MINUTES = 250
SHOWN_MINUTES = 180
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture of a board. wanted: what is chosen on it; suffix: of the file's name."""

    board: str
    width: int
    height: int
    suffix: str = ""
    wanted: tuple[tuple[str, str], ...] = ()
    languages: tuple[Language, ...] = tuple(Language)


SHOTS = (
    Shot("overview", 1280, 1544),
    Shot("overview", 1920, 1080, "-wall", languages=(Language.VI,)),
    Shot("site", 1280, 1354, wanted=(("site", "hoa-son"),)),
    Shot("device", 1280, 1204, wanted=(("device", "hoa-son-room"),)),
    Shot(
        "device",
        1280,
        1950,
        "-power",
        wanted=(("device", "tien-lu-ups"),),
        languages=(Language.VI,),
    ),
    Shot("rooms", 1280, 1240),
    Shot("links", 1280, 936),
    Shot("services", 1280, 1354),
    Shot("agents", 1280, 1278),
    Shot("ageing", 1280, 1092),
)
"""Every board in both languages at the width of a desk, and the overview as it hangs on a wall."""


def take(folder: Path, told: Callable[[Path], None], only: str | None = None) -> None:
    """Puts the pictures into a folder; `told` hears of each. only: of one board."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        with prometheus(work) as url:
            until = int(time.time()) // 60 * 60
            feed(url, bodies(record(until, TAPE_MINUTES)))
            window = Window(until - SHOWN_MINUTES * 60, until)
            with Source(url) as source:
                for shot in SHOTS:
                    if only in (None, shot.board):
                        _take_one(shot, source, window, work, folder, told)


def _take_one(
    shot: Shot,
    source: Source,
    window: Window,
    work: Path,
    folder: Path,
    told: Callable[[Path], None],
) -> None:
    board = board_named(shot.board)
    for language in shot.languages:
        look = Look(DARK, ZONE, shot.width, language.value)
        made = json.loads(board.json(language))
        html = work / f"{shot.board}-{language.value}.html"
        html.write_text(page(made, source, window, look, dict(shot.wanted)), encoding="utf-8")
        picture = folder / f"board-{shot.board}{shot.suffix}-{language.value}.png"
        photograph(html, picture, shot.width, shot.height, work / "browser")
        told(picture)


def board_named(name: str) -> Board:
    """The board of this name. Raises KeyError when there is none."""
    return {board.name: board for board in BOARDS}[name]
