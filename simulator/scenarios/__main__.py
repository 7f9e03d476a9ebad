"""Writes generated weeks into a folder: `python -m simulator.scenarios FOLDER --seed 1 --days 3`."""

from __future__ import annotations

import argparse
from pathlib import Path

from simulator.scenarios.recording import record
from simulator.scenarios.weeks import Weeks


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m simulator.scenarios", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--days", type=float, default=14.0)
    parser.add_argument("--devices", type=int, default=60)
    options = parser.parse_args()
    record(Weeks(options.seed, options.days, options.devices), options.folder)


if __name__ == "__main__":
    main()
