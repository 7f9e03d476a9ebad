"""What the journal holds arrives in real stores, whatever they answer on the way."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from collector.config import StoreSettings
from collector.database import open_database
from collector.forward import MAX_MESSAGE_BYTES, Forwarder
from collector.forward_place import SETTLED_SECONDS, ForwardPositions, Place
from collector.journal import Draft, EntryKind, Journal
from collector.journals import open_journal
from inventory.credentials import Secret
from telemetry.remotewrite import SeriesCache, decode, decode_message, encode
from telemetry.sample import Batch, Series, SeriesPoints
from tests.programs import Program, prometheus, victoria_metrics

pytestmark = pytest.mark.anyio


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = open_journal(f"sqlite:///{tmp_path}/journal.db")
    yield opened
    opened.close()


@pytest.fixture
def positions(tmp_path: Path) -> Iterator[ForwardPositions]:
    database = open_database(f"sqlite:///{tmp_path}/collector.db", now=1.0)
    yield ForwardPositions(database)
    database.close()


def entry(number: int, at_ms: int, *, series: int = 20) -> Draft:
    """One burst's worth of samples, all at the same time."""
    points = tuple(
        SeriesPoints(
            Series("icmp_loss_ratio", (("device", f"device-{n}"), ("site", "bac-binh"))),
            (at_ms,),
            (number / 1000 + n,),
        )
        for n in range(series)
    )
    return Draft(EntryKind.SAMPLES, at_ms, "bac-binh", encode(Batch(points)), at_ms, at_ms)


def fill(journal: Journal, entries: int, *, series: int = 20) -> int:
    """Entries of the last minutes, with ticks between them; returns how many samples."""
    start_ms = int(time.time() * 1000) - entries * 1000
    for number in range(entries):
        journal.append(
            [
                entry(number, start_ms + number * 1000, series=series),
                Draft(EntryKind.TICK, start_ms, "", b""),
            ]
        )
    return entries * series


class Store:
    """A store over a real socket that answers as it is told: (status, headers), then always 204."""

    def __init__(self, *answers: tuple[int, dict[str, str]]) -> None:
        self.answers = list(answers)
        self.refuse: Callable[[bytes], int] | None = None
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.url = ""

    @asynccontextmanager
    async def serving(self) -> Any:
        server = await asyncio.start_server(self._connection, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/api/v1/write"
        try:
            yield self
        finally:
            server.close()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (h.partition(": ") for h in head[1:])}
        body = await reader.readexactly(int(headers["content-length"]))
        self.requests.append((headers, body))
        status, extra = self.answers.pop(0) if self.answers else (204, {})
        if self.refuse is not None:
            status = self.refuse(body)
        if status:  # 0: hang up without a word
            fields = "".join(f"{name}: {value}\r\n" for name, value in extra.items())
            reply = f"HTTP/1.1 {status} X\r\n{fields}Content-Length: 0\r\nConnection: close\r\n\r\n"
            if status == 204:
                reply = "HTTP/1.1 204 X\r\nConnection: close\r\n\r\n"
            writer.write(reply.encode())
            await writer.drain()
        writer.close()

    def samples(self) -> int:
        """How many samples all requests held together."""
        return sum(decode(body, SeriesCache()).batch.sample_count() for _, body in self.requests)


def settings(url: str, **more: Any) -> StoreSettings:
    return StoreSettings.model_validate({"name": "store", "url": url, **more})


async def run_until(forwarder: Forwarder, condition: Callable[[], bool]) -> None:
    """Runs the forwarder until the condition holds; fails after 30 s."""
    task = asyncio.create_task(forwarder.run())
    try:
        await until(lambda: task.done() or condition())
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - the figures are what is waited for
            await asyncio.sleep(0.005)


async def until_caught_up(forwarder: Forwarder, journal: Journal) -> None:
    await run_until(forwarder, lambda: forwarder.stats.position >= journal.last_seq())


def recorded_sleep(waits: list[float]) -> Callable[[float], Awaitable[None]]:
    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    return sleep


def count_in_prometheus(store: Program) -> float:
    answer = store.get("/api/v1/query", query="sum(count_over_time(icmp_loss_ratio[1d]))").json()
    return float(answer["data"]["result"][0]["value"][1])


def count_in_victoria_metrics(store: Program) -> int:
    store.get("/internal/force_flush")
    lines = store.get("/api/v1/export", **{"match[]": "icmp_loss_ratio"}).text.splitlines()
    return sum(len(json.loads(line)["values"]) for line in lines)


async def test_a_real_prometheus_takes_it_all(
    tmp_path: Path, journal: Journal, positions: ForwardPositions
) -> None:
    """As many samples in the store as in the journal, also after it was away."""
    samples = fill(journal, 50)
    with prometheus(tmp_path) as store:
        forwarder = Forwarder(settings(f"{store.url}/api/v1/write"), journal, positions)
        await until_caught_up(forwarder, journal)
        assert count_in_prometheus(store) == samples
        assert forwarder.stats.delivered == 50
        assert forwarder.pending() == forwarder.stats.passed_over == 0

        again = Forwarder(settings(f"{store.url}/api/v1/write"), journal, positions)
        samples += 20
        journal.append([entry(51, int(time.time() * 1000))])
        await until_caught_up(again, journal)
        assert again.stats.delivered == 1  # it went on from where the first one was
        assert count_in_prometheus(store) == samples


