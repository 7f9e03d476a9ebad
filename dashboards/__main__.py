"""`python -m dashboards`: writes the boards, draws them without Grafana, takes their pictures."""

from __future__ import annotations

import json
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from dashboards import pictures as photographs
from dashboards.boards import BOARDS
from dashboards.example.feed import FeedError
from dashboards.generate import GENERATED, stale, write
from dashboards.language import Language
from dashboards.preview.errors import PreviewError
from dashboards.preview.page import Look, page
from dashboards.preview.source import Source
from dashboards.preview.theme import THEMES, ThemeName
from dashboards.preview.window import Window
from dashboards.programs import ProgramError

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help=__doc__, pretty_exceptions_enable=False
)

_NAMES = ", ".join(board.name for board in BOARDS)

PICTURES = Path(__file__).parent.parent / "docs" / "pictures"


def _known_board(name: str | None) -> str | None:
    if name is not None and name not in {board.name for board in BOARDS}:
        raise typer.BadParameter(f"expected one of {_NAMES}")
    return name


@app.command()
def generate(
    check: Annotated[
        bool, typer.Option(help="Write nothing; exit 1 if something is stale.")
    ] = False,
) -> None:
    """Write everything below dashboards/generated anew and say what changed.

    Example: python -m dashboards generate
    """
    names = stale() if check else write()
    for name in names:
        sys.stdout.write(f"{GENERATED / name}\n")
    if check and names:
        sys.stderr.write("Stale: run .venv/bin/python -m dashboards generate\n")
        raise typer.Exit(1)


@app.command()
def preview(
    prometheus: Annotated[str, typer.Option(help="Root of the store's API.")],
    out: Annotated[Path, typer.Option(help="The HTML file to write.")],
    board: Annotated[str, typer.Option(callback=_known_board, help=_NAMES)] = "overview",
    language: Annotated[Language, typer.Option()] = Language.VI,
    begin: Annotated[
        datetime | None, typer.Option("--from", help="Default: 6 hours before.")
    ] = None,
    until: Annotated[datetime | None, typer.Option("--until", help="Default: now.")] = None,
    zone: Annotated[
        str, typer.Option(help="In which times are read and shown.")
    ] = "Asia/Ho_Chi_Minh",
    width: Annotated[int, typer.Option(min=800, max=4000)] = 1280,
    theme: Annotated[ThemeName, typer.Option()] = ThemeName.DARK,
    choose: Annotated[list[str] | None, typer.Option(help="NAME=VALUE of a variable.")] = None,
) -> None:
    """Draw a board without Grafana: as HTML with what the store answers.

    Example: python -m dashboards preview --prometheus http://127.0.0.1:9090 --board site
    --choose site=bac-binh --out /tmp/site.html
    """
    local = ZoneInfo(zone)
    end = until.replace(tzinfo=local).timestamp() if until else time.time()
    start = begin.replace(tzinfo=local).timestamp() if begin else end - 6 * 3600
    if start >= end:
        _refuse("--from is not before --until")
    wanted = dict(item.split("=", 1) for item in choose or () if "=" in item)
    made = json.loads(photographs.board_named(board).json(language))
    look = Look(THEMES[theme], local, width, language.value)
    try:
        with Source(prometheus) as source:
            out.write_text(page(made, source, Window(start, end), look, wanted), encoding="utf-8")
    except (PreviewError, OSError) as error:
        _refuse(str(error))


@app.command()
def pictures(
    out: Annotated[Path, typer.Option(help="The folder to put them into.")] = PICTURES,
    board: Annotated[
        str | None, typer.Option(callback=_known_board, help="Of one board only.")
    ] = None,
) -> None:
    """Photograph the example district on every board; needs prometheus and chromium.

    Example: python -m dashboards pictures
    """
    try:
        photographs.take(out, _tell, board)
    except (PreviewError, ProgramError, FeedError) as error:
        _refuse(str(error))


def _tell(picture: Path) -> None:
    sys.stdout.write(f"{picture}\n")
    sys.stdout.flush()


def _refuse(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")
    raise typer.Exit(2)


if __name__ == "__main__":
    app()
