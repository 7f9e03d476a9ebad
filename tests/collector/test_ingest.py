"""Ingest: what is acknowledged is in the journal, exactly once; what is not is told in a sentence."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import cramjam
import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.enrolment import Enrolled
from collector.ingest_limits import IngestLimits
from collector.journal import Draft, Entry, EntryKind, Journal
from collector.journals import open_journal
from collector.untimely import Untimely, read_untimely
from telemetry.errors import DatabaseError, JournalError
from telemetry.remotewrite import compress, encode
from telemetry.sample import Batch, Sample, SeriesPoints
from tests.collector.pushing import HEADERS, NOW_MS, Desk, body_of, kept, push, series

pytestmark = pytest.mark.anyio

ROUTER = series(device="bac-binh-router", class_="router", site="bac-binh", agent="bac-binh")
SWITCH = series(device="bac-binh-switch", class_="lan_switch", site="bac-binh", agent="bac-binh")


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = open_journal(f"sqlite:///{tmp_path}/journal.db")
    yield opened
    opened.close()


@pytest.fixture
def desk(journal: Journal) -> Desk:
    return Desk(journal)


def at(target: object, *offsets_ms: int, value: float = 0.5) -> list[Sample]:
    return [Sample(target, NOW_MS + offset, value) for offset in offsets_ms]  # type: ignore[arg-type]


def is_problem(response: httpx.Response, status: int, sentence: str) -> None:
    """A problem document with one sentence."""
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    document = response.json()
    assert document["status"] == status
    assert sentence in document["detail"]
    assert "\n" not in document["detail"]
    assert document["detail"].endswith(".")


async def test_what_is_acknowledged_is_in_the_journal(desk: Desk) -> None:
    """With the sender's name, the collector's time and the range of the samples' times."""
    samples = [*at(ROUTER, -2000, 0), *at(SWITCH, -1000, value=math.inf)]
    async with desk.open() as client:
        response = await push(client, *samples)
    assert response.status_code == 204
    assert response.content == b""
    assert kept(desk.journal) == samples
    (entry,) = desk.journal.read()
    assert (entry.kind, entry.source, entry.at_ms) == (EntryKind.SAMPLES, "bac-binh", NOW_MS)
    assert desk.journal.newest_sample_ms("bac-binh") == NOW_MS
    assert list(desk.journal.overlapping("bac-binh", 0, NOW_MS - 2000)) == [entry]
    assert desk.ingest.stats.accepted == 3
    assert not desk.ingest.stats.rejected
    assert desk.woken == 1


@pytest.mark.parametrize("restarted", [False, True])
async def test_a_repeat_changes_nothing(desk: Desk, restarted: bool) -> None:
    """The same request again, also after a restart and with new samples in between."""
    first = [*at(ROUTER, -3000, -2000), *at(SWITCH, -3000)]
    second = [*at(ROUTER, -2000, -1000), *at(SWITCH, -2000)]
    async with desk.open() as client:
        await push(client, *first)
    if restarted:
        desk.restart()
    async with desk.open() as client:
        for samples in (first, second, first, second):
            assert (await push(client, *samples)).status_code == 204
    assert sorted(kept(desk.journal), key=repr) == sorted({*first, *second}, key=repr)
    assert desk.ingest.stats.rejected["duplicate"] == 10


async def test_late_samples_are_kept(desk: Desk) -> None:
    """A timestamp below the newest is new if the journal does not hold it, wherever it falls."""
    async with desk.open() as client:
        await push(client, *at(ROUTER, -9000, -5000, -1000))
        await push(client, *at(ROUTER, -10_000, -9000, -7000, -5000, 0), *at(SWITCH, -100_000))
        await push(client, *at(ROUTER, -86_400_000, -7000, -3_600_000))
    offsets = sorted(s.timestamp_ms - NOW_MS for s in kept(desk.journal) if s.series == ROUTER)
    assert offsets == [-86_400_000, -3_600_000, -10_000, -9000, -7000, -5000, -1000, 0]
    assert desk.ingest.stats.rejected == {"duplicate": 3}


