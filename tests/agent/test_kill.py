"""A real agent process, killed at any moment: what it had committed arrives, each sample once."""

from __future__ import annotations

import asyncio
import random
import shutil
import signal
import sys
from pathlib import Path

import pytest
import yaml
from starlette.responses import Response

from agent.buffer import Buffer
from telemetry.remotewrite import SeriesCache, decode_message
from tests.agent.fake_collector import FakeCollector, Point, collector_at

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[2]
TARGETS = 12


def write_settings(folder: Path, collector_url: str, target_port: int) -> Path:
    inventory = folder / "inventory"
    inventory.mkdir()
    services = [
        {
            "id": f"service-{n}",
            "name": f"Dịch vụ {n}",
            "tcp": f"127.0.0.1:{target_port}",
            "from": ["office"],
            "checks": {"tcp": {"interval": "1s", "timeout": "0.5s"}},
        }
        for n in range(TARGETS)
    ]
    document = {
        "district": {"id": "d", "name": "D", "timezone": "Asia/Ho_Chi_Minh", "language": "vi"},
        "sites": [{"id": "office", "name": "Office", "kind": "commune"}],
        "services": services,
    }
    (inventory / "all.yaml").write_text(yaml.safe_dump(document, allow_unicode=True))
    settings = {
        "agent": "office",
        "site": "office",
        "inventory": "inventory",
        "collector": {"url": collector_url, "token": "x"},
        "listen": "127.0.0.1:0",
        "state_dir": "state",
        "push": {"interval": "0.1s"},
    }
    path = folder / "agent.yaml"
    path.write_text(yaml.safe_dump(settings))
    return path


def committed(folder: Path, copy: Path) -> dict[Point, float]:
    """What a killed agent left in its buffer, read from a copy so that nothing is disturbed."""
    copy.mkdir()
    for file in (folder / "state").glob("buffer.sqlite3*"):
        shutil.copy(file, copy / file.name)
    buffer = Buffer(copy / "buffer.sqlite3", max_bytes=64 << 20, max_age_ms=10**12)
    assert buffer.state().dropped == 0
    found: dict[Point, float] = {}
    for row in buffer.oldest(1 << 40, 1 << 40):
        for points in decode_message(row.payload, SeriesCache()).batch.points:
            for at, value in zip(points.timestamps_ms, points.values, strict=True):
                found[(points.series, at)] = value
    buffer.close()
    assert not (copy / "buffer.sqlite3.damaged").exists()
    return found


async def start(settings: Path, log: Path) -> asyncio.subprocess.Process:
    with log.open("ab") as stream:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "agent", "--config", settings, cwd=ROOT, stderr=stream
        )


async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


def first_arrivals(fake: FakeCollector) -> list[int]:
    """Timestamps of the heartbeat in the order in which they first arrived."""
    found: dict[int, None] = {}
    for arrived in fake.accepted:
        for series, at, _ in arrived.points:
            if series.name == "agent_info":
                found.setdefault(at)
    return list(found)


async def test_kill_at_any_moment_loses_nothing_committed(tmp_path: Path) -> None:
    """Four kills -9 at random moments, the collector away now and then: nothing committed is missing."""
    dice = random.Random(2026)
    target = await asyncio.start_server(accept, "127.0.0.1", 0)
    expected: dict[Point, float] = {}
    async with target, collector_at() as fake:
        settings = write_settings(tmp_path, fake.url, target.sockets[0].getsockname()[1])
        for life in range(4):
            away = life % 2 == 1
            fake.judge = (lambda a: Response(status_code=503)) if away else (lambda a: None)
            requests = fake.requests
            process = await start(settings, tmp_path / "log")
            wanted = dice.randint(1, 2)
            await fake.until(lambda r=requests, w=wanted: fake.requests >= r + w)
            await asyncio.sleep(dice.random() * 0.8)  # the moment itself is what is random
            process.send_signal(signal.SIGKILL)
            await process.wait()
            expected |= committed(tmp_path, tmp_path / f"copy-{life}")
        fake.judge = lambda a: None
        process = await start(settings, tmp_path / "log")
        await fake.until(lambda: expected.keys() <= fake.seen().keys())
        process.terminate()
        assert await asyncio.wait_for(process.wait(), 10) == 0, (tmp_path / "log").read_text()
        left = committed(tmp_path, tmp_path / "copy-end")
        assert not left, "a clean stop sends what waits"
    assert len(expected) > 60
    seen = fake.seen()
    assert {point: seen[point] for point in expected} == expected
    told: dict[Point, float] = {}
    for arrived in fake.accepted:
        for series, at, value in arrived.points:
            assert told.setdefault((series, at), value) == value
    assert first_arrivals(fake) == sorted(first_arrivals(fake))
    assert len(first_arrivals(fake)) >= 5
    ends = {v for (series, _), v in seen.items() if series.name == "agent_last_stop_clean"}
    assert ends == {0.0}, "whoever was killed was cut off"


async def test_a_wrong_configuration_is_one_sentence(tmp_path: Path) -> None:
    """`python -m agent` with a wrong file: one line on standard error, exit code 2, no traceback."""
    (tmp_path / "agent.yaml").write_text("agent: office\nsite: office\nlisen: x\ninventory: .\n")
    log = tmp_path / "log"
    process = await start(tmp_path / "agent.yaml", log)
    assert await process.wait() == 2
    lines = log.read_text().splitlines()
    assert len(lines) == 1
    assert "line 3" in lines[0]
    assert 'did you mean "listen"?' in lines[0]
