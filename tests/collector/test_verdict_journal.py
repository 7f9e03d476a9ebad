"""What the collector says of the district for the stores: in order, dated by event time, once."""

from __future__ import annotations

import asyncio
import itertools
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.evaluate import Engine
from collector.journal import Draft, Entry, EntryKind, Journal
from collector.journals import open_journal
from collector.verdict_journal import VerdictJournal
from inventory.inventory import Inventory
from telemetry import remote_pb2
from telemetry.errors import JournalError
from telemetry.remotewrite import STALE_NAN, encode
from telemetry.sample import Sample, batch_of
from tests.collector.backlog import BACK, CUT, TWO_AGENTS, cut_off
from tests.collector.engine.timetable import START, Timetable, district

Said = list[tuple[str, dict[str, str], float, float]]
"""(metric, labels, seconds since START, value; the marker of an end is -1)."""


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = open_journal(f"sqlite:///{tmp_path}/verdicts.db")
    yield opened
    opened.close()


def entries(table: Timetable, seconds: float) -> list[Entry]:
    """One entry per ten seconds."""
    samples = table.samples(seconds)
    found = []
    for number in range(int(seconds) // 10):
        low, high = (START + number * 10) * 1000, (START + number * 10 + 10) * 1000
        part: list[Sample] = [s for s in samples if low < s.timestamp_ms <= high]
        payload = encode(batch_of(part))
        kind = EntryKind.SAMPLES
        found.append(Entry(number + 1, kind, round(high), "centre", payload))
    return found


def hear(journal: Journal, engine: Engine, said: list[Entry]) -> None:
    """Lets the verdicts follow an engine that judges these entries."""
    verdicts = VerdictJournal(journal, judged=10**6, grown=lambda: None)

    async def listen() -> None:
        for entry in said:
            events = engine.apply(entry)
            await verdicts.listen(engine, events)

    asyncio.run(listen())


def told(journal: Journal) -> Said:
    """Everything in the journal, in order."""
    found: Said = []
    for entry in journal.read(limit=10_000):
        for series in remote_pb2.WriteRequest.FromString(entry.payload).timeseries:
            labels = {label.name: label.value for label in series.labels}
            name = labels.pop("__name__")
            for sample in series.samples:
                ended = struct.pack("<d", sample.value) == STALE_NAN
                value = -1.0 if ended else sample.value
                found.append((name, labels, sample.timestamp / 1000 - START, value))
    return found


def of(said: Said, name: str, **labels: str) -> list[tuple[float, float]]:
    """Time and value of one series."""
    return [
        (round(at, 3), value)
        for metric, own, at, value in said
        if metric == name and labels.items() <= own.items()
    ]


def test_changes_are_dated_when_they_happened(journal: Journal) -> None:
    """A switch that dies at 300 s is `up` until then and `down` from then on; the finding ends."""
    table = Timetable().fail("bac-binh-switch", 300.0, 700.0)
    hear(journal, Engine(district()), entries(table, 900.0))
    said = told(journal)
    up = of(said, "device_health", device="bac-binh-switch", state="up")
    down = of(said, "device_health", device="bac-binh-switch", state="down")
    died = next(at for at, value in down if value == 1.0)
    assert 300.0 <= died <= 330.0
    assert died == next(at for at, value in up if value == 0.0 and at > 100.0)
    finding = of(said, "finding_active", device="bac-binh-switch")
    assert [value for _, value in finding[:-1]] == [1.0] * (len(finding) - 1)
    assert finding[-1][1] == -1.0
    assert 700.0 <= finding[-1][0] <= 760.0
    for series in {(name, tuple(sorted(labels.items()))) for name, labels, _, _ in said}:
        times = [at for at, _ in of(said, series[0], **dict(series[1]))]
        assert times == sorted(set(times)), series


@pytest.mark.parametrize("cut", [7, 31, 32, 33, 34, 70])
def test_a_restart_changes_nothing(journal: Journal, tmp_path: Path, cut: int) -> None:
    """Wherever the engine begins anew, even far before what was said: the same, each once."""
    table = Timetable().fail("bac-binh-switch", 300.0, 700.0)
    all_entries = entries(table, 900.0)
    once = open_journal(f"sqlite:///{tmp_path}/once.db")
    hear(once, Engine(district()), all_entries)
    hear(journal, Engine(district()), all_entries[:cut])
    hear(journal, Engine(district()), all_entries)
    assert told(journal) == told(once)
    once.close()


class Disk:
    """A journal on a disk that is full now and then."""

    def __init__(self, journal: Journal) -> None:
        self.full = False
        self.read, self.last_seq = journal.read, journal.last_seq
        self._journal = journal

    def append(self, drafts: list[Draft]) -> list[Entry]:
        if self.full:
            raise JournalError("no space left on device")
        return self._journal.append(drafts)


def test_a_full_disk_only_delays(journal: Journal) -> None:
    """What could not be kept is said at the next look; the judging goes on."""
    disk = Disk(journal)
    verdicts = VerdictJournal(disk, judged=10**6, grown=lambda: None)  # type: ignore[arg-type]
    engine = Engine(district())

    async def listen() -> None:
        for entry in entries(Timetable(), 120.0):
            disk.full = entry.seq < 9
            events = engine.apply(entry)
            await verdicts.listen(engine, events)

    asyncio.run(listen())
    assert of(told(journal), "device_health", device="bac-binh-switch", state="up")[0] == (90, 1)


def test_a_full_disk_doubles_nothing(journal: Journal) -> None:
    """What a backlog told while the disk was full is said once, when there is room again."""
    table = Timetable(agents=TWO_AGENTS).fail("bac-binh-switch", 1200.0, 2400.0)
    whole = cut_off(table, 4500.0)
    disk = Disk(journal)
    verdicts = VerdictJournal(disk, judged=10**6, grown=lambda: None)  # type: ignore[arg-type]
    engine = Engine(table.inventory)

    async def listen() -> None:
        for entry in whole:
            disk.full = START + BACK < entry.at_ms / 1000 < START + BACK + 60.0
            await verdicts.listen(engine, engine.apply(entry))

    asyncio.run(listen())
    said = told(journal)
    places = [(name, tuple(sorted(labels.items())), at) for name, labels, at, _ in said]
    assert len(places) == len(set(places))
    finding = of(said, "finding_active", device="bac-binh-switch", rule="reachability")
    assert len(finding) > 15


def test_a_device_that_is_gone_ends(journal: Journal) -> None:
    """Whoever leaves the inventory leaves the stores, at once."""
    whole = district()
    rest = Inventory.from_json(whole.to_json())
    less = rest.model_copy(
        update={"devices": tuple(d for d in rest.devices if d.id != "bac-binh-pc")}
    )
    said = entries(Timetable(), 300.0)
    change = Entry(said[-1].seq + 1, EntryKind.INVENTORY, said[-1].at_ms + 20_000, "", b"")
    change = Entry(change.seq, change.kind, change.at_ms, "", less.to_json().encode())
    hear(journal, Engine(whole), [*said, change])
    pc = of(told(journal), "device_health", device="bac-binh-pc", state="up")
    assert pc[-1] == (320.0, -1.0)


def test_a_journal_begun_anew_is_listened_to(journal: Journal) -> None:
    """When what was judged is lost, the numbers start at 1 again; that silences nobody."""
    said = entries(Timetable(), 200.0)
    hear(journal, Engine(district()), [Entry(e.seq + 5000, *_rest(e)) for e in said])
    before = journal.last_seq()
    verdicts = VerdictJournal(journal, judged=0, grown=lambda: None)
    engine = Engine(district())
    events = engine.apply(Entry(1, EntryKind.TICK, round((START + 400) * 1000), "", b""))
    asyncio.run(verdicts.listen(engine, events))
    assert journal.last_seq() == before + 1


def _rest(entry: Entry) -> tuple[EntryKind, int, str, bytes]:
    return entry.kind, entry.at_ms, entry.source, entry.payload


def test_a_backlog_tells_of_its_own_time(journal: Journal) -> None:
    """A switch that died and came back during the cut is found when it was, not when it was told."""
    table = Timetable(agents=TWO_AGENTS)
    table.fail("bac-binh-switch", 1200.0, 2400.0)
    hear(journal, Engine(table.inventory), cut_off(table, 4500.0))
    said = told(journal)
    finding = of(said, "finding_active", device="bac-binh-switch", rule="reachability")
    times = [at for at, value in finding if value == 1.0]
    assert 1200.0 <= times[0] <= 1270.0
    assert 2300.0 <= times[-1] <= 2400.0
    assert {round(b - a, 3) for a, b in itertools.pairwise(times)} == {60.0}
    assert finding[-1][1] == -1.0
    assert 2400.0 <= finding[-1][0] <= 2460.0
    late = [entry for entry in journal.read(limit=10_000) if entry.source.startswith("late")]
    assert late
    states = of(said, "device_health", device="bac-binh-switch", state="not_measured")
    assert any(value == 1.0 for at, value in states if CUT + 200 < at < BACK)
    assert states[-1][1] == 0.0


def test_what_stands_is_filled_in_from_its_beginning(journal: Journal) -> None:
    """A finding that began during the cut and goes on is there from when it was announced."""
    table = Timetable(agents=TWO_AGENTS)
    table.fail("bac-binh-switch", 1200.0)
    hear(journal, Engine(table.inventory), cut_off(table, 4500.0))
    finding = of(told(journal), "finding_active", device="bac-binh-switch", rule="reachability")
    times = [at for at, _ in finding]
    assert 1200.0 <= times[0] <= 1270.0
    assert times[-1] > 4430.0
    assert times == sorted(set(times))
    assert max(round(b - a, 3) for a, b in itertools.pairwise(times)) <= 60.0
