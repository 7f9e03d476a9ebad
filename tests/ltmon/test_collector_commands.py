"""`ltmon collector …`: config, tokens, operators, replay, and a run that ends cleanly."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from collector.database import open_database
from collector.enrolment import Enrolment
from inventory.load import load_inventory
from telemetry.errors import ConfigError
from tests.collector.fakes import START, config_in, wait_for
from tests.collector.test_app import answers, free_port
from tests.ltmon.test_query_commands import ltmon


@pytest.fixture
def config(tmp_path: Path) -> Path:
    config_in(tmp_path, "channels: {webhook: {url: 'https://hook.example/', everything: false}}")
    return tmp_path / "collector.yaml"


def test_check_config(config: Path) -> None:
    """Says what it would do, in a sentence or as an object."""
    assert "good. 4 devices; messages by webhook." in ltmon(
        "collector", "check-config", str(config), code=0
    )
    facts = json.loads(ltmon("collector", "check-config", str(config), "--json", code=0))
    assert facts["ok"]
    assert facts["people_without_channel"] == []


def test_check_config_warns_of_people_nobody_reaches(tmp_path: Path) -> None:
    """A lead without a channel would find out at the worst moment."""
    config_in(tmp_path)
    out = ltmon("collector", "check-config", str(tmp_path / "collector.yaml"), code=0)
    assert "no channel: nobody will be told" in out
    assert "warning: lead is reached by none of these channels." in out


@pytest.mark.parametrize(
    ("extra", "sentence"),
    [
        ("listne: x", 'did you mean "listen"'),
        ("watchdog_url: x", "watchdog_url"),
        (
            "forward: [{name: vm, url: 'http://x.example/', token: {env: LTMON_TEST_NOT_SET}}]",
            "LTMON_TEST_NOT_SET",
        ),
        (
            "channels: {webhook: {url: 'https://x.example/', token: {file: nowhere}}}",
            "nowhere",
        ),
    ],
)
def test_check_config_finds_mistakes(tmp_path: Path, extra: str, sentence: str) -> None:
    """Also a secret that is not where the file says."""
    config_in(tmp_path)
    file = tmp_path / "collector.yaml"
    file.write_text(file.read_text(encoding="utf-8") + extra + "\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=sentence):
        ltmon("collector", "check-config", str(file), code=2)


def test_init_makes_a_token_once(tmp_path: Path) -> None:
    """Database and first operator; said again the old token is void."""
    state = tmp_path / "state"
    out = ltmon("collector", "init", "--state-dir", str(state), "--operator", "Chị Hoa", code=0)
    first = out.strip().splitlines()[-1]
    made = ltmon(
        "collector", "init", "--state-dir", str(state), "--operator", "Chị Hoa", "--json", code=0
    )
    second = json.loads(made)["token"]
    database = open_database(f"sqlite:///{state / 'collector.db'}", START)
    enrolment = Enrolment(database)
    operator = enrolment.operator_of(second)
    assert operator is not None
    assert operator.name == "Chị Hoa"
    assert enrolment.operator_of(first) is None
    database.close()
    assert (state.stat().st_mode & 0o777) == 0o700


def test_token_for_an_agent(config: Path, tmp_path: Path) -> None:
    """One-time, for the sites named; a site that is not there is refused with a hint."""
    out = ltmon("collector", "token", "bac-binh", "--config", str(config), code=0)
    assert "ltmon agent enroll --collector https://giamsat.lapthach.example/ --token lte_" in out
    made = json.loads(
        ltmon(
            "collector",
            "token",
            "bac-binh",
            "centre",
            "--agent",
            "both",
            "--watch",
            "core",
            "--config",
            str(config),
            "--json",
            code=0,
        )
    )
    database = open_database(f"sqlite:///{tmp_path / 'state' / 'collector.db'}", START)
    agent, _ = Enrolment(database).redeem(made["token"], START)
    database.close()
    assert (agent.agent, agent.sites, agent.watch) == ("both", ("bac-binh", "centre"), ("core",))
    with pytest.raises(ConfigError, match=r'no site bac-bin; did you mean "bac-binh"\?$'):
        ltmon("collector", "token", "bac-bin", "--config", str(config), code=2)


def test_init_by_config(config: Path, tmp_path: Path) -> None:
    """The state folder of a config."""
    ltmon("collector", "init", "--config", str(config), code=0)
    assert (tmp_path / "state" / "collector.db").exists()


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """One sentence."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ConfigError, match="the folder cannot be made"):
        ltmon("collector", "init", "--state-dir", str(tmp_path / "file" / "x"), code=2)


def test_replay(config: Path, tmp_path: Path) -> None:
    """Several files after one --samples, as a shell expands them; the last line is the summary."""
    load_inventory(tmp_path / "inventory")
    files = []
    for number, value in enumerate((0.0, 1.0)):
        file = tmp_path / f"{number}.jsonl"
        labels = {
            "__name__": "icmp_loss_ratio",
            "site": "centre",
            "device": "core",
            "class": "router",
            "agent": "centre",
        }
        begin = int(START * 1000) + number * 300_000
        times = [begin + step * 30_000 for step in range(10)]
        line = {"metric": labels, "values": [value] * 10, "timestamps": times}
        file.write_text(json.dumps(line) + "\n", encoding="utf-8")
        files.append(str(file))
    out = ltmon(
        "collector",
        "replay",
        "--inventory",
        str(tmp_path / "inventory"),
        "--samples",
        *files,
        "--json",
        code=0,
    )
    lines = [json.loads(line) for line in out.splitlines()]
    assert lines[-1]["event"] == "summary"
    assert lines[-1]["samples"] == 20
    assert [line["cause"] for line in lines if line["event"] == "incident_opened"] == [
        "device:core"
    ]


def test_run_until_it_is_stopped(config: Path) -> None:
    """SIGTERM ends it with 0."""
    port = free_port()
    text = config.read_text(encoding="utf-8").replace(":0\n", f":{port}\n")
    config.write_text(text, encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-m", "ltmon", "collector", "run", "--config", str(config)],
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for(lambda: answers(f"http://127.0.0.1:{port}"))
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "Traceback" not in errors


def test_help_shows_examples() -> None:
    """Every command explains itself by one."""
    for name in ("run", "check-config", "init", "token", "replay"):
        assert f"ltmon collector {name}" in ltmon("collector", name, "--help", code=0)
