"""A file of expectations beside an inventory: limits to be tried before they are taken."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from inventory.document import StrictModel, validate
from inventory.expectation import Expectation, disorders
from inventory.inventory import Inventory
from inventory.marked import Document, parse
from inventory.problem import Problem, did_you_mean, shown
from telemetry.errors import ConfigError


class ExpectationFile(StrictModel):
    """The same key as in the inventory, and no other."""

    expectations: tuple[Expectation, ...]


def read_expectations(path: Path, inventory: Inventory) -> tuple[Expectation, ...]:
    """The expectations of a file, meant for this inventory. Raises ConfigError with one sentence naming
    file, line, key, what was expected and, where something is near, what was probably meant.
    """
    document, problems = parse(path)
    if document is not None and not problems:
        value, problems = validate(document, ExpectationFile)
        if value is not None:
            problems = list(_problems(document, value.expectations, inventory))
            if not problems:
                return value.expectations
    raise ConfigError(str(problems[0]))


def _problems(
    document: Document, tried: tuple[Expectation, ...], inventory: Inventory
) -> Iterator[Problem]:
    """What does not fit the inventory: for whom it is meant, and what it inherits there."""
    for index, expectation in enumerate(tried):
        loc = ("expectations", index)
        stranger = _stranger(expectation, inventory)
        if stranger is not None:
            key, message = stranger
            yield document.problem((*loc, "for", key), message)
        for name, disorder in disorders(expectation, (*inventory.expectations, *tried)):
            yield document.problem((*loc, name), f"together with what it inherits: {disorder}")


def _stranger(expectation: Expectation, inventory: Inventory) -> tuple[str, str] | None:
    """The key that names what the inventory does not have, and what is wrong with it."""
    scope = expectation.for_
    if scope.site is not None and inventory.site(scope.site) is None:
        known = [site.id for site in inventory.sites]
        return "site", _unknown("site", scope.site, known)
    device = scope.device
    if device is None or inventory.device(device) or inventory.service(device):
        return None
    known = [*(d.id for d in inventory.devices), *(s.id for s in inventory.services)]
    return "device", _unknown("device", device, known)


def _unknown(one: str, id_: str, known: list[str]) -> str:
    return f"expected the id of a {one}, found {shown(id_)}{did_you_mean(id_, known)}"
