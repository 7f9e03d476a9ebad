"""Pushing to an ingest of the test's own: in this process, over real sockets, or none at all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import httpx
from starlette.applications import Starlette
from starlette.routing import Route

from collector.admission import Admission
from collector.enrolment import Enrolled
from collector.ingest import Ingest
from collector.ingest_limits import IngestLimits
from collector.journal import EntryKind, Journal
from telemetry.labels import make_labels
from telemetry.remotewrite import SeriesCache, compress, decode_message, encode
from telemetry.sample import Sample, Series, batch_of

NOW_MS = 1_795_368_377_743
HEADERS = {"Content-Encoding": "snappy", "Content-Type": "application/x-protobuf"}


def series(name: str = "icmp_loss_ratio", **labels: str) -> Series:
    """A series; `class_` stands for the label `class`."""
    return Series(name, make_labels({key.rstrip("_"): value for key, value in labels.items()}))


def body_of(*samples: Sample) -> bytes:
    return compress(encode(batch_of(list(samples))))


def kept(journal: Journal) -> list[Sample]:
    """Every sample in the journal, in order."""
    return [
        Sample(points.series, timestamp, value)
        for entry in journal.read(limit=1_000_000)
        if entry.kind is EntryKind.SAMPLES
        for points in decode_message(entry.payload, SeriesCache()).batch.points
        for timestamp, value in zip(points.timestamps_ms, points.values, strict=True)
    ]


@dataclass
class Desk:
    """An ingest with its journal and clock, whose agents are in `credentials`."""

    journal: Journal
    credentials: dict[str, Enrolled] = field(default_factory=dict)
    sites: dict[str, str] = field(default_factory=dict)
    limits: IngestLimits = field(default_factory=IngestLimits)
    max_series: int = 50_000
    now_ms: int = NOW_MS
    woken: int = 0

    def __post_init__(self) -> None:
        self.enrol("bac-binh", "bac-binh")
        self.restart()

    def enrol(self, agent: str, *sites: str, watch: Iterable[str] = ()) -> None:
        """Lets in an agent whose credential is its name."""
        self.credentials[agent] = Enrolled(agent, sites, tuple(watch), 0.0, None)

    def restart(self) -> None:
        """A new ingest on the same journal, as after a crash."""
        self.admission = Admission(self.journal, self.sites.get, self.max_series)
        self.ingest = Ingest(
            self.journal,
            self.credentials.get,
            self.admission,
            clock=lambda: self.now_ms / 1000,
            on_accepted=self._wake,
            limits=self.limits,
        )
        self.app = Starlette(routes=[Route("/api/v1/write", self.ingest.handle, methods=["POST"])])

    def _wake(self) -> None:
        self.woken += 1

    @asynccontextmanager
    async def open(self) -> AsyncIterator[httpx.AsyncClient]:
        """A client of the running ingest, authenticated as bac-binh."""
        task = asyncio.create_task(self.ingest.run())
        transport = httpx.ASGITransport(self.app)
        headers = {**HEADERS, "Authorization": "Bearer bac-binh"}
        async with httpx.AsyncClient(
            transport=transport, base_url="http://collector", headers=headers
        ) as client:
            yield client
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def push(
    client: httpx.AsyncClient, *samples: Sample, agent: str = "bac-binh"
) -> httpx.Response:
    headers = {"Authorization": f"Bearer {agent}"}
    return await client.post("/api/v1/write", content=body_of(*samples), headers=headers)
