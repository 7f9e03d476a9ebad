"""The list of probe kinds against the list of their options."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import pkgutil

import agent.probes
from agent.probe import Reason
from agent.probes import PROBES
from inventory.check import CHECKS, Check


def test_every_kind_of_check_has_its_probe() -> None:
    """What the inventory offers can be asked, and the other way round, in the same order."""
    assert list(PROBES) == list(CHECKS)


def test_the_folder_is_the_list() -> None:
    """Each module of the folder is one kind, and each kind one module of its name."""
    modules = {module.name for module in pkgutil.iter_modules(agent.probes.__path__)}
    assert modules == set(PROBES)
    for kind, make in PROBES.items():
        assert make.__module__ == f"agent.probes.{kind}"


def test_every_probe_takes_the_options_of_its_kind() -> None:
    """`check` is annotated with the options of its own kind."""
    for kind, make in PROBES.items():
        module = importlib.import_module(f"agent.probes.{kind}")
        method = inspect.unwrap(make.check)  # type: ignore[attr-defined]
        options: type[Check] = getattr(module, method.__annotations__["options"])
        assert options is CHECKS[kind]


def test_every_probe_is_made_without_arguments_and_given_back() -> None:
    """`PROBES[kind]()` is all that a scheduler has to know."""

    async def make_and_close() -> None:
        for make in PROBES.values():
            await make().close()

    asyncio.run(make_and_close())


def test_reasons_are_lower_case_words() -> None:
    """A reason is also a label value."""
    assert all(reason.value.isalpha() and reason.value.islower() for reason in Reason)
