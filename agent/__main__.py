"""`python -m agent --config FILE`: the agent without the command line around it, for services."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from agent.app import calm_collection, run_agent
from agent.config import read_config
from agent.log import set_up_log
from telemetry.errors import LtmonError


def main(arguments: list[str] | None = None) -> int:
    """Runs the agent; returns 0 after a clean stop, 2 with one sentence for a wrong configuration."""
    parser = argparse.ArgumentParser(prog="python -m agent", description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="the agent's settings")
    chosen = parser.parse_args(arguments)
    try:
        config = read_config(chosen.config)
        set_up_log()
        calm_collection()
        asyncio.run(run_agent(config))
    except LtmonError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
