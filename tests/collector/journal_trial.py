"""The trial that every kind of journal must pass. A kind's test inherits it and gives the URLs."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from collector.journal import Draft, Entry, EntryKind, Journal
from collector.journals import open_journal

NOW_MS = 1_795_368_377_743


def samples(source: str, first_ms: int, last_ms: int, payload: bytes = b"x") -> Draft:
    return Draft(EntryKind.SAMPLES, NOW_MS, source, payload, first_ms, last_ms)


def drafts(*payloads: bytes) -> list[Draft]:
    return [Draft(EntryKind.TICK, NOW_MS + n, "", data) for n, data in enumerate(payloads)]


class JournalTrial:
    """Every promise of `collector.journal.Journal`. The fixture `url` names an empty journal."""

    @pytest.fixture
    def journal(self, url: str) -> Iterator[Journal]:
        opened = open_journal(url)
        yield opened
        opened.close()

    def test_an_empty_journal(self, journal: Journal) -> None:
        """Nothing to read, and no number given yet."""
        assert journal.last_seq() == 0
        assert list(journal.read()) == []
        assert list(journal.overlapping("a", 0, 2**62)) == []
        assert journal.append([]) == []
        assert journal.drop_before(100) == 0

    def test_entries_come_back_in_order(self, journal: Journal) -> None:
        """As they were accepted, numbered from 1 without a gap."""
        every_kind = [
            Draft(kind, NOW_MS + n, f"source-{n} Bắc Bình", bytes(range(n * 50)))
            for n, kind in enumerate(EntryKind)
        ]
        accepted = journal.append(every_kind[:2]) + journal.append(every_kind[2:])
        assert accepted == [
            Entry(n + 1, draft.kind, draft.at_ms, draft.source, draft.payload)
            for n, draft in enumerate(every_kind)
        ]
        assert list(journal.read()) == accepted
        assert list(journal.read(after=2, limit=2)) == accepted[2:4]
        assert journal.last_seq() == len(accepted)

    def test_many_entries_are_read_to_the_limit(self, journal: Journal) -> None:
        """However the kind divides its reading."""
        journal.append(drafts(*(b"%d" % n for n in range(300))))
        assert [entry.seq for entry in journal.read(limit=250)] == list(range(1, 251))
        assert [entry.payload for entry in journal.read(after=250)] == [
            b"%d" % n for n in range(250, 300)
        ]

    def test_large_payloads(self, journal: Journal) -> None:
        """16 MiB come back to the last byte."""
        payload = bytes(range(256)) * (1 << 16)
        journal.append(drafts(payload))
        (entry,) = journal.read()
        assert entry.payload == payload

    def test_a_closed_journal_opens_as_it_was(self, url: str) -> None:
        """Entries, and the number that comes next."""
        first = open_journal(url)
        accepted = first.append(drafts(b"a", b"b"))
        first.close()
        second = open_journal(url)
        assert list(second.read()) == accepted
        assert second.append(drafts(b"c"))[0].seq == 3
        second.close()

    def test_overlapping_finds_by_source_and_time(self, journal: Journal) -> None:
        """Both ends count; other sources and other kinds do not."""
        journal.append(
            [
                samples("a", 100, 200),
                samples("a", 150, 900),
                samples("b", 100, 200),
                samples("a", 300, 400),
                Draft(EntryKind.TICK, NOW_MS, "a", b"", 100, 200),
                samples("a", -50, 10),
            ]
        )
        for first_ms, last_ms, found in (
            (200, 300, [1, 2, 4]),
            (201, 299, [2]),
            (0, 99, [6]),
            (901, 10_000, []),
            (0, 2**62, [1, 2, 4, 6]),
        ):
            entries = journal.overlapping("a", first_ms, last_ms)
            assert [entry.seq for entry in entries] == found
        assert list(journal.overlapping("nobody", 0, 2**62)) == []

    def test_the_newest_sample_of_a_source(self, journal: Journal) -> None:
        """Of its samples, not of other kinds or sources, and not of what was given up."""
        tick = Draft(EntryKind.TICK, NOW_MS, "a", b"", 0, 9000)
        journal.append(
            [samples("a", 100, 900), samples("a", 100, 200), samples("b", 1, 5000), tick]
        )
        assert journal.newest_sample_ms("a") == 900
        assert journal.newest_sample_ms("nobody") is None
        journal.drop_before(2)
        assert journal.newest_sample_ms("a") == 200

    def test_overlapping_finds_all_of_many(self, journal: Journal) -> None:
        """However the kind divides its reading."""
        journal.append([samples("a", n, n + 10) for n in range(500)])
        entries = journal.overlapping("a", 100, 400)
        assert [entry.seq for entry in entries] == list(range(91, 402))

    def test_dropped_entries_leave_their_numbers(self, journal: Journal) -> None:
        """A number is never given twice, not even when nothing is left."""
        journal.append([samples("a", 1, 2) for _ in range(5)])
        assert journal.drop_before(4) == 3
        assert [entry.seq for entry in journal.read()] == [4, 5]
        assert [entry.seq for entry in journal.overlapping("a", 0, 10)] == [4, 5]
        assert journal.drop_before(4) == 0
        assert journal.drop_before(100) == 2
        assert journal.last_seq() == 5
        assert journal.append(drafts(b"x"))[0].seq == 6

    def test_threads_share_it(self, journal: Journal) -> None:
        """Four write while one reads: every entry once, each append together."""
        seen: list[list[int]] = []

        def write(name: str) -> None:
            for _ in range(20):
                accepted = journal.append([samples(name, 1, 2), samples(name, 3, 4)])
                seen.append([entry.seq for entry in accepted])

        threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            numbers = [entry.seq for entry in journal.read()]
            assert numbers == list(range(1, len(numbers) + 1))
            assert len(numbers) % 2 == 0
        for thread in threads:
            thread.join()
        assert sorted(seq for pair in seen for seq in pair) == list(range(1, 161))
        assert all(second == first + 1 for first, second in seen)
