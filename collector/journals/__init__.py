"""The kinds of journal, by the scheme of the URL that names one. This is the only list."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from collector.journal import Journal
from collector.journals.sqlite import SqliteJournal
from telemetry.errors import JournalError

JOURNALS: Mapping[str, Callable[[str], Journal]] = {
    "sqlite": SqliteJournal,
}


def open_journal(url: str) -> Journal:
    """The journal at `url`, such as `sqlite:///relative/path` or `sqlite:////absolute/path`."""
    scheme, separator, path = url.partition(":///")
    if not separator or scheme not in JOURNALS or not path:
        known = ", ".join(f"{scheme}:///PATH" for scheme in JOURNALS)
        raise JournalError(f"no journal is known by {url!r}; expected {known}")
    return JOURNALS[scheme](path)
