"""Names for the rows of a table: stable, readable, no two alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping


def unique_names(names: Mapping[str, str]) -> dict[str, str]:
    """A name for each row index: the row's own; with ` #index` behind it where rows share a name.

    All rows that share a name get their index, so that none of them depends on the others' order. A
    row without a name is called by its index alone.
    """
    shared = Counter(names.values())
    unique: dict[str, str] = {}
    taken = {name for name, times in shared.items() if times == 1 and name}
    for index, name in names.items():
        if name and shared[name] == 1:
            unique[index] = name
            continue
        made = f"{name} #{index}" if name else f"#{index}"
        while made in taken:
            made += f" #{index}"
        taken.add(made)
        unique[index] = made
    return unique
