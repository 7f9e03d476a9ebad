"""Two languages from one source: whatever people read on a board is a `Text`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Language(StrEnum):
    """The languages that boards are written in; the value is a part of file names and uids."""

    VI = "vi"
    EN = "en"


@dataclass(frozen=True, slots=True)
class Text:
    """The same words in both languages; neither may be missing."""

    vi: str
    en: str

    def __post_init__(self) -> None:
        if not self.vi.strip() or not self.en.strip():
            raise ValueError(f"expected words in both languages, got {self!r}")

    def to(self, language: Language) -> str:
        """The words in one language."""
        return self.vi if language is Language.VI else self.en
