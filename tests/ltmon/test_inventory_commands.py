"""`ltmon inventory` as a person meets it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from inventory.load import example_folder, inventory_schema


def ltmon(*words: str) -> subprocess.CompletedProcess[str]:
    """The real program in a process of its own."""
    command = [sys.executable, "-m", "ltmon", "inventory", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_a_good_inventory_is_counted() -> None:
    """Exit 0, nothing on standard error."""
    done = ltmon("check", str(example_folder()))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{example_folder()} is fine: 31 sites, ")


def test_all_errors_are_told_and_nothing_else(tmp_path: Path) -> None:
    """A sentence a line on standard error, exit 2, no traceback."""
    (tmp_path / "a.yaml").write_text("devices:\n  - {id: a, site: s, clas: router}\n  - {id: b}\n")
    done = ltmon("check", str(tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    first, second, third = done.stderr.splitlines()
    assert (
        first
        == f'{tmp_path}/a.yaml, line 2, key devices[a].clas: not a known key; did you mean "class"?'
    )
    assert second.startswith(
        f'{tmp_path}/a.yaml, line 3, key devices[b].site: the key "site" is missing'
    )
    assert third.startswith(
        f'{tmp_path}/a.yaml, line 3, key devices[b].class: the key "class" is missing'
    )


def test_a_missing_folder_is_exit_2(tmp_path: Path) -> None:
    """With one sentence."""
    done = ltmon("check", str(tmp_path / "none"))
    assert (done.returncode, done.stderr) == (2, f"{tmp_path}/none: there is no such folder.\n")
    assert ltmon("check").returncode == 2


def test_warnings_do_no_harm_and_show_no_secret(tmp_path: Path) -> None:
    """Exit 0; as JSON they carry file, line and key."""
    (tmp_path / "a.yaml").write_text(
        "district: {id: d, name: D}\ncredentials:\n  - {id: c, version: 2c, community: canary-1}\n"
    )
    done = ltmon("check", str(tmp_path))
    assert done.returncode == 0
    assert done.stdout.startswith(
        f"warning: {tmp_path}/a.yaml, line 3, key credentials[c].community: "
    )
    as_json = ltmon("check", str(tmp_path), "--json")
    verdict = json.loads(as_json.stdout)
    assert (as_json.returncode, verdict["ok"], verdict["errors"]) == (0, True, [])
    assert verdict["counts"] == {"credentials": 1}
    assert (verdict["warnings"][0]["line"], verdict["warnings"][0]["key"]) == (
        3,
        "credentials[c].community",
    )
    assert "canary" not in done.stdout + done.stderr + as_json.stdout + as_json.stderr


def test_errors_as_json(tmp_path: Path) -> None:
    """Exit 2, everything on standard output."""
    (tmp_path / "a.yaml").write_text("sites: [\n")
    done = ltmon("check", str(tmp_path), "--json")
    verdict = json.loads(done.stdout)
    assert (done.returncode, done.stderr, verdict["ok"], verdict["counts"]) == (2, "", False, {})
    assert verdict["errors"][0]["file"] == f"{tmp_path}/a.yaml"
    assert verdict["errors"][0]["line"] == 2
    assert verdict["errors"][0]["sentence"].startswith(
        f"{tmp_path}/a.yaml, line 2: not valid YAML: "
    )


def test_the_schema_is_printed() -> None:
    """As the library makes it."""
    done = ltmon("schema")
    assert done.returncode == 0
    assert json.loads(done.stdout) == inventory_schema()


def test_help_explains_itself_with_an_example() -> None:
    """Each sub-command's help holds one."""
    for command in ("check", "schema"):
        assert f"Example: ltmon inventory {command}" in ltmon(command, "--help").stdout