async def test_a_real_prometheus_refuses_a_poisoned_entry(
    tmp_path: Path, journal: Journal, positions: ForwardPositions
) -> None:
    """An entry that is out of order for it is passed over; those around it arrive."""
    now_ms = int(time.time() * 1000)
    with prometheus(tmp_path) as store:
        forwarder = Forwarder(settings(f"{store.url}/api/v1/write"), journal, positions)
        journal.append([entry(1, now_ms - 3000)])
        await until_caught_up(forwarder, journal)
        journal.append([entry(2, now_ms - 600_000), entry(3, now_ms - 1000)])
        await until_caught_up(forwarder, journal)
        assert count_in_prometheus(store) == 2 * 20
    assert (forwarder.stats.delivered, forwarder.stats.passed_over) == (2, 1)
    assert forwarder.stats.failures == {"http_400": 2}  # both together, then the one


async def test_a_prometheus_that_takes_late_samples(
    tmp_path: Path, journal: Journal, positions: ForwardPositions
) -> None:
    """With its window for out-of-order samples set, a backlog arrives whole."""
    now_ms = int(time.time() * 1000)
    times = (now_ms - 3000, now_ms - 600_000, now_ms - 599_000, now_ms - 1000)
    config = "storage: {tsdb: {out_of_order_time_window: 1d}}\n"
    with prometheus(tmp_path, config) as store:
        forwarder = Forwarder(settings(f"{store.url}/api/v1/write"), journal, positions)
        for number, at_ms in enumerate(times):
            journal.append([entry(number, at_ms)])
            await until_caught_up(forwarder, journal)
        assert count_in_prometheus(store) == 4 * 20


async def test_a_real_victoria_metrics_takes_it_all(
    tmp_path: Path, journal: Journal, positions: ForwardPositions
) -> None:
    """As many samples in the store as in the journal."""
    samples = fill(journal, 50)
    with victoria_metrics(tmp_path) as store:
        forwarder = Forwarder(settings(f"{store.url}/api/v1/write"), journal, positions)
        await until_caught_up(forwarder, journal)
        assert count_in_victoria_metrics(store) == samples


async def test_what_is_said_to_a_store(journal: Journal, positions: ForwardPositions) -> None:
    """The headers of remote-write 1.0, and who asks."""
    fill(journal, 3)
    async with Store().serving() as store:
        bearer = settings(store.url, token=Secret("plain", "canary"))
        await until_caught_up(Forwarder(bearer, journal, positions), journal)
        journal.append([entry(9, 1)])
        basic = settings(store.url, user="lan", password=Secret("plain", "x"))
        await until_caught_up(Forwarder(basic, journal, positions), journal)
    (first, _), (second, _) = store.requests
    assert first["content-encoding"] == "snappy"
    assert first["content-type"] == "application/x-protobuf"
    assert first["x-prometheus-remote-write-version"] == "0.1.0"
    assert first["authorization"] == "Bearer canary"
    assert second["authorization"] == "Basic bGFuOng="


async def test_a_store_in_trouble_is_tried_again(
    journal: Journal, positions: ForwardPositions
) -> None:
    """Longer and longer, as long as it asks for, and nothing is given up for a wrong token."""
    fill(journal, 1)
    waits: list[float] = []
    troubles = [
        (500, {}),
        (429, {"Retry-After": "40"}),
        (401, {}),
        (404, {}),
        (0, {}),
        (503, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}),
        (302, {"Location": "http://127.0.0.1/"}),
        (503, {"Retry-After": "999999"}),
    ]
    async with Store(*troubles).serving() as store:
        forwarder = Forwarder(
            settings(store.url), journal, positions, sleep=recorded_sleep(waits), jitter=lambda: 0.5
        )
        await until_caught_up(forwarder, journal)
    assert waits == [0.75, 40.0, 3.0, 6.0, 12.0, 24.0, 48.0, 300.0]
    assert len({body for _, body in store.requests}) == 1
    assert forwarder.stats.delivered == 1
    assert forwarder.stats.failures["unreachable"] == 1
    assert forwarder.stats.failures["http_503"] == 2


async def test_a_store_that_is_away(journal: Journal, positions: ForwardPositions) -> None:
    """Nobody listens at first; when somebody does, it gets everything."""
    samples = fill(journal, 5)
    async with Store().serving() as gone:
        url = gone.url
    store = Store()
    back = asyncio.Event()

    async def sleep(_: float) -> None:
        if not store.url:
            port = int(url.split(":")[2].split("/")[0])
            server = await asyncio.start_server(store._connection, "127.0.0.1", port)
            store.url = url
            asyncio.get_running_loop().create_task(_close_after(server, back))

    await until_caught_up(Forwarder(settings(url), journal, positions, sleep=sleep), journal)
    back.set()
    assert store.samples() == samples


async def _close_after(server: asyncio.Server, event: asyncio.Event) -> None:
    await event.wait()
    server.close()


