"""Pushing: order, what is retried and what is given up, and that no answer costs a backlog."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from email.utils import formatdate
from pathlib import Path

import pytest
import trustme
from starlette.responses import Response

from agent.backoff import Backoff
from agent.buffer import Buffer
from agent.config import CollectorSettings, PushSettings
from agent.keeper import Keeper
from agent.push import HttpSender, Pusher, collector_client
from agent.push_outcome import MAX_RETRY_AFTER, PushReason, outcome_of
from inventory.credentials import Secret
from telemetry.errors import ConfigError
from telemetry.sample import Sample, Series
from tests.agent.fake_collector import Arrived, FakeCollector, collector_at

pytestmark = pytest.mark.anyio

START = 1_700_000_000_000
SERIES = Series("check_up", (("agent", "a"), ("device", "d")))


def samples(first: int, count: int) -> list[Sample]:
    return [Sample(SERIES, START + n, float(n)) for n in range(first, first + count)]


def settings_for(fake: FakeCollector, ca_file: Path | None = None) -> CollectorSettings:
    return CollectorSettings.model_validate(
        {"url": fake.url, "token": "secret-token", "ca_file": ca_file}
    )


@asynccontextmanager
async def keeper_at(folder: Path) -> AsyncIterator[Keeper]:
    path = folder / "buffer.sqlite3"
    keeper = Keeper(
        lambda: Buffer(path, max_bytes=64 << 20, max_age_ms=7 * 86_400_000),
        now=lambda: START / 1000,
    )
    await keeper.open()
    try:
        yield keeper
    finally:
        await keeper.close()


@asynccontextmanager
async def pusher_for(
    fake: FakeCollector, folder: Path, ca_file: Path | None = None, **settings: float
) -> AsyncIterator[Pusher]:
    async with AsyncExitStack() as stack:
        keeper = await stack.enter_async_context(keeper_at(folder))
        timeout = settings.get("timeout", 30.0)
        client = collector_client(settings_for(fake, ca_file), timeout)
        stack.push_async_callback(client.aclose)
        yield Pusher(
            keeper,
            HttpSender(client, now=lambda: 1000.0),
            PushSettings.model_validate(settings),
            backoff=Backoff(dice=lambda: 0.5),
            now=lambda: 1000.0,
        )


async def drain(pusher: Pusher) -> list[float]:
    """Turns until the pusher would wait; what it would wait is the last of the list."""
    waits = [await pusher.turn()]
    while waits[-1] == 0.0:
        waits.append(await pusher.turn())
    return waits


async def test_results_arrive_in_order_with_token_and_headers(tmp_path: Path) -> None:
    """Rows are put together up to the limit, oldest first, and let go of after the 204."""
    async with collector_at() as fake, pusher_for(fake, tmp_path, batch_samples=30) as pusher:
        for n in range(10):
            pusher.keeper.put(samples(n * 10, 10))
        await pusher.keeper.flush()
        assert (await drain(pusher))[-1] == 5.0
        assert fake.values() == [float(n) for n in range(100)]
        assert [len(a.points) for a in fake.accepted] == [30, 30, 30, 10]
        headers = fake.accepted[0].headers
        assert headers["authorization"] == "Bearer secret-token"
        assert headers["content-encoding"] == "snappy"
        assert headers["content-type"] == "application/x-protobuf"
        assert headers["x-prometheus-remote-write-version"] == "0.1.0"
        assert (await pusher.keeper.state()).samples == 0
        assert pusher.state.last_success == 1000.0


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (401, PushReason.CREDENTIAL),
        (403, PushReason.CREDENTIAL),
        (408, PushReason.BUSY),
        (429, PushReason.BUSY),
        (500, PushReason.SERVER),
        (503, PushReason.SERVER),
        (302, PushReason.REDIRECT),
    ],
)
async def test_what_may_pass_is_tried_again(tmp_path: Path, status: int, reason: str) -> None:
    """Such answers cost nothing but time; the reason is counted and everything arrives later."""
    async with collector_at() as fake, pusher_for(fake, tmp_path) as pusher:
        pusher.keeper.put(samples(0, 5))
        await pusher.keeper.flush()
        fake.script.append(
            Response(status_code=status, headers={"Location": "http://127.0.0.1:1/"})
        )
        assert await pusher.turn() == 0.5
        assert pusher.state.failures == {reason: 1}
        assert pusher.state.failing_since == 1000.0
        assert await pusher.turn() == 5.0
        assert fake.values() == [0, 1, 2, 3, 4]
        assert pusher.state.failing_since is None
        assert (await pusher.keeper.state()).dropped == 0


async def test_retry_after_is_honoured(tmp_path: Path) -> None:
    """A number of seconds or a date; jitter comes on top, and a day is cut to ten minutes."""
    async with collector_at() as fake, pusher_for(fake, tmp_path) as pusher:
        pusher.keeper.put(samples(0, 5))
        await pusher.keeper.flush()
        date = formatdate(1000.0 + 90, usegmt=True)
        for header, low in (("17", 17.0), (date, 90.0), ("86400", MAX_RETRY_AFTER)):
            fake.script.append(Response(status_code=429, headers={"Retry-After": header}))
            assert low < await pusher.turn() <= low + 1.0
        for nonsense in ("soon", "nan", "-5"):
            fake.script.append(Response(status_code=503, headers={"Retry-After": nonsense}))
            assert await pusher.turn() < 31


async def test_backoff_grows_to_its_ceiling_and_begins_again() -> None:
    """Full jitter below 1, 2, 4 … 30 seconds; a success begins at the first step."""
    backoff = Backoff(dice=lambda: 1.0)
    assert [backoff.next_wait() for _ in range(7)] == [1, 2, 4, 8, 16, 30, 30]
    backoff.succeeded()
    assert backoff.next_wait() == 1
    assert Backoff(dice=lambda: 0.0).next_wait() == 0


async def test_a_poisoned_row_is_isolated(tmp_path: Path) -> None:
    """One row among forty is refused for ever: it alone goes to the dead letters, the rest arrives."""

    def refuse_23(arrived: Arrived) -> Response | None:
        poisoned = any(value == 23 for _, _, value in arrived.points)
        return Response("no\r\nsuch <b>metric</b>", status_code=400) if poisoned else None

    async with collector_at() as fake, pusher_for(fake, tmp_path) as pusher:
        fake.judge = refuse_23
        for n in range(40):
            pusher.keeper.put(samples(n, 1))
        await pusher.keeper.flush()
        assert (await drain(pusher))[-1] == 5.0
        assert fake.values() == [float(n) for n in range(40) if n != 23]
        state = await pusher.keeper.state()
        assert (state.samples, state.buried, state.dropped) == (0, 1, 0)
        assert pusher.state.failures[PushReason.REFUSED] >= 1
        assert fake.requests < 25


async def test_a_proxy_that_refuses_everything_costs_nothing(tmp_path: Path) -> None:
    """400 to every request, also to an empty one, is not our row's fault: nothing is given up."""
    async with collector_at() as fake, pusher_for(fake, tmp_path) as pusher:
        for n in range(8):
            pusher.keeper.put(samples(n, 1))
        await pusher.keeper.flush()
        fake.judge = lambda arrived: Response(status_code=404)
        for _ in range(5):
            assert await pusher.turn() > 0
        assert (await pusher.keeper.state()).buried == 0
        fake.judge = lambda arrived: None
        await drain(pusher)
        assert fake.values() == [float(n) for n in range(8)]