async def test_repeats_within_a_request(desk: Desk) -> None:
    """Of two samples with one identity the first stands, also in different series blocks."""
    points = [(ROUTER, (NOW_MS, NOW_MS), (1.0, 2.0)), (ROUTER, (NOW_MS - 1, NOW_MS), (0.0, 3.0))]
    message = encode(Batch(tuple(SeriesPoints(*each) for each in points)))
    async with desk.open() as client:
        response = await client.post("/api/v1/write", content=compress(message))
    assert response.status_code == 204
    assert kept(desk.journal) == [*at(ROUTER, -1, value=0.0), *at(ROUTER, 0, value=1.0)]
    assert desk.ingest.stats.rejected == {"duplicate": 2}


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    pushes=st.lists(
        st.tuples(
            st.lists(st.tuples(st.sampled_from([ROUTER, SWITCH]), st.integers(-20, 20))),
            st.booleans(),
        ),
        max_size=8,
    )
)
def test_any_order_of_pushes_and_restarts(
    tmp_path_factory: pytest.TempPathFactory, pushes: list[tuple[list[tuple[object, int]], bool]]
) -> None:
    """Whatever is pushed, in whatever order, with restarts between: each sample once."""
    journal = open_journal(f"sqlite:///{tmp_path_factory.mktemp('any')}/journal.db")
    desk = Desk(journal)

    async def all_pushes() -> None:
        for samples, restart in pushes:
            async with desk.open() as client:
                body = [sample for target, step in samples for sample in at(target, step * 60_000)]
                past = [s._replace(timestamp_ms=s.timestamp_ms - 1_200_000) for s in body]
                assert (await push(client, *past)).status_code == 204
            if restart:
                desk.restart()

    asyncio.run(all_pushes())
    found = [(sample.series, sample.timestamp_ms) for sample in kept(journal)]
    journal.close()
    wanted = {
        (s, NOW_MS + step * 60_000 - 1_200_000) for samples, _ in pushes for s, step in samples
    }
    assert len(found) == len(set(found))
    assert set(found) == wanted


async def test_the_agent_label_is_the_credentials(desk: Desk) -> None:
    """What the sender says of itself is overwritten; strings in labels are made harmless."""
    lying = series(
        device="bac-binh-router", site="bac-binh", agent="tu-du", alias="a\x1b[31m\u202eb"
    )
    async with desk.open() as client:
        await push(client, *at(lying, 0))
    (sample,) = kept(desk.journal)
    assert sample.series == series(
        device="bac-binh-router", site="bac-binh", agent="bac-binh", alias="a[31mb"
    )


async def test_samples_without_a_site_are_of_the_agents_own(desk: Desk) -> None:
    """Such as those of the agent about itself, or of a plain Prometheus."""
    async with desk.open() as client:
        await push(client, *at(series("agent_buffer_samples"), 0), *at(series("up", job="x"), 0))
    assert {sample.series.label("site") for sample in kept(desk.journal)} == {"bac-binh"}


async def test_foreign_sites_are_left_out(desk: Desk) -> None:
    """By the label, and by the inventory when the label lies; watched devices and services come in."""
    desk.sites.update({"tu-du-router": "tu-du", "core-1": "district-office"})
    desk.enrol("bac-binh", "bac-binh", watch=["core-1"])
    good = [
        *at(ROUTER, 0),
        *at(series(device="core-1", site="district-office"), 0),
        *at(series(device="one-stop", site="bac-binh", class_="service"), 0),
    ]
    foreign = [
        *at(series(device="tu-du-router", site="tu-du"), 0),
        *at(series(device="tu-du-router", site="bac-binh"), 0),
        *at(series(device="tu-du-router"), 0),
        *at(series("agent_buffer_samples", site="tu-du"), 0, 1),
    ]
    async with desk.open() as client:
        assert (await push(client, *good, *foreign)).status_code == 204
        is_problem(await push(client, *foreign), 403, "may not write about these sites")
    assert {s.series.label("device") for s in kept(desk.journal)} == {
        "bac-binh-router",
        "core-1",
        "one-stop",
    }
    assert len(kept(desk.journal)) == 3
    assert desk.ingest.stats.rejected["foreign_site"] == 10


