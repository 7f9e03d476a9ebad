"""`ltmon inventory check`, `ltmon inventory schema`; `discover` has a module of its own."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ltmon.discover_command import HELP as DISCOVER_HELP
from ltmon.discover_command import discover

if TYPE_CHECKING:
    from inventory.load import Examination
    from inventory.problem import Problem

CHECK_HELP = """Reads a folder of YAML files and says everything that is wrong with it, a sentence a line.

Errors go to standard error and end with exit code 2; warnings do no harm.

Example: ltmon inventory check /etc/ltmon/inventory
"""
SCHEMA_HELP = """Prints the JSON Schema of one inventory file: editors complete and check while typing.

Example: ltmon inventory schema > inventory.schema.json
and, as the first line of each file: # yaml-language-server: $schema=inventory.schema.json
"""

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The folder of *.yaml files.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object instead of sentences.")]


def register(app: typer.Typer) -> None:
    """Adds this part's commands to the tree."""
    group = typer.Typer(
        help="The inventory: what exists and what is expected.", no_args_is_help=True
    )
    group.command("check", help=CHECK_HELP)(check)
    group.command("schema", help=SCHEMA_HELP)(schema)
    group.command("discover", help=DISCOVER_HELP)(discover)
    app.add_typer(group, name="inventory")


def check(folder: Folder, as_json: AsJson = False) -> None:
    """Says what is wrong with an inventory; exit code 0 fine, 2 not usable."""
    from inventory.load import examine

    found = examine(folder)
    if as_json:
        print(json.dumps(_verdict(found), ensure_ascii=False, indent=2))
    else:
        _tell(folder, found)
    if found.errors:
        raise typer.Exit(2)


def schema() -> None:
    """Prints the JSON Schema of one inventory file."""
    from inventory.load import inventory_schema

    print(json.dumps(inventory_schema(), ensure_ascii=False, indent=2))


def _tell(folder: Path, found: Examination) -> None:
    for problem in found.errors:
        print(problem, file=sys.stderr)
    for problem in found.warnings:
        print(f"warning: {problem}")
    if found.inventory is not None:
        counts = ", ".join(f"{count} {kind}" for kind, count in _counts(found).items())
        print(f"{folder} is fine: {counts}.")


def _verdict(found: Examination) -> dict[str, Any]:
    return {
        "ok": not found.errors,
        "errors": [_as_object(problem) for problem in found.errors],
        "warnings": [_as_object(problem) for problem in found.warnings],
        "counts": _counts(found),
    }


def _as_object(problem: Problem) -> dict[str, Any]:
    return {
        "file": problem.file,
        "line": problem.line,
        "key": problem.key,
        "message": problem.message,
        "sentence": str(problem),
    }


def _counts(found: Examination) -> dict[str, int]:
    """How many there are of each kind that has any."""
    if found.inventory is None:
        return {}
    lists = {name: getattr(found.inventory, name) for name in type(found.inventory).model_fields}
    return {name: len(value) for name, value in lists.items() if name != "district" and value}
