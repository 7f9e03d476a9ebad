"""A folder of YAML files to one `Inventory`, or one sentence naming file, line and key."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inventory.advice import advice_about
from inventory.consistency import Item, contradictions
from inventory.document import validate
from inventory.inventory import Inventory, InventoryFile
from inventory.marked import Document, parse
from inventory.problem import Problem
from telemetry.errors import InventoryError

_SECTIONS = tuple(name for name in InventoryFile.model_fields if name != "district")


@dataclass(frozen=True)
class Examination:
    """All that can be said about a folder. inventory: None when there is any error."""

    inventory: Inventory | None
    files: tuple[Path, ...]
    errors: tuple[Problem, ...]
    warnings: tuple[Problem, ...] = ()


def load_inventory(folder: Path) -> Inventory:
    """The inventory in `folder`, complete and without contradiction. Raises InventoryError with one
    sentence about the first thing that is wrong.
    """
    found = examine(folder)
    if found.inventory is None:
        raise InventoryError(str(found.errors[0]))
    return found.inventory


def examine(folder: Path) -> Examination:
    """Everything that is wrong with `folder` and everything worth a warning; raises nothing for it."""
    files, problems = _files(folder)
    parsed: list[tuple[Document, InventoryFile]] = []
    for path in files:
        document, model, found = _read(path)
        problems += found
        if document is not None and model is not None:
            parsed.append((document, model))
    if problems:
        return Examination(None, files, tuple(problems))
    items = _items(parsed)
    district, problems = _district(folder, parsed)
    problems += contradictions(items)
    if problems or district is None:
        return Examination(None, files, tuple(problems))
    inventory = Inventory(district=district, **_sections(items))
    return Examination(inventory, files, (), tuple(advice_about(folder, inventory, items)))


def inventory_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of one file of the folder, for editors."""
    schema = InventoryFile.model_json_schema(by_alias=True)
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Lap Thach Monitor inventory",
    }
    return {**schema, **head}


def example_folder() -> Path:
    """The district's own example inventory, part of every installation."""
    return Path(__file__).parent / "lap-thach"


def _files(folder: Path) -> tuple[tuple[Path, ...], list[Problem]]:
    """The YAML files in order of their names, or why there are none."""
    try:
        entries = sorted(folder.iterdir())
    except FileNotFoundError:
        return (), [Problem(str(folder), None, "", "there is no such folder")]
    except NotADirectoryError:
        message = "expected a folder of *.yaml files, found a file"
        return (), [Problem(str(folder), None, "", message)]
    except OSError as error:
        message = f"the folder cannot be read: {error.strerror}"
        return (), [Problem(str(folder), None, "", message)]
    files = tuple(
        path
        for path in entries
        if path.suffix in (".yaml", ".yml") and not path.name.startswith(".") and path.is_file()
    )
    if not files:
        message = "expected at least one *.yaml file in this folder, found none"
        return (), [Problem(str(folder), None, "", message)]
    return files, []


def _read(path: Path) -> tuple[Document | None, InventoryFile | None, list[Problem]]:
    document, problems = parse(path)
    if document is None or problems:
        return None, None, problems
    model, problems = validate(document, InventoryFile)
    return document, model, problems


def _items(parsed: list[tuple[Document, InventoryFile]]) -> list[Item]:
    """Everything that the files list, with its place, in file order."""
    return [
        Item(section, value, document, (section, index))
        for document, model in parsed
        for section in _SECTIONS
        for index, value in enumerate(getattr(model, section))
    ]


def _sections(items: list[Item]) -> dict[str, Any]:
    values = {name: tuple(i.value for i in items if i.section == name) for name in _SECTIONS}
    return {name: found for name, found in values.items() if found}


def _district(
    folder: Path, parsed: list[tuple[Document, InventoryFile]]
) -> tuple[Any, list[Problem]]:
    """The one district of the folder."""
    named = [(document, model.district) for document, model in parsed if model.district]
    if not named:
        message = 'the key "district" is missing: expected one file with district: {id, name}'
        return None, [Problem(str(folder), None, "", message)]
    first = named[0][0]
    problems = [
        document.problem(
            ("district",),
            f"expected only one district, the first is in {first.path}, "
            f"line {first.line(('district',))}",
        )
        for document, _ in named[1:]
    ]
    return named[0][1], problems
