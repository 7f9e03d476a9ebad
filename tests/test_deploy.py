"""What is shipped for production can be used as it is."""

from __future__ import annotations

from pathlib import Path

import agent.config
import collector.config

DEPLOY = Path(__file__).parent.parent / "deploy"


def test_example_configurations_are_valid() -> None:
    """Both example files pass the check that people are told to run."""
    assert agent.config.read_config(DEPLOY / "agent.yaml").agent == "bac-binh"
    assert collector.config.load_config(DEPLOY / "collector.yaml").public_url.startswith("https://")


def test_units_start_the_shipped_command() -> None:
    """The systemd units run the command line that the package installs, with the files of the guide."""
    for role in ("agent", "collector"):
        unit = (DEPLOY / f"ltmon-{role}.service").read_text()
        assert f"ltmon {role} run --config /etc/ltmon/{role}.yaml" in unit