async def test_a_request_too_large_for_the_collector_is_halved(tmp_path: Path) -> None:
    """413 to more than 10 samples: smaller requests go through in order, nothing is given up."""
    async with collector_at() as fake, pusher_for(fake, tmp_path) as pusher:
        fake.judge = lambda a: Response(status_code=413) if len(a.points) > 10 else None
        for n in range(32):
            pusher.keeper.put(samples(n, 1))
        await pusher.keeper.flush()
        await drain(pusher)
        assert fake.values() == [float(n) for n in range(32)]
        assert (await pusher.keeper.state()).buried == 0


async def test_trouble_in_the_middle_of_isolating_loses_nothing(tmp_path: Path) -> None:
    """The collector goes away while the row at fault is being looked for: later all the rest comes."""
    async with collector_at() as fake, pusher_for(fake, tmp_path) as pusher:
        for n in range(16):
            pusher.keeper.put(samples(n, 1))
        await pusher.keeper.flush()
        fake.script.extend([Response(status_code=400), Response(status_code=503)])
        assert await pusher.turn() == 0.5
        assert (await pusher.keeper.state()).samples == 16
        await drain(pusher)
        assert fake.values() == [float(n) for n in range(16)]


async def test_a_collector_that_is_away_or_hangs(tmp_path: Path) -> None:
    """Nobody at the port, and one that never answers: two reasons, and everything waits."""
    async with collector_at() as fake, pusher_for(fake, tmp_path, timeout=0.2) as pusher:
        pusher.keeper.put(samples(0, 5))
        await pusher.keeper.flush()
        fake.hang = asyncio.Event()
        assert await pusher.turn() > 0
        assert pusher.state.failures == {PushReason.TIMEOUT: 1}
    away = FakeCollector(port=fake.port)
    async with pusher_for(away, tmp_path) as pusher:
        assert await pusher.turn() > 0
        assert pusher.state.failures == {PushReason.NETWORK: 1}
        assert pusher.state.failures_by_name() == {"network": 1}
        assert (await pusher.keeper.state()).samples == 5