async def test_one_bad_entry_does_not_take_the_others(
    journal: Journal, positions: ForwardPositions
) -> None:
    """The store refuses whatever holds the third entry."""
    fill(journal, 5)
    bad = next(e for e in journal.read() if e.seq == 5).payload

    bad_points = set(decode_message(bad, SeriesCache()).batch.points)

    def refuse(body: bytes) -> int:
        return 400 if bad_points & set(decode(body, SeriesCache()).batch.points) else 204

    async with Store().serving() as store:
        store.refuse = refuse
        forwarder = Forwarder(settings(store.url), journal, positions)
        await until_caught_up(forwarder, journal)
    assert (forwarder.stats.delivered, forwarder.stats.passed_over) == (4, 1)
    assert len(store.requests) == 6


async def test_requests_are_bounded(journal: Journal, positions: ForwardPositions) -> None:
    """A long backlog goes out in pieces, and the largest single entry whole."""
    samples = fill(journal, 5, series=7000)
    assert all(len(e.payload) > MAX_MESSAGE_BYTES / 2 for e in journal.read() if e.payload)
    async with Store().serving() as store:
        await until_caught_up(Forwarder(settings(store.url), journal, positions), journal)
    assert store.samples() == samples
    assert len(store.requests) >= 3


async def test_growth_wakes_it(journal: Journal, positions: ForwardPositions) -> None:
    """What is appended while it waits goes out when it is told so."""
    async with Store().serving() as store:
        forwarder = Forwarder(settings(store.url), journal, positions)
        task = asyncio.create_task(forwarder.run())
        for number in range(3):
            journal.append([entry(number, 1000 + number)])
            forwarder.wake()
            await until(lambda: forwarder.stats.position == journal.last_seq())
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    assert store.samples() == 60


async def test_a_new_journal_is_forwarded_from_its_start(
    journal: Journal, positions: ForwardPositions
) -> None:
    """When the journal was lost and begun anew, the old place means nothing."""
    positions.put("store", 1000)
    samples = fill(journal, 2)
    async with Store().serving() as store:
        forwarder = Forwarder(settings(store.url), journal, positions)
        await run_until(forwarder, lambda: forwarder.stats.delivered == 2)
    assert store.samples() == samples


async def test_a_journal_that_fails_is_tried_again(
    tmp_path: Path, positions: ForwardPositions
) -> None:
    """Forwarding goes on by itself when the journal can be read again."""
    journal = open_journal(f"sqlite:///{tmp_path}/journal.db")
    fill(journal, 1)
    journal.close()  # every read fails from here on
    waits: list[float] = []
    failing = asyncio.Event()

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        failing.set()
        await asyncio.Event().wait()

    forwarder = Forwarder(settings("http://127.0.0.1:9/"), journal, positions, sleep=sleep)
    await run_until(forwarder, failing.is_set)
    assert waits == [10.0]
    assert forwarder.stats.failures == {"own_storage": 1}


async def test_after_a_crash_the_last_minute_comes_again(
    journal: Journal, positions: ForwardPositions
) -> None:
    """What a store has kept for a minute is not sent twice; what is fresher is, after a crash."""
    now = [0.0]
    for number in range(3):
        journal.append([entry(number, 1000 + number)])
    async with Store().serving() as store:
        running = Forwarder(settings(store.url), journal, positions, clock=lambda: now[0])
        task = asyncio.create_task(running.run())
        await until(lambda: running.stats.position == 3)
        now[0] = SETTLED_SECONDS
        journal.append([entry(3, 1003)])
        running.wake()
        await until(lambda: running.stats.position == 4)
        assert running.stats.settled == positions.get("store") == 3  # what a crash leaves behind
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        assert positions.get("store") == 4  # an orderly end leaves nothing to repeat


def test_a_place_goes_back_once_and_then_on() -> None:
    """A line that breaks every minute repeats each entry once, not for ever."""
    now = [0.0]
    place = Place(0, clock=lambda: now[0])
    assert not place.fall_back()
    for seq in (1, 2, 3):
        now[0] += 40.0
        place.take(seq)
    assert (place.settled, place.taken) == (1, 3)
    assert place.fall_back()
    assert place.taken == 1
    assert not place.fall_back()
    place.take(3)
    assert not place.fall_back()
    place.take(4)
    assert place.fall_back()
    assert place.taken == 3


async def test_a_store_that_was_away_gets_the_last_minute_again(
    journal: Journal, positions: ForwardPositions
) -> None:
    """It may have died with what it had only answered for; nothing newer comes before that."""
    samples = fill(journal, 3)
    waits: list[float] = []
    async with Store().serving() as store:
        forwarder = Forwarder(settings(store.url), journal, positions, sleep=recorded_sleep(waits))
        await until_caught_up(forwarder, journal)
        store.answers = [(0, {}), (0, {})]
        journal.append([entry(9, 9000)])
        await until_caught_up(forwarder, journal)
    assert len(waits) == 2
    sizes = [decode(body, SeriesCache()).batch.sample_count() for _, body in store.requests]
    assert sizes == [samples, 20, samples + 20, samples + 20]
