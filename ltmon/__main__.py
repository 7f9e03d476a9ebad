"""`ltmon`: gathers the commands; turns an expected error into one sentence and exit code 2."""

from __future__ import annotations

import importlib
import sys

import typer

from telemetry.errors import LtmonError, MissingExtra

# Each module adds its commands to the tree; their libraries are imported only when a command runs,
# so that an office that installed the agent alone can still say `ltmon --help`.
COMMAND_MODULES = (
    "ltmon.demo_command",
    "ltmon.agent_commands",
    "ltmon.probe_command",
    "ltmon.collector_commands",
    "ltmon.inventory_commands",
    "ltmon.identify_command",
    "ltmon.record_command",
    "ltmon.query_commands",
)


def build() -> typer.Typer:
    """The whole command tree."""
    app = typer.Typer(
        name="ltmon",
        help="Lap Thach Monitor: which box is failing, why, and what to do first.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
    )
    for name in COMMAND_MODULES:
        importlib.import_module(name).register(app)
    return app


def main() -> None:
    """Runs one command and exits: 0 fine, 1 a problem was found, 2 wrong use or configuration."""
    try:
        build()()
    except LtmonError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] in ("agent", "collector", "inventory"):
            raise
        print(_missing(error.name), file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)


def _missing(library: str) -> MissingExtra:
    """The sentence for a library that this installation left out."""
    return MissingExtra(
        f"This command needs the library {library}, which is not installed here: "
        "run pip install 'lapthach-monitor[agent]' for an office, "
        "'lapthach-monitor[collector]' for the district, or 'lapthach-monitor[demo]' for everything."
    )


if __name__ == "__main__":
    main()
