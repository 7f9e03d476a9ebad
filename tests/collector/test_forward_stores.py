"""Two real stores behind a whole collector: killed, away for an hour, late, restarted – nothing is
missing, nothing is there twice.
"""

from __future__ import annotations

import itertools
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from collector.config import CollectorConfig
from collector.database import open_database
from collector.forward_place import ForwardPositions
from telemetry import catalogue as c
from telemetry.remotewrite import compress, encode
from telemetry.sample import batch_of
from tests.collector.fakes import (
    AGENT_TOKEN,
    Clock,
    Running,
    collector_running,
    config_in,
    wait_for,
)
from tests.collector.stores import (
    DEDUP,
    LATE,
    Point,
    in_prometheus,
    in_victoria_metrics,
    journaled,
)
from tests.programs import Program, free_port, prometheus, victoria_metrics


@dataclass
class Stores:
    """A Prometheus and a VictoriaMetrics that can be killed and come back with what they kept."""

    folder: Path
    ports: tuple[int, int] = field(default_factory=lambda: (free_port(), free_port()))
    running: list[Program] = field(default_factory=list)
    _stack: ExitStack = field(default_factory=ExitStack)

    def start(self) -> None:
        prom, victoria = self.ports
        self.running = [
            self._stack.enter_context(prometheus(self.folder, LATE, port=prom)),
            self._stack.enter_context(victoria_metrics(self.folder, DEDUP, port=victoria)),
        ]

    def kill(self) -> None:
        """`kill -9`, by pid."""
        for program in self.running:
            program.process.kill()
            program.process.wait()

    def end(self) -> None:
        self._stack.close()

    def config(self, folder: Path) -> CollectorConfig:
        urls = [f"http://127.0.0.1:{port}/api/v1/write" for port in self.ports]
        return config_in(
            folder,
            f"forward: [{{name: prometheus, url: '{urls[0]}'}}, {{name: victoria, url: '{urls[1]}'}}]",
        )

    def agree(self, state_dir: Path) -> Counter[Point]:
        """Asserts that both hold exactly what the journals hold; returns that."""
        ours = journaled(state_dir, "journal.db") + journaled(state_dir, "verdicts.db")
        assert set(ours.values()) == {1}
        theirs = [in_prometheus(self.running[0]), in_victoria_metrics(self.running[1])]
        for held in theirs:
            assert held == ours, (
                f"missing {list(ours - held)[:3]} of {(ours - held).total()}, "
                f"too many {list(held - ours)[:3]} of {(held - ours).total()}"
            )
        return ours

    def value(self, query: str, at: float) -> list[dict[str, str]]:
        """The labels of the series that Prometheus gives for a query at a moment."""
        answer = self.running[0].get("/api/v1/query", query=query, time=f"{at:.3f}").json()
        return [series["metric"] for series in answer["data"]["result"]]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    """Stores for the tests that do not kill them."""
    stores = Stores(tmp_path_factory.mktemp("stores"))
    stores.start()
    yield stores
    stores.end()


def caught_up(running: Running) -> None:
    """Returns when every store has taken everything that is meant for it."""
    collector = running.collector
    wait_for(lambda: collector.judging._kept_seq >= collector.journal.last_seq())
    wait_for(lambda: not any(collector.forwarding.pending().values()), 60)


def test_killed_in_mid_stream_and_away_for_an_hour(tmp_path: Path) -> None:
    """`kill -9` while samples flow, an hour of event time without them: counts agree exactly."""
    stores = Stores(tmp_path / "stores")
    stores.start()
    clock = Clock(float(int(time.time()) - 5400))
    config = stores.config(tmp_path)
    try:
        with collector_running(config, clock) as running:
            running.measure(10)
            for _ in range(3):
                running.measure(1, gone={"switch", "room", "pc"})
            stores.kill()
            running.measure(120)
            stores.start()
            running.measure(2)
            caught_up(running)
            ours = stores.agree(config.state_dir)
        names = Counter(dict(labels)["__name__"] for labels, _ in ours)
        assert names["check_up"] == 135 * 4
        assert names["device_health"] >= 60 * 6 * 5
        assert names["finding_active"] > 1
    finally:
        stores.end()


