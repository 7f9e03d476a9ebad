"""Every kind of journal passes the trial; and what is particular to each."""

from __future__ import annotations

import random
import sqlite3
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.journal import Draft, Entry, EntryKind
from collector.journals import JOURNALS, open_journal
from telemetry.errors import JournalError
from tests.collector import journal_trial
from tests.collector.journal_trial import JournalTrial, drafts


class TestSqlite(JournalTrial):
    """The file on disk."""

    @pytest.fixture
    def url(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path}/journal.db"


def test_every_kind_has_its_trial() -> None:
    """A kind that is listed and not tried fails here."""
    tried = {trial.__name__.removeprefix("Test").lower() for trial in JournalTrial.__subclasses__()}
    assert tried == set(JOURNALS)
    assert journal_trial.__doc__


@pytest.mark.parametrize("url", ["", "journal.db", "oracle:///x", "sqlite:///", "sqlite://host/x"])
def test_urls_that_name_no_journal(url: str) -> None:
    """One sentence that says what would."""
    with pytest.raises(JournalError, match="expected sqlite:///PATH"):
        open_journal(url)


def test_files_that_are_no_journal(tmp_path: Path) -> None:
    """A folder that is missing, a text, a link put there by somebody else."""
    (tmp_path / "text").write_text("hello, this is not a database at all " * 100)
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere.db")
    for name, sentence in {
        "missing/x": "cannot be opened: No such file",
        "text": "does not work: file is not a database",
        "link": "cannot be opened: Too many levels of symbolic links",
    }.items():
        with pytest.raises(JournalError, match=sentence):
            open_journal(f"sqlite:///{tmp_path}/{name}")
    assert not (tmp_path / "elsewhere.db").exists()


def test_the_files_are_private(tmp_path: Path) -> None:
    """The journal and its write-ahead log, whatever the umask is."""
    journal = open_journal(f"sqlite:///{tmp_path}/journal.db")
    journal.append(drafts(b"x"))
    modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == {0o600}
    journal.close()


def test_a_damaged_entry_is_named(tmp_path: Path) -> None:
    """… and the ones before it are read."""
    journal = open_journal(f"sqlite:///{tmp_path}/journal.db")
    journal.append(drafts(b"a", b"b"))
    with sqlite3.connect(tmp_path / "journal.db") as other:
        other.execute("UPDATE entries SET payload = x'746f726e' WHERE seq = 2")
    other.close()
    entries = journal.read()
    assert next(entries).payload == b"a"
    with pytest.raises(JournalError, match="entry 2 of the journal"):
        next(entries)
    journal.close()


@pytest.fixture
def small_disk(tmp_path: Path, requires_root: None) -> Iterator[Path]:
    """A file system of 1 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk(small_disk: Path) -> None:
    """What was accepted stays readable, what was not is not there, and room brings it back."""
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"\0" * 300_000)
    journal = open_journal(f"sqlite:///{small_disk}/journal.db")
    accepted: list[Entry] = []

    def fill() -> None:
        for number in range(1000):
            payload = random.Random(number).randbytes(30_000)  # does not compress
            accepted.extend(journal.append([Draft(EntryKind.SAMPLES, number, "a", payload)]))

    with pytest.raises(JournalError, match="does not work: database or disk is full"):
        fill()
    assert len(accepted) > 3
    assert list(journal.read()) == accepted
    journal.close()

    again = open_journal(f"sqlite:///{small_disk}/journal.db")
    assert list(again.read()) == accepted
    ballast.unlink()
    accepted += again.append(drafts(b"room again"))
    assert list(again.read()) == accepted
    again.close()
