"""What is wrong with a file, in one sentence that names file, line, key and what was expected."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

MAX_SHOWN = 60
"""Longest piece of the user's own text that a sentence repeats, in characters."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that a person must (error) or should (warning) mend. `str()` is the sentence.

    file: the path as the user gave it. line: counted from 1, None where the file as a whole is meant.
    key: dotted path such as `devices[bac-binh-router].address`, empty where no key is meant.
    """

    file: str
    line: int | None
    key: str
    message: str

    def __str__(self) -> str:
        place = self.file
        if self.line is not None:
            place += f", line {self.line}"
        if self.key:
            place += f", key {self.key}"
        return f"{place}: {self.message}" + ("" if self.message.endswith("?") else ".")


def did_you_mean(wrong: str, known: Iterable[str]) -> str:
    """`; did you mean "x"?` without the final stop, or the empty string when nothing is near."""
    candidates = list(known)
    near = difflib.get_close_matches(wrong, candidates, n=1, cutoff=0.6)
    if not near:  # typed in capitals, or with a blank or underscore where a hyphen belongs
        folded = {_folded(name): name for name in candidates}
        near = [
            folded[name]
            for name in difflib.get_close_matches(_folded(wrong), list(folded), n=1, cutoff=0.7)
        ]
    return f'; did you mean "{near[0]}"?' if near else ""


def closed_list(known: Iterable[str], most: int = 20) -> str:
    """`a, b or c`; a long list is cut and says how many more there are."""
    names = list(known)
    if len(names) > most:
        return ", ".join(names[:most]) + f" or one of {len(names) - most} more"
    if len(names) < 2:
        return "".join(names) or "nothing at all"
    return ", ".join(names[:-1]) + f" or {names[-1]}"


def shown(value: object) -> str:
    """A piece of the user's own text in quotes, cut to a length that keeps the sentence one line."""
    text = " ".join(str(value).split())
    if len(text) > MAX_SHOWN:
        text = text[: MAX_SHOWN - 1] + "…"
    return f'"{text}"'


def _folded(name: str) -> str:
    return name.lower().replace("_", "-").replace(" ", "-")