async def test_what_an_agent_may_write_can_change(desk: Desk) -> None:
    """A new credential, or a new inventory, counts from the next request on."""
    desk.sites["tu-du-router"] = "tu-du"
    other = series(device="tu-du-router", site="tu-du", agent="bac-binh")
    async with desk.open() as client:
        assert (await push(client, *at(other, 0))).status_code == 403
        desk.enrol("bac-binh", "bac-binh", "tu-du")
        assert (await push(client, *at(other, 0))).status_code == 204
        desk.sites["tu-du-router"] = "xuan-hoa"
        desk.admission.forget_sites()
        assert (await push(client, *at(other, 1))).status_code == 403
    assert kept(desk.journal) == at(other, 0)


async def test_times_that_cannot_be(desk: Desk) -> None:
    """1970, 2071, seconds for milliseconds: kept out, and the right ones that follow come in."""
    in_seconds = Sample(ROUTER, NOW_MS // 1000, 0.5)
    wrong = [in_seconds, Sample(ROUTER, 3_202_070_400_000, 0.5), *at(ROUTER, 600_001)]
    async with desk.open() as client:
        assert (await push(client, *wrong, *at(ROUTER, 0))).status_code == 204
        is_problem(await push(client, *wrong), 400, "No sample could be used: future, too_old")
        await push(client, *at(ROUTER, 600_000, 1000))
    assert sorted(s.timestamp_ms - NOW_MS for s in kept(desk.journal)) == [0, 1000, 600_000]
    assert desk.ingest.stats.rejected == {"future": 4, "too_old": 2}


async def test_push_out_of_time_is_noted(desk: Desk) -> None:
    """When nothing of a push can be taken for its time, the journal says so: once in a while, with the
    sender's own time and never with a sample.
    """
    future = at(ROUTER, 700_000, 1_200_000)
    async with desk.open() as client:
        for _ in range(3):
            assert (await push(client, *future)).status_code == 400
        await push(client, *future, *at(ROUTER, 0))
    clock, samples = desk.journal.read()
    assert (clock.kind, clock.source, clock.at_ms) == (EntryKind.CLOCK, "bac-binh", NOW_MS)
    assert read_untimely(clock.payload) == Untimely("bac-binh", NOW_MS / 1000.0 + 1200.0)
    assert samples.kind is EntryKind.SAMPLES
    assert desk.ingest.stats.rejected == {"future": 8}


async def test_a_request_with_bad_series(desk: Desk) -> None:
    """The good are kept; a request with nothing good in it is refused."""
    stale = Sample(SWITCH, NOW_MS, float.fromhex("nan"))
    bad = Sample(series("bad-name"), NOW_MS, 1.0)
    async with desk.open() as client:
        assert (await push(client, bad, *at(ROUTER, 0))).status_code == 204
        is_problem(await push(client, bad), 400, "No sample could be used: invalid_name")
        assert (await push(client)).status_code == 204
        assert (await push(client, stale)).status_code == 204
    assert len(kept(desk.journal)) == 2
    assert desk.ingest.stats.rejected == {"invalid_name": 2}


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer  ", "Bearer nobody", "Basic YTpi", "bac-binh"]
)
async def test_strangers(desk: Desk, authorization: str) -> None:
    """401, and how to do better."""
    headers = {"Authorization": authorization}
    async with desk.open() as client:
        response = await client.post("/api/v1/write", content=b"x", headers=headers)
    is_problem(response, 401, "bearer token")
    assert response.headers["www-authenticate"] == "Bearer"
    assert desk.ingest.stats.rejected == {"unauthorized": 1}


