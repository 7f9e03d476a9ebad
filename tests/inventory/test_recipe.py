"""docs/adding.md's recipe for a device profile, followed to the letter with the files that stand in it."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from inventory import profile as profiles
from tests.inventory.walked import head_of, poll_of, read_expected, samples_of

PAGE = Path(__file__).parents[2] / "docs" / "adding.md"
OBJECT_ID = "1.3.6.1.4.1.99901.7.2"
_FILE = re.compile(r"<!-- recipe: (\S+) -->\n +```\w+\n(.*?)\n +```", re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The recipe's files in a folder of one's own."""
    found = _FILE.findall(PAGE.read_text(encoding="utf-8"))
    for name, content in found:
        (tmp_path / name).write_text(textwrap.dedent(content) + "\n", encoding="utf-8")
    assert {name for name, _ in found} == {
        "sunmeter.yaml",
        "sunmeter.snmprec",
        "sunmeter.expected.tsv",
    }
    return tmp_path


@pytest.fixture
def _own_profiles(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The profiles are read anew, with that folder, and once more without it afterwards."""
    caches = (profiles.shipped_profiles, profiles.doubts, profiles.ever_unproven)
    monkeypatch.setenv(profiles.OWN_PROFILES, str(folder))
    for cached in caches:
        cached.cache_clear()
    yield
    for cached in caches:
        cached.cache_clear()


def ltmon(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The installed program with the folder of one's own."""
    return subprocess.run(
        [sys.executable, "-m", "ltmon", *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, profiles.OWN_PROFILES: str(folder)},
    )


def test_it_is_found(folder: Path) -> None:
    """`ltmon identify` names it, what it costs and what is unproven; without the folder nobody knows it."""
    run = ltmon(folder, "identify", "--sysobjectid", OBJECT_ID, "--json")
    verdict = json.loads(run.stdout)
    assert (verdict["profile"], verdict["class"], verdict["vendor"]) == (
        "sunmeter",
        "power_system",
        "Sunmeter",
    )
    assert verdict["cost"] == {"fast": 2, "medium": 0, "slow": 0}
    assert verdict["unproven"] == ["device_temperature_celsius"]
    assert profiles.identify(OBJECT_ID, "Sunmeter DC-2").id == profiles.GENERIC


@pytest.mark.usefixtures("_own_profiles")
def test_what_must_come_out_does(folder: Path) -> None:
    """The walk yields the samples beside it, exactly."""
    poll = poll_of(folder / "sunmeter.snmprec")
    expected = read_expected(folder / "sunmeter.expected.tsv")
    assert head_of(poll, expected.head["source"]) == expected.head
    assert samples_of(poll.readings) == pytest.approx(expected.samples)


def test_the_device_itself_can_be_asked(folder: Path) -> None:
    """`ltmon probe` over a real socket: the samples of the recipe, and which of them never alarm."""
    from tests.agent.snmp.recorded import Device, answering, objects

    async def asked() -> subprocess.CompletedProcess[str]:
        box = Device(dict(objects((folder / "sunmeter.snmprec").read_bytes().splitlines())))
        async with answering(box) as port:
            (folder / "inventory").mkdir()
            (folder / "inventory" / "all.yaml").write_text(
                "district: {id: d, name: Huyện}\n"
                "sites: [{id: office, name: UBND xã, kind: commune}]\n"
                "credentials: [{id: c, version: 2c, community: public}]\n"
                "devices: [{id: meter, site: office, class: power_system, address: 127.0.0.1, "
                f"snmp: {{credentials: c, port: {port}}}}}]\n",
                encoding="utf-8",
            )
            words = ("probe", "meter", "--check", "snmp", "--json", "--inventory")
            return await asyncio.to_thread(ltmon, folder, *words, str(folder / "inventory"))

    run = asyncio.run(asked())
    assert run.returncode == 0, run.stderr
    line = json.loads(run.stdout)
    assert (line["profile"], line["model"]) == ("sunmeter", "DC-2")
    values = {one["metric"]: one["value"] for one in line["samples"]}
    assert values["battery_voltage_volts"] == pytest.approx(53.44)
    assert line["unproven"] == ["device_temperature_celsius"]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """One sentence, exit code 2."""
    run = ltmon(tmp_path / "nowhere", "identify", "--sysobjectid", OBJECT_ID)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.startswith("LTMON_PROFILES: there is no folder ")


def test_the_recipe_names_what_exists() -> None:
    """Every file and option that the section speaks of."""
    section = PAGE.read_text(encoding="utf-8").split("## A device profile")[1].split("\n## ")[0]
    root = PAGE.parents[1]
    for path in re.findall(r"`((?:inventory|tests|telemetry)/[\w./-]+)`", section):
        assert "NAME" in path or (root / path).exists(), path
    helped = ltmon(root, "record", "--help").stdout if "ltmon record" in section else ""
    for option in re.findall(r"`?(--[a-z-]+)", section.split("2. **Write")[0]):
        assert option in helped, option
