"""The tree of exceptions that users and callers read is the tree that exists."""

from __future__ import annotations

import inspect
import re

from telemetry import errors


def drawn_tree() -> dict[str, str]:
    """Name → parent, as the docstring of telemetry.errors draws it."""
    parents: dict[str, str] = {}
    path: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"([│├└─ ]*)([A-Z]\w+) {2,}\S", line)
        if match:
            depth = len(match[1]) // 4
            path = [*path[:depth], match[2]]
            parents[match[2]] = path[depth - 1] if depth else "Exception"
    return parents


def test_the_drawn_tree_is_the_real_one() -> None:
    """Every class is drawn under its base, and nothing else is drawn."""
    classes = inspect.getmembers(errors, inspect.isclass)
    assert drawn_tree() == {name: cls.__base__.__name__ for name, cls in classes}


def test_every_exception_is_ours() -> None:
    """The command line catches LtmonError, so every one must be one."""
    for _, cls in inspect.getmembers(errors, inspect.isclass):
        assert issubclass(cls, errors.LtmonError)
        assert cls.__doc__