async def test_the_revoked(desk: Desk) -> None:
    """403, as for an agent whose sites are all gone."""
    desk.credentials["old"] = Enrolled("old", ("a",), (), 0.0, revoked_at=1.0)
    desk.credentials["siteless"] = Enrolled("siteless", (), (), 0.0, None)
    async with desk.open() as client:
        for agent in ("old", "siteless"):
            is_problem(await push(client, *at(ROUTER, 0), agent=agent), 403, "may not write")
    assert kept(desk.journal) == []


async def test_nobody_is_let_in_while_agents_cannot_be_looked_up(desk: Desk) -> None:
    """A database that is away is no reason to drop samples: come again."""

    def broken(_: str) -> Enrolled | None:
        raise DatabaseError("the database is away")

    desk.ingest._authenticate = broken
    async with desk.open() as client:
        response = await push(client, *at(ROUTER, 0))
    is_problem(response, 503, "cannot take samples")
    assert response.headers["retry-after"] == "10"


async def test_who_comes_is_asked_before_the_body_is_read(desk: Desk) -> None:
    """Not one byte of a stranger's body is taken, nor of one with wrong headers."""
    taken = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal taken
        taken += 1
        yield b"x"

    async with desk.open() as client:
        for headers, status in (
            ({"Authorization": "Bearer nobody"}, 401),
            ({"Content-Encoding": "gzip"}, 415),
            ({"Content-Length": str(5 << 20)}, 413),
        ):
            scope = client.build_request("POST", "/api/v1/write", content=body(), headers=headers)
            sent: list[dict[str, object]] = []

            async def receive() -> dict[str, object]:
                raise AssertionError("the body was asked for")

            async def send(
                message: dict[str, object], sent: list[dict[str, object]] = sent
            ) -> None:
                sent.append(message)

            await desk.app(_asgi(scope), receive, send)  # type: ignore[arg-type]
            assert sent[0]["status"] == status
    assert taken == 0


def _asgi(request: httpx.Request) -> dict[str, object]:
    return {
        "type": "http",
        "http_version": "1.1",
        "method": request.method,
        "path": request.url.path,
        "raw_path": request.url.raw_path,
        "query_string": b"",
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "scheme": "http",
        "server": ("collector", 80),
        "client": ("127.0.0.1", 1),
    }


@pytest.mark.parametrize(
    ("headers", "status", "sentence"),
    [
        ({"Content-Encoding": "gzip"}, 415, "compressed with snappy"),
        ({"Content-Encoding": "identity"}, 415, "compressed with snappy"),
        ({"Content-Type": "text/plain"}, 415, "remote-write 1.0"),
        (
            {"Content-Type": "application/x-protobuf;proto=io.prometheus.write.v2.Request"},
            415,
            "remote-write 1.0",
        ),
        ({"Content-Length": "many"}, 400, "Content-Length"),
        ({"Content-Length": "9" * 30}, 413, "larger than"),
    ],
)
async def test_wrong_headers(
    desk: Desk, headers: dict[str, str], status: int, sentence: str
) -> None:
    """One sentence each."""
    async with desk.open() as client:
        request = client.build_request("POST", "/api/v1/write", content=body_of(*at(ROUTER, 0)))
        request.headers.update(headers)
        is_problem(await client.send(request), status, sentence)
    assert kept(desk.journal) == []


async def test_the_long_name_of_version_1(desk: Desk) -> None:
    """As senders of remote-write 2.0 fall back to it."""
    headers = {"Content-Type": "application/x-protobuf; proto=prometheus.WriteRequest"}
    async with desk.open() as client:
        response = await client.post(
            "/api/v1/write", content=body_of(*at(ROUTER, 0)), headers=headers
        )
    assert response.status_code == 204


