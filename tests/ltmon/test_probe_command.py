"""`ltmon probe` from the outside: the real command line, real sockets on loopback."""

from __future__ import annotations

import io
import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from rich.console import Console

from agent.probe import Reason, Result, Target
from agent.resolve import Assignment
from inventory.check import SnmpCheck, TcpCheck
from inventory.load import load_inventory
from ltmon.__main__ import main
from ltmon.probe_choice import chosen
from ltmon.probe_command import as_object, show
from telemetry.catalogue import CATALOGUE

INVENTORY = """
district: {{id: d, name: Huyện, timezone: Asia/Ho_Chi_Minh, language: vi}}
sites:
  - {{id: office, name: UBND xã, kind: commune}}
devices:
  - id: good
    site: office
    class: server
    address: 127.0.0.1
    checks: {{icmp: false, tcp: {{port: {open}}}}}
  - id: bad
    site: office
    class: server
    address: 127.0.0.2
    checks: {{icmp: false, tcp: {{port: {closed}}}}}
  - {{id: box, site: office, class: media_converter}}
services:
  - {{id: mail, name: Thư, tcp: "127.0.0.1:{open}", from: [office]}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """An inventory of one open and one closed port."""
    with ExitStack() as stack:
        server = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        with socket.create_server(("127.0.0.2", 0)) as gone:
            closed = gone.getsockname()[1]
        text = INVENTORY.format(open=server.getsockname()[1], closed=closed)
        (tmp_path / "district.yaml").write_text(text, encoding="utf-8")
        yield tmp_path


@dataclass
class Run:
    """What one command did."""

    returncode: int
    stdout: str
    stderr: str


Ltmon = Callable[..., Run]


@pytest.fixture
def ltmon(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ltmon:
    """`ltmon probe …` in this process, through the entry point."""

    def run(*words: str | Path) -> Run:
        monkeypatch.setattr("sys.argv", ["ltmon", "probe", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return Run(int(ended.value.code or 0), out, err)

    return run


def test_as_a_user_runs_it(folder: Path) -> None:
    """The installed command in a process of its own: exit code, output, nothing on stderr."""
    run = subprocess.run(
        [sys.executable, "-m", "ltmon", "probe", "bad", "--inventory", folder],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (run.returncode, run.stderr) == (1, "")
    assert "bad · tcp · 127.0.0.2" in run.stdout


def test_many_devices(tmp_path: Path, ltmon: Ltmon) -> None:
    """More than are asked at once come out in the order of the inventory."""
    lines = [
        f"  - {{id: box-{n}, site: office, class: other, address: 127.0.1.{n},"
        " checks: {icmp: false, tcp: {port: 9}}}"
        for n in range(1, 81)
    ]
    head = INVENTORY.split("devices:", maxsplit=1)[0].format()
    (tmp_path / "a.yaml").write_text(head + "devices:\n" + "\n".join(lines), encoding="utf-8")
    run = ltmon("--all", "--inventory", tmp_path, "--json")
    names = [json.loads(line)["device"] for line in run.stdout.splitlines()]
    assert names == [f"box-{n}" for n in range(1, 81)]
    assert run.returncode == 1


def test_explains_itself(folder: Path, ltmon: Ltmon) -> None:
    """For people: verdict, steps and samples; 0 when all is well."""
    run = ltmon("good", "--inventory", folder)
    assert run.returncode == 0, run.stderr
    assert "good · tcp · 127.0.0.1: ĐẠT (ok)" in run.stdout
    assert "→ Knocking at 127.0.0.1 port" in run.stdout
    assert 'check_up{check="tcp"} 1' in run.stdout
    assert "1 phép kiểm tra, 0 không đạt (1 checks, 0 failed)." in run.stdout


def test_says_what_failed(folder: Path, ltmon: Ltmon) -> None:
    """A failed check is exit code 1, with the reason in Vietnamese and English."""
    run = ltmon("good", "bad", "--inventory", folder)
    assert run.returncode == 1
    assert "bad · tcp · 127.0.0.2: KHÔNG ĐẠT: từ chối kết nối" in run.stdout
    assert "nothing listens on this port" in run.stdout


def test_json_lines(folder: Path, ltmon: Ltmon) -> None:
    """The contract's object, one a line per device and check, in the order of the inventory."""
    run = ltmon("--all", "--inventory", folder, "--json")
    assert run.returncode == 1
    objects = [json.loads(line) for line in run.stdout.splitlines()]
    assert [(one["device"], one["check"], one["ok"], one["reason"]) for one in objects] == [
        ("good", "tcp", True, None),
        ("bad", "tcp", False, "refused"),
        ("mail", "tcp", True, None),
    ]
    for one in objects:
        assert {"seconds", "profile", "class", "vendor", "model", "samples"} <= set(one)
        assert one["seconds"] > 0
        names = [sample["metric"] for sample in one["samples"]]
        assert names[:2] == ["check_up", "check_duration_seconds"]
        assert set(names) <= set(CATALOGUE)
        for sample in one["samples"]:
            labels = sample["labels"]
            assert (labels["device"], labels["site"]) == (one["device"], "office")
            assert labels["class"] == one["class"]
            assert isinstance(sample["value"], float)
    assert objects[0]["samples"][0]["value"] == 1
    assert objects[1]["samples"][0]["value"] == 0
    assert "tcp_connect_seconds" in [sample["metric"] for sample in objects[2]["samples"]]


