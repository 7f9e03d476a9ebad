"""Commands of this part; filled by its owner."""

from __future__ import annotations

import typer


def register(app: typer.Typer) -> None:
    """Adds this part's commands to the tree."""
