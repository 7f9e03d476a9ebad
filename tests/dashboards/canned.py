"""A source that answers what a test wants: for what a store would never say twice the same."""

from __future__ import annotations

from collections.abc import Sequence

from dashboards.preview.source import Found, Source


class Canned(Source):
    """Gives the same answer to every question."""

    def __init__(self, found: Sequence[Found]) -> None:
        super().__init__("http://127.0.0.1:9")
        self._found = list(found)

    def instant(self, expression: str, at: float) -> list[Found]:
        """The answer."""
        return self._found

    def course(self, expression: str, begin: float, end: float, step: float) -> list[Found]:
        """The answer."""
        return self._found

    def label_values(self, selector: str, label: str, begin: float, end: float) -> list[str]:
        """The values of that label in the answer."""
        return sorted({found.labels.get(label, "x") for found in self._found})