def tls_pair(folder: Path) -> tuple[ssl.SSLContext, Path]:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    ca_file = folder / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    return context, ca_file


async def test_only_our_own_collector_is_trusted(tmp_path: Path) -> None:
    """With the right authority results go; an impostor with another one gets none, and no token."""
    context, ca_file = tls_pair(tmp_path)
    other = trustme.CA()
    other_file = tmp_path / "other.pem"
    other.cert_pem.write_to_path(str(other_file))
    async with collector_at(tls=context) as fake:
        async with pusher_for(fake, tmp_path, ca_file=other_file) as pusher:
            pusher.keeper.put(samples(0, 5))
            await pusher.keeper.flush()
            assert await pusher.turn() > 0
            assert pusher.state.failures == {PushReason.TLS: 1}
            assert fake.requests == 0
        async with pusher_for(fake, tmp_path, ca_file=ca_file) as pusher:
            await drain(pusher)
            assert fake.values() == [0, 1, 2, 3, 4]


async def test_a_wrong_authority_file_is_told(tmp_path: Path) -> None:
    """One sentence naming the file, at the start and not at the first push."""
    (tmp_path / "ca.pem").write_text("nothing")
    settings = CollectorSettings.model_validate(
        {"url": "https://127.0.0.1:1", "token": "x", "ca_file": tmp_path / "ca.pem"}
    )
    with pytest.raises(ConfigError, match=r"ca\.pem: no usable CA certificate"):
        collector_client(settings, 1.0)


async def test_a_fault_of_our_own_does_not_end_pushing(tmp_path: Path) -> None:
    """An unexpected exception is counted as internal, with its traceback, and tried again."""
    async with collector_at() as fake, pusher_for(fake, tmp_path) as pusher:
        pusher.keeper.put(samples(0, 5))
        await pusher.keeper.flush()
        good = pusher.sender

        class Broken:
            async def send(self, message: bytes):  # type: ignore[no-untyped-def]
                raise RuntimeError("bug")

        pusher.sender = Broken()
        assert await pusher.turn() > 0
        assert pusher.state.failures == {PushReason.INTERNAL: 1}
        pusher.sender = good
        await drain(pusher)
        assert fake.values() == [0, 1, 2, 3, 4]


async def test_a_backlog_does_not_keep_fresh_results_from_the_disk(tmp_path: Path) -> None:
    """While ten thousand samples drain, new results are committed, and arrive after the old ones."""
    async with collector_at() as fake, pusher_for(fake, tmp_path, batch_samples=500) as pusher:
        for n in range(100):
            pusher.keeper.put(samples(n * 100, 100))
        await pusher.keeper.flush()
        draining = asyncio.create_task(drain(pusher))
        await fake.until(lambda: len(fake.accepted) >= 2)
        pusher.keeper.put(samples(10_000, 1))
        assert await pusher.keeper.flush()
        assert not draining.done()
        await draining
        await drain(pusher)
        assert fake.values() == [float(n) for n in range(10_001)]


def test_no_answer_shows_the_token() -> None:
    """What is kept for people is the collector's answer, never our credential."""
    assert "secret" not in repr(Secret("plain", "secret-token"))
    assert outcome_of(400, None, "bad", 0.0).answer == "HTTP 400 bad"
    assert outcome_of(204, None, "", 0.0).accepted
