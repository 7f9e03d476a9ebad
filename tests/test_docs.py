"""What the guides name exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer.main

from agent.probes import PROBES
from collector.channels import CHANNELS
from collector.rules import RULES
from dashboards.__main__ import app as dashboards_app
from dashboards.boards import BOARDS
from inventory.check import CHECKS
from inventory.expectation import DEFAULT_LIMITS
from ltmon.__main__ import build

ROOT = Path(__file__).parent.parent
GUIDES = sorted([*ROOT.glob("docs/*.md"), ROOT / "README.md"])
FOLDERS = {path.name for path in ROOT.iterdir() if path.is_dir() and path.name[0] not in "._"}
ADDING = (ROOT / "docs" / "adding.md").read_text(encoding="utf-8")


def paths_in(text: str) -> set[str]:
    """Every quoted or linked path that begins with a folder of this repository."""
    quoted = re.findall(r"`([^`\s]+)`|\]\(([^)#\s]+)\)", text)
    named = {(code or link).removeprefix("../") for code, link in quoted}
    return {path for path in named if "/" in path and path.split("/")[0] in FOLDERS}


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.name)
def test_named_files_exist(guide: Path) -> None:
    """A file or folder that a guide sends people to is there; NAME stands for any kind."""
    for path in sorted(paths_in(guide.read_text(encoding="utf-8"))):
        if "NAME" in path:
            kinds = sorted((ROOT / path).parent.glob(Path(path).name.replace("NAME", "*")))
            assert [kind for kind in kinds if kind.name != "__init__.py"], path
        else:
            assert (ROOT / path).exists(), path


def test_anchors_exist() -> None:
    """The table's links lead to the recipes."""
    heads = {head.lower().replace(" ", "-") for head in re.findall(r"^## (.+)$", ADDING, re.M)}
    anchors = set(re.findall(r"\]\(#([^)]+)\)", ADDING))
    assert len(anchors) == 5
    assert anchors <= heads


def test_the_lists_are_where_the_recipes_say() -> None:
    """Each kind that a recipe tells to list is listed there, under the name of its module."""
    for folder, names in (
        ("agent/probes", set(PROBES)),
        ("collector/channels", set(CHANNELS)),
        ("collector/rules", {rule.name for rule in RULES}),
        ("dashboards/boards", {board.name for board in BOARDS}),
    ):
        modules = {path.stem for path in (ROOT / folder).glob("*.py")} - {"__init__"}
        assert modules == names, folder
        assert f"`{folder}/NAME.py`" in ADDING


def test_the_names_that_the_recipes_use_exist() -> None:
    """A name in a recipe is found in the file named beside it."""
    for name, file in (
        ("CHECKS", "inventory/check.py"),
        ("DEFAULT_LIMITS", "inventory/expectation.py"),
        ("Trial", "agent/trial.py"),
        ("Lookup", "agent/address.py"),
        ("clean_text", "telemetry/labels.py"),
        ("Rule", "collector/rule.py"),
        ("LimitRule", "collector/limit_rule.py"),
        ("ChannelSettings", "collector/channel.py"),
        ("CASES", "tests/collector/engine/test_rules.py"),
        ("FINDINGS", "dashboards/finding_words.py"),
        ("BOARDS", "dashboards/boards/__init__.py"),
        ("course", "dashboards/panels.py"),
        ("listing", "dashboards/table.py"),
        ("burst", "dashboards/burst.py"),
        ("Text", "dashboards/language.py"),
        ("Expression", "dashboards/expression.py"),
        ("Look", "dashboards/look.py"),
        ("SCENES", "tests/dashboards/test_expressions.py"),
    ):
        assert f"`{name}`" in ADDING
        assert f"`{file}`" in ADDING
        assert name in (ROOT / file).read_text(encoding="utf-8"), (name, file)
    assert CHECKS
    assert DEFAULT_LIMITS


def test_the_commands_that_the_recipes_use_exist() -> None:
    """Every `ltmon …` of the recipes is a command."""
    commands = typer.main.get_command(build())
    used = re.findall(r"`ltmon ([a-z]+)(?: ([a-z]+)\b)?", ADDING)
    assert used
    for first, second in used:
        command = commands.commands[first]  # type: ignore[attr-defined]
        assert second == "" or not hasattr(command, "commands") or second in command.commands


def test_the_commands_of_the_boards_exist() -> None:
    """Every `python -m dashboards …` that a guide names is a command."""
    commands = set(typer.main.get_command(dashboards_app).commands)  # type: ignore[attr-defined]
    for guide in GUIDES:
        used = re.findall(r"python -m dashboards (\w+)", guide.read_text(encoding="utf-8"))
        assert set(used) <= commands, guide
    assert commands == {"generate", "preview", "pictures"}
