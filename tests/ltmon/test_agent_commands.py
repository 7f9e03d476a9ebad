"""`ltmon agent …` as a user types it: sentences, exit codes, help with examples."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ltmon.__main__ import build

INVENTORY = """
district: {id: d, name: D, timezone: Asia/Ho_Chi_Minh, language: vi}
sites: [{id: office, name: Office, kind: commune}]
services:
  - {id: portal, name: Cổng, tcp: "127.0.0.1:9", from: [office]}
"""


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    (tmp_path / "inv").mkdir()
    (tmp_path / "inv" / "all.yaml").write_text(INVENTORY)
    file = tmp_path / "agent.yaml"
    file.write_text("agent: office\nsite: office\ninventory: inv\nstate_dir: state\n")
    return file


def ltmon(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ltmon", *words], capture_output=True, text=True, timeout=60
    )


def test_help_has_an_example_each() -> None:
    """Whoever asks for help sees a line to copy."""
    for words in (["agent"], ["agent", "run"], ["agent", "check-config"], ["agent", "enroll"]):
        shown = CliRunner().invoke(build(), [*words, "--help"])
        assert shown.exit_code == 0
        assert "Example: ltmon agent" in shown.output


def test_check_config(settings: Path) -> None:
    """Good settings: what would be asked, in words or as JSON; nothing is created."""
    done = ltmon("agent", "check-config", settings)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        f"{settings}: good. Agent office at office asks 1 devices and services by 1 checks.\n"
    )
    told = json.loads(ltmon("agent", "check-config", "--json", settings).stdout)
    assert told == {
        "file": str(settings), "ok": True, "agent": "office", "targets": 1, "checks": 1,
    }  # fmt: skip
    assert not (settings.parent / "state").exists()


def test_check_config_of_an_enrolled_agent(settings: Path) -> None:
    """The inventory comes from the collector; a missing credential is told now, not at night."""
    settings.write_text(
        "agent: office\nsite: office\ncollector: {url: 'http://127.0.0.1:1', token: {file: cred}}\n"
    )
    done = ltmon("agent", "check-config", settings)
    assert done.returncode == 2
    assert "cred cannot be read" in done.stderr
    (settings.parent / "cred").write_text("secret")
    done = ltmon("agent", "check-config", settings)
    assert "gets its inventory from the collector" in done.stdout
    assert "secret" not in done.stdout


@pytest.mark.parametrize("command", ["check-config", "run"])
def test_wrong_settings_are_one_sentence(settings: Path, command: str) -> None:
    """File, line, key on standard error; exit code 2; no traceback."""
    settings.write_text("agent: office\nsight: office\ninventory: inv\n")
    flag = ["--config"] if command == "run" else []
    done = ltmon("agent", command, *flag, settings)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.rstrip(".\n") == (
        f'{settings}, line 2, key sight: not a known key; did you mean "site"?'
    )


def test_enroll_without_a_collector(tmp_path: Path) -> None:
    """Nobody answers: one sentence, exit code 2, no credential."""
    done = ltmon(
        "agent", "enroll", "--collector", "http://127.0.0.1:1", "--token", "t",
        "--state-dir", tmp_path / "state",
    )  # fmt: skip
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "http://127.0.0.1:1: the collector does not answer" in done.stderr
