"""Small inventories for the tests of this package, written as a person would write them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from inventory.inventory import Inventory
from inventory.load import load_inventory

HEAD = """
district: {id: lap-thach, name: Huyện Lập Thạch}
sites:
  - {id: office, name: UBND huyện, kind: district}
  - {id: bac-binh, name: UBND xã Bắc Bình, kind: commune, parent: office}
"""

Write = Callable[[str], Path]
Load = Callable[[str], Inventory]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a folder with one file: a district with two sites and the text given."""

    def written(text: str) -> Path:
        folder = tmp_path / "inventory"
        folder.mkdir(exist_ok=True)
        (folder / "district.yaml").write_text(HEAD + text, encoding="utf-8")
        return folder

    return written


@pytest.fixture
def load(write: Write) -> Load:
    """Loads a district with two sites and the text given."""
    return lambda text: load_inventory(write(text))