@pytest.mark.parametrize(
    "body",
    [b"", b"not snappy at all", b"\xff\xff\xff\xff\x0f\x00", cramjam.snappy.compress_raw(b"\x0b")],
)
async def test_malformed_bodies(desk: Desk, body: object) -> None:
    """400, counted, and nothing is stored."""
    async with desk.open() as client:
        response = await client.post("/api/v1/write", content=bytes(body))  # type: ignore[call-overload]
    is_problem(response, 400, "the body")
    assert desk.ingest.stats.rejected == {"malformed": 1}
    assert desk.journal.last_seq() == 0


async def test_bodies_without_a_length_are_bounded_too(journal: Journal) -> None:
    """Chunk by chunk, to the limit and no farther."""
    desk = Desk(journal, limits=IngestLimits(max_body_bytes=1000))
    chunks = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal chunks
        while True:
            chunks += 1
            yield b"x" * 100

    async with desk.open() as client:
        is_problem(await client.post("/api/v1/write", content=endless()), 413, "than 1000 bytes")
    assert chunks <= 12


class FailingJournal:
    """A journal that refuses for a while, as on a full disk; and lets the test hold an append."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.failing = False
        self.appends: list[int] = []

    def append(self, drafts: Sequence[Draft]) -> list[Entry]:
        if self.failing:
            raise JournalError("the journal does not work: database or disk is full")
        self.appends.append(len(drafts))
        return self._journal.append(drafts)

    def __getattr__(self, name: str) -> object:
        return getattr(self._journal, name)


async def test_a_journal_that_takes_nothing(journal: Journal) -> None:
    """503 and when to come again; what was refused is new when it comes again."""
    failing = FailingJournal(journal)
    desk = Desk(failing)  # type: ignore[arg-type]
    failing.failing = True
    async with desk.open() as client:
        for _ in range(2):
            response = await push(client, *at(ROUTER, 0))
            is_problem(response, 503, "cannot take samples")
            assert response.headers["retry-after"] == "10"
        failing.failing = False
        assert (await push(client, *at(ROUTER, 0))).status_code == 204
    assert kept(journal) == at(ROUTER, 0)
    assert desk.ingest.stats.rejected == {"journal": 2}


async def test_pushes_at_the_same_time_share_a_transaction(journal: Journal) -> None:
    """Twenty agents, two commits or a few; and none is answered before its own."""
    counting = FailingJournal(journal)
    desk = Desk(counting)  # type: ignore[arg-type]
    agents = [f"agent-{n}" for n in range(20)]
    for agent in agents:
        desk.enrol(agent, "bac-binh")
    async with desk.open() as client:
        answers = await asyncio.gather(*(push(client, *at(ROUTER, 0), agent=a) for a in agents))
    assert {answer.status_code for answer in answers} == {204}
    assert {sample.series.label("agent") for sample in kept(journal)} == set(agents)
    assert sum(counting.appends) == 20
    assert len(counting.appends) <= 10


async def test_the_same_push_twice_at_the_same_time(desk: Desk) -> None:
    """A client that gave up waiting and came again: both are answered, the sample is there once."""
    async with desk.open() as client:
        answers = await asyncio.gather(*(push(client, *at(ROUTER, 0)) for _ in range(10)))
    assert {answer.status_code for answer in answers} == {204}
    assert kept(desk.journal) == at(ROUTER, 0)
    assert desk.ingest.stats.rejected == {"duplicate": 9}


async def test_the_series_of_one_agent_are_capped(journal: Journal) -> None:
    """429 and when to come again; other agents and the series it has already are not hurt."""
    desk = Desk(journal, max_series=10)
    desk.enrol("tu-du", "tu-du")
    own = [at(series(device=f"d{n}", site="bac-binh"), 0)[0] for n in range(10)]
    async with desk.open() as client:
        assert (await push(client, *own)).status_code == 204
        response = await push(client, *at(series(device="d10", site="bac-binh"), 0))
        is_problem(response, 429, "more series than one agent may have")
        assert response.headers["retry-after"] == "300"
        again = [sample._replace(timestamp_ms=NOW_MS + 1) for sample in own]
        assert (await push(client, *again)).status_code == 204
        other = at(series(device="x", site="tu-du"), 0)
        assert (await push(client, *other, agent="tu-du")).status_code == 204
    assert len(kept(journal)) == 21
    assert desk.ingest.stats.rejected == {"series_cap": 1}


async def test_series_that_ended_make_room(journal: Journal) -> None:
    """What had no sample for a day is forgotten, and still not taken twice when it comes back."""
    desk = Desk(journal, max_series=2)
    old = [*at(series(device="a", site="bac-binh"), 0), *at(series(device="b", site="bac-binh"), 0)]
    day = 86_400_000
    async with desk.open() as client:
        await push(client, *old)
        desk.now_ms += day + 1
        assert (
            await push(client, *at(series(device="c", site="bac-binh"), day))
        ).status_code == 204
        assert (await push(client, *old[:1])).status_code == 204  # a repeat
        late = at(series(device="d", site="bac-binh"), -5000)
        assert (await push(client, *late)).status_code == 204
    assert len(kept(journal)) == 4
    assert desk.ingest.stats.rejected == {"duplicate": 1}


async def test_after_the_stop_nothing_is_taken(desk: Desk) -> None:
    """Come again, when another process serves."""
    async with desk.open():
        pass
    transport = httpx.ASGITransport(desk.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://collector") as client:
        client.headers.update(HEADERS)
        is_problem(await push(client, *at(ROUTER, 0)), 503, "cannot take samples")


async def test_bodies_that_wait_are_bounded_together(journal: Journal) -> None:
    """The third of three large bodies is told to come again; room is given back afterwards."""
    desk = Desk(journal, limits=IngestLimits(max_queued_bytes=250, max_body_bytes=200))
    hold = asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield b"x" * 100
        await hold.wait()

    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(desk.app),
        base_url="http://collector",
        headers={**HEADERS, "Authorization": "Bearer bac-binh"},
    ) as client:
        runner = asyncio.create_task(desk.ingest.run())
        waiting = [
            asyncio.create_task(client.post("/api/v1/write", content=slow())) for _ in range(2)
        ]
        while desk.ingest._queued_bytes < 200:  # noqa: ASYNC110 - no event tells it
            await asyncio.sleep(0)
        response = await client.post("/api/v1/write", content=b"y" * 100)
        is_problem(response, 503, "More is being taken in")
        hold.set()
        await asyncio.gather(*waiting)
        assert desk.ingest._queued_bytes == 0
        runner.cancel()


async def test_a_body_that_takes_too_long(journal: Journal) -> None:
    """408; the way in is free again."""
    desk = Desk(journal, limits=IngestLimits(body_seconds=0.05))

    async def never() -> AsyncIterator[bytes]:
        yield b"x"
        await asyncio.Event().wait()

    async with desk.open() as client:
        is_problem(await client.post("/api/v1/write", content=never()), 408, "took too long")
    assert desk.ingest._queued_bytes == 0


async def test_a_client_that_hangs_up(desk: Desk) -> None:
    """Half a body is no request."""
    request = httpx.Request("POST", "http://collector/api/v1/write", content=b"xyz")
    request.headers.update({**HEADERS, "Authorization": "Bearer bac-binh"})
    messages = [
        {"type": "http.request", "body": b"x", "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent: list[dict[str, object]] = []

    async def receive() -> dict[str, object]:
        return messages.pop(0)

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    await desk.app(_asgi(request), receive, send)  # type: ignore[arg-type]
    assert desk.ingest.stats.rejected == {"cut_off": 1}
    assert desk.ingest._queued_bytes == 0
