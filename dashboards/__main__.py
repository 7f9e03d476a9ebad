"""`python -m dashboards`: writes the boards, draws them without Grafana, takes their pictures."""

from __future__ import annotations

import sys

import typer

from dashboards.generate import GENERATED, write

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__)


@app.callback()
def main() -> None:
    """Boards for Grafana as code."""


@app.command()
def generate() -> None:
    """Write everything below dashboards/generated anew and say what changed.

    Example: python -m dashboards generate
    """
    for name in write():
        sys.stdout.write(f"{GENERATED / name}\n")


if __name__ == "__main__":
    app()
