"""`python -m collector CONFIG`: the collector without the command line's other parts."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from collector.app import run_collector
from collector.config import load_config
from collector.log import set_up_log
from telemetry.errors import LtmonError


def main(arguments: list[str]) -> int:
    """Runs the collector of one config file; 2 with one sentence when that cannot be."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m collector CONFIG\n")
        return 2
    set_up_log()
    try:
        asyncio.run(run_collector(load_config(Path(arguments[0]))))
    except LtmonError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