def test_the_class_is_what_the_device_was_recognised_as(folder: Path) -> None:
    """Where it was not recognised, the inventory's word stands."""
    assignment = chosen(load_inventory(folder), ["good"])[0]
    result = Result(ok=True, started_at=1.0, seconds=0.1)
    assert as_object(assignment, result, [])["class"] == "server"
    found = replace(result, class_="router", profile="mikrotik-routeros")
    assert as_object(assignment, found, [])["class"] == "router"


def test_one_kind_also_where_none_is_configured(folder: Path, ltmon: Ltmon) -> None:
    """`--check` runs that kind alone, with its defaults where the inventory does not name it."""
    run = ltmon("good", "bad", "--check", "tls", "--inventory", folder, "--json")
    objects = [json.loads(line) for line in run.stdout.splitlines()]
    assert [one["check"] for one in objects] == ["tls", "tls"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["godo"], 'The inventory has no device or service "godo"; did you mean "good"?'),
        (["zzzzzz"], 'The inventory has no device or service "zzzzzz".'),
        (
            ["good", "--check", "tpc"],
            '"tpc" is no kind of check, expected icmp, snmp, http, tls, tcp, dns, host, path or '
            'xapi; did you mean "tcp"?',
        ),
        ([], "Name the devices to check, or ask for every one of them with --all."),
        (["box"], "There is nothing to ask of box: no address, or no checks."),
        (["box", "--check", "icmp"], "box has no address in the inventory."),
        (["good", "--check", "snmp"], "good has no snmp access in the inventory."),
        (
            ["good", "--check", "dns"],
            "The check dns of good needs the option name: write it into the device's checks.",
        ),
        (["--all", "--check", "host"], "The inventory has no such check on any device or service."),
    ],
)
def test_wrong_use_is_one_sentence(
    folder: Path, ltmon: Ltmon, words: list[str], sentence: str
) -> None:
    """What cannot be done is exit code 2 and one sentence on standard error."""
    run = ltmon(*words, "--inventory", folder)
    assert (run.returncode, run.stdout, run.stderr) == (2, "", sentence + "\n")


def test_bad_inventory(tmp_path: Path, ltmon: Ltmon) -> None:
    """An inventory that cannot be read is exit code 2, naming the file and the key."""
    (tmp_path / "a.yaml").write_text("sitez: []\n", encoding="utf-8")
    run = ltmon("good", "--inventory", tmp_path)
    assert run.returncode == 2
    assert len(run.stderr.splitlines()) == 1
    assert "a.yaml, line 1, key sitez" in run.stderr


def test_hostile_text_is_printed_as_text() -> None:
    """Markup in what a device says stays text."""
    target = Target("box", "office", "other", "10.0.0.1")
    result = Result(False, 0.0, 0.1, reason=Reason.TIMEOUT, working=("[red]x[/red] [/]",))
    console = Console(record=True, width=200, file=io.StringIO())
    show(console, Assignment(target, "tcp", TcpCheck(port=1)), result, [])
    assert "[red]x[/red] [/]" in console.export_text()
    line = as_object(Assignment(target, "tcp", TcpCheck(port=1)), result, [])
    assert (line["reason"], line["samples"]) == ("timeout", [])


def test_says_what_is_not_proven() -> None:
    """A metric of a profile that no real device has confirmed is marked, for people and for programs."""
    one = Assignment(Target("ups", "office", "ups", "127.0.0.1"), "snmp", SnmpCheck())
    labels = {"site": "office", "device": "ups", "class": "ups"}
    samples = [
        CATALOGUE[name].reading(0.5).sample(labels, 0)
        for name in ("battery_charge_ratio", "battery_voltage_volts")
    ]
    result = Result(True, 0.0, 0.1, profile="delta-ups")
    assert as_object(one, result, samples)["unproven"] == ["battery_charge_ratio"]
    out = io.StringIO()
    show(Console(file=out), one, result, samples)
    marked = [line for line in out.getvalue().splitlines() if "unproven" in line]
    assert marked == ["    battery_charge_ratio 0.5  (chưa kiểm chứng, unproven)"]
    assert as_object(one, Result(True, 0.0, 0.1), samples)["unproven"] == []
