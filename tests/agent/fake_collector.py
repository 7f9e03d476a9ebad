"""A collector for tests: real HTTP on port 0, answers as told, records what it accepted."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from telemetry.remotewrite import SeriesCache, decode
from telemetry.sample import Series

Point = tuple[Series, int]


@dataclass(slots=True)
class Arrived:
    """One accepted request: its points in the order of the wire, and its headers."""

    points: list[tuple[Series, int, float]]
    headers: dict[str, str]


@dataclass(slots=True)
class FakeCollector:
    """Records requests. `script`: answers still to be given before the usual 204.

    judge: called with each decoded request, may return an answer of its own. hang: while set, no
    request is answered. Like the real one it knows a sample by (series, timestamp).
    """

    port: int = 0
    tls: bool = False
    script: deque[Response] = field(default_factory=deque)
    judge: Callable[[Arrived], Response | None] = lambda arrived: None
    hang: asyncio.Event | None = None
    accepted: list[Arrived] = field(default_factory=list)
    requests: int = 0
    got_one: asyncio.Event = field(default_factory=asyncio.Event)
    inventory: Callable[[Request], Response] = lambda request: Response(status_code=404)
    enrolments: list[object] = field(default_factory=list)
    enrolment: Response | None = None
    _cache: SeriesCache = field(default_factory=SeriesCache)

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    def seen(self) -> dict[Point, float]:
        """Every sample that arrived, each once."""
        return {(s, at): value for a in self.accepted for s, at, value in a.points}

    def values(self) -> list[float]:
        """The values in order of arrival, repeats included."""
        return [value for arrived in self.accepted for _, _, value in arrived.points]

    async def until(self, enough: Callable[[], bool], seconds: float = 20) -> None:
        """Waits for an arrival after which `enough()` holds."""
        async with asyncio.timeout(seconds):
            while not enough():
                self.got_one.clear()
                await self.got_one.wait()

    async def write(self, request: Request) -> Response:
        body = await request.body()
        self.requests += 1
        try:
            if self.hang is not None:
                await self.hang.wait()
            if self.script:
                return self.script.popleft()
            batch = decode(body, self._cache).batch
            points = [
                (p.series, at, value)
                for p in batch.points
                for at, value in zip(p.timestamps_ms, p.values, strict=True)
            ]
            arrived = Arrived(points, dict(request.headers))
            if (answer := self.judge(arrived)) is not None:
                return answer
            if points:
                self.accepted.append(arrived)
            return Response(status_code=204)
        finally:
            self.got_one.set()

    async def enroll(self, request: Request) -> Response:
        self.enrolments.append(await request.json())
        return self.enrolment or JSONResponse({"detail": "unknown token"}, status_code=403)

    async def give_inventory(self, request: Request) -> Response:
        return self.inventory(request)


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]
        yield


@contextlib.asynccontextmanager
async def collector_at(
    port: int = 0, tls: ssl.SSLContext | None = None
) -> AsyncIterator[FakeCollector]:
    """A running collector; with `tls` it speaks https."""
    fake = FakeCollector(tls=tls is not None)
    app = Starlette(
        routes=[
            Route("/api/v1/write", fake.write, methods=["POST"]),
            Route("/api/v1/enroll", fake.enroll, methods=["POST"]),
            Route("/api/v1/agents/me/inventory", fake.give_inventory),
        ]
    )
    listening = socket.create_server(("127.0.0.1", port))
    fake.port = listening.getsockname()[1]
    config = uvicorn.Config(
        app, log_config=None, lifespan="off", ws="none", timeout_graceful_shutdown=1
    )
    config.load()
    config.ssl = tls
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield fake
    finally:
        server.should_exit = True
        if fake.hang is not None:
            fake.hang.set()
        await serving
        listening.close()