def test_an_hour_late_shows_at_its_own_time(shared: Stores, tmp_path: Path) -> None:
    """What an office measured while it was cut off is found when it happened, in both stores."""
    clock = Clock(float(int(time.time()) - 5400))
    config = shared.config(tmp_path)
    with collector_running(config, clock) as running:
        running.measure(4)
        begun = clock.now
        backlog = []
        for step in range(1, 121):
            at_ms = int((begun + 30.0 * step) * 1000)
            reading = c.ICMP_RTT_P90.reading(step / 1000)
            identity = {"site": "bac-binh", "device": "pc", "class": "workstation"}
            backlog.append(reading.sample({**identity, "agent": "centre"}, at_ms))
        clock.now += 3600.0
        running.measure(2)
        answer = running.http.post(
            "/api/v1/write",
            content=compress(encode(batch_of(backlog))),
            headers={"Authorization": f"Bearer {AGENT_TOKEN}", "Content-Encoding": "snappy"},
        )
        assert answer.status_code == 204
        running.measure(1)
        caught_up(running)
        ours = shared.agree(config.state_dir)
    late = {at_ms for labels, at_ms in ours if ("__name__", "icmp_rtt_p90_seconds") in labels}
    assert late == {round((begun + 30.0 * step) * 1000) for step in range(1, 121)}
    (half_way,) = (
        shared.running[0]
        .get("/api/v1/query", query="icmp_rtt_p90_seconds", time=f"{begun + 1800:.3f}")
        .json()["data"]["result"]
    )
    assert float(half_way["value"][1]) == 0.06


def test_a_finding_that_is_over_ends_at_once(shared: Stores, tmp_path: Path) -> None:
    """While it stands it is 1, afterwards the series is gone, not stale for five minutes."""
    clock = Clock(float(int(time.time()) - 1500))
    with collector_running(shared.config(tmp_path), clock) as running:
        running.measure(4)
        running.measure(6, gone={"switch", "room", "pc"})
        broken = clock.now
        running.measure(6)
        caught_up(running)
    assert {"rule": "reachability", "device": "switch"}.items() <= dict(
        *shared.value('finding_active{device="switch"} == 1', broken)
    ).items()
    assert shared.value("finding_active", broken + 120.0) == []
    states = 'device_health{device="switch"} == 1'
    assert [s["state"] for s in shared.value(states, broken)] == ["down"]
    assert [s["state"] for s in shared.value(states, clock.now)] == ["up"]
    one_hot = "sum by (device) (device_health) != 1"
    assert shared.value(one_hot, broken) == shared.value(one_hot, clock.now) == []


def forget_places(config: CollectorConfig) -> None:
    """As after a crash, and worse: the collector believes that no store has taken anything."""
    database = open_database(config.database_url, now=1.0)
    for place in ("prometheus", "prometheus/verdicts", "victoria", "victoria/verdicts"):
        assert ForwardPositions(database).get(place) > 0
        ForwardPositions(database).put(place, 0)
    database.close()


def test_restarts_say_nothing_twice_and_leave_nothing_out(tmp_path: Path) -> None:
    """Whenever the collector is restarted, in a store that takes each sample once at most."""
    stores = Stores(tmp_path / "stores")
    stores.start()
    clock = Clock(float(int(time.time()) - 3600))
    config = stores.config(tmp_path)
    try:
        for gone in ((), ("switch", "room", "pc"), ("switch", "room", "pc"), ()):
            with collector_running(config, clock) as running:
                running.measure(7, gone)
                caught_up(running)
        ours = stores.agree(config.state_dir)
        forget_places(config)
        with collector_running(config, clock) as running:
            caught_up(running)
        assert stores.agree(config.state_dir) >= ours
    finally:
        stores.end()
    by_series: dict[frozenset[tuple[str, str]], list[int]] = {}
    for labels, at_ms in ours:
        by_series.setdefault(labels, []).append(at_ms)
    health = [t for labels, t in by_series.items() if ("__name__", "device_health") in labels]
    for times in map(sorted, health):
        gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
        assert max(gaps) <= 60_000


def test_what_fails_is_counted(tmp_path: Path) -> None:
    """A store that is away, and what it lacks, are on `/metrics`."""
    url = f"http://127.0.0.1:{free_port()}/api/v1/write"
    config = config_in(tmp_path, f"forward: [{{name: gone, url: '{url}'}}]")
    with collector_running(config, Clock()) as running:
        running.measure(1)
        failed = 'ltmon_forward_failures_total{reason="unreachable",store="gone"}'
        wait_for(lambda: failed in running.http.get("/metrics").text)
        pending = 'ltmon_forward_pending_entries{store="gone"} '
        (lacking,) = [
            line.removeprefix(pending)
            for line in running.http.get("/metrics").text.splitlines()
            if line.startswith(pending)
        ]
        assert float(lacking) > 0
