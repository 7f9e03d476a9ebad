"""Every rule refuses its broken file with exactly the sentence expected."""

from __future__ import annotations

from pathlib import Path

import pytest

from inventory.load import examine, load_inventory
from telemetry.errors import InventoryError

TESTDATA = Path(__file__).parent / "testdata"
FOLDERS = sorted(TESTDATA.glob("invalid-*"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_broken_file_gets_its_sentence(folder: Path) -> None:
    """`expected.txt` holds all the sentences, one a line; paths stand without the folder."""
    found = examine(folder)
    said = [
        str(problem).replace(f"{folder}/", "").replace(str(folder), "FOLDER")
        for problem in found.errors
    ]
    assert said == (folder / "expected.txt").read_text(encoding="utf-8").splitlines()
    assert found.inventory is None


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_load_raises_the_first_sentence(folder: Path) -> None:
    """The exception is the first of them, one line without a traceback's remains."""
    with pytest.raises(InventoryError) as raised:
        load_inventory(folder)
    assert str(raised.value) == str(examine(folder).errors[0])
    assert "\n" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_there_is_a_case_for_most_rules() -> None:
    """The glob finds the cases: an empty parametrisation would pass in silence."""
    assert len(FOLDERS) > 80


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_no_sentence_repeats_a_secret(folder: Path) -> None:
    """The password in the test data never appears in a sentence."""
    assert not any("hunter2" in str(problem) for problem in examine(folder).errors)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    """Also an empty folder and a file in the place of a folder."""
    empty = tmp_path / "empty"
    empty.mkdir()
    file = tmp_path / "file.yaml"
    file.write_text("sites: []\n")
    expected = {
        tmp_path / "nowhere": "there is no such folder.",
        empty: "expected at least one *.yaml file in this folder, found none.",
        file: "expected a folder of *.yaml files, found a file.",
    }
    for folder, sentence in expected.items():
        with pytest.raises(InventoryError) as raised:
            load_inventory(folder)
        assert str(raised.value) == f"{folder}: {sentence}"


@pytest.mark.parametrize(
    "text",
    ["a: " + "[" * 200_000, "a: {" * 100_000, "- " * 9_000 + "a", "a: &a [*a]", "a: &a {b: *a}"],
)
def test_hostile_nesting_is_refused(tmp_path: Path, text: str) -> None:
    """libyaml's composer would run out of stack and kill the process."""
    (tmp_path / "a.yaml").write_text(text)
    with pytest.raises(InventoryError, match="too long or nested too deeply"):
        load_inventory(tmp_path)


def test_a_huge_file_is_refused(tmp_path: Path) -> None:
    """Seventeen megabytes of comment are no inventory."""
    (tmp_path / "a.yaml").write_bytes(b"# " + b"x" * (17 << 20))
    with pytest.raises(InventoryError, match="too long"):
        load_inventory(tmp_path)


def test_all_errors_of_all_files_are_listed(tmp_path: Path) -> None:
    """One run of check mends everything."""
    (tmp_path / "a.yaml").write_text(
        "district: {id: d, name: D}\nsites:\n  - {id: s, nam: S, kind: town}\n"
    )
    (tmp_path / "b.yaml").write_text(
        "devices:\n  - {id: r, site: s, class: ruter}\n  - {id: q, site: s}\n"
    )
    (tmp_path / "c.yaml").write_text("devices: [\n")
    said = [(Path(p.file).name, p.line, p.key) for p in examine(tmp_path).errors]
    assert said == [
        ("a.yaml", 3, "sites[s].nam"),
        ("b.yaml", 2, "devices[r].class"),
        ("b.yaml", 3, "devices[q].class"),
        ("c.yaml", 2, ""),
    ]
