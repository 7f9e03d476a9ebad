"""The agent as a whole, started inside a test: from a check to the collector, page and log."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import time
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response

from agent.__main__ import main
from agent.app import Agent, run_agent, running_agent
from agent.config import AgentConfig, TrapSettings
from agent.log import FieldFormatter
from agent.probe import Reason, Result, Target
from agent.probes.path import PathProbe
from inventory.check import PathCheck
from inventory.inventory import Inventory
from telemetry.catalogue import TCP_CONNECT
from tests.agent.fake_collector import FakeCollector, collector_at
from tests.agent.traps.senders import LINK_DOWN_V2C, send

pytestmark = pytest.mark.anyio

START = 1_700_000_000.0


class CountingProbe:
    """Succeeds with a running number as its reading, fails for targets called `dead…`."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.closed = False
        self._was_asked = asyncio.Condition()

    async def check(self, target: Target, options: Any, deadline: float) -> Result:
        at = time.time()
        async with self._was_asked:
            self.asked.append(target.id)
            self._was_asked.notify_all()
        if target.id.startswith("dead"):
            return Result(False, at, 0.01, reason=Reason.REFUSED)
        return Result(True, at, 0.01, (TCP_CONNECT.reading(len(self.asked)),))

    async def close(self) -> None:
        self.closed = True

    async def until(self, enough: Callable[[], bool], seconds: float = 10) -> None:
        """Waits for a question after which `enough()` holds."""
        async with asyncio.timeout(seconds), self._was_asked:
            await self._was_asked.wait_for(enough)


def inventory_of(*services: str, kind: str = "tcp") -> dict[str, Any]:
    return {
        "district": {"id": "d", "name": "D", "timezone": "UTC", "language": "vi"},
        "sites": [{"id": "office", "name": "UBND xã", "kind": "commune"}],
        "services": [
            {
                "id": name,
                "name": name,
                "tcp": "127.0.0.1:9",
                "from": ["office"],
                "checks": {kind: {"interval": "1s", "timeout": "500ms"}},
            }
            for name in services
        ],
    }


def write_inventory(folder: Path, *services: str, **options: str) -> Path:
    folder.mkdir(exist_ok=True)
    # JSON is YAML.
    (folder / "all.yaml").write_text(json.dumps(inventory_of(*services, **options)))
    return folder


def config_for(folder: Path, fake: FakeCollector | None, inventory: Path | None) -> AgentConfig:
    settings: dict[str, Any] = {
        "agent": "office",
        "site": "office",
        "inventory": inventory,
        "listen": "127.0.0.1:0",
        "state_dir": folder / "state",
        "push": {"interval": "0.05s"},
    }
    if fake is not None:
        settings["collector"] = {"url": fake.url, "token": "mine"}
    return AgentConfig.model_validate(settings)


@asynccontextmanager
async def visiting(agent: Agent) -> AsyncIterator[httpx.AsyncClient]:
    address = f"http://127.0.0.1:{agent.port}"
    async with httpx.AsyncClient(base_url=address, trust_env=False) as client:
        yield client


async def promtool(metrics: str) -> tuple[int | None, bytes]:
    """Exit code of `promtool check metrics` and all that it has to say."""
    process = await asyncio.create_subprocess_exec(
        *("promtool", "check", "metrics"), stdin=PIPE, stdout=PIPE, stderr=STDOUT
    )
    said, _ = await process.communicate(metrics.encode())
    return process.returncode, said


async def test_from_a_check_to_the_collector_and_the_page(tmp_path: Path) -> None:
    """What a probe reads arrives with all labels, the heartbeat too; page and metrics show the same."""
    probe = CountingProbe()
    folder = write_inventory(tmp_path / "inv", "portal", "dead-portal")
    async with collector_at() as fake:
        config = config_for(tmp_path, fake, folder)
        async with running_agent(config, {"tcp": lambda: probe}) as agent:
            await fake.until(
                lambda: (
                    {"tcp_connect_seconds", "agent_info", "check_failures_total"}
                    <= {s.name for s, _ in fake.seen()}
                )
            )
            connect = next(s for s, _ in fake.seen() if s.name == "tcp_connect_seconds")
            assert connect.labels == (
                ("agent", "office"),
                ("class", "service"),
                ("device", "portal"),
                ("site", "office"),
            )
            beat = next(s for s, _ in fake.seen() if s.name == "agent_info")
            assert {name for name, _ in beat.labels} == {"agent", "site", "version"}
            async with visiting(agent) as client:
                assert (await client.get("/-/ready")).status_code == 200
                metrics = (await client.get("/metrics")).text
                page = (await client.get("/")).text
            assert await promtool(metrics) == (0, b"")
            assert 'check_up{agent="office",check="tcp",class="service",device="portal"' in metrics
            assert "agent_start_timestamp_seconds" in metrics
            assert "Máy giám sát tại UBND xã" in page
            assert "Đang gửi bình thường" in page
            assert "từ chối kết nối" in page
        assert probe.closed
        asked = len(probe.asked)
        sent = [v for a in fake.accepted for s, _, v in a.points if s.name == "check_up"]
        assert len(sent) == asked, "a clean stop sends every result"


async def test_the_path_between_two_agents(tmp_path: Path) -> None:
    """One agent measures the way to the other's reflector; what stops listening refuses."""
    folder = write_inventory(tmp_path / "inv")
    settings = config_for(tmp_path, None, folder).model_dump()
    reflector = {"listen": "127.0.0.1:0", "peers": "127.0.0.1"}
    config = AgentConfig.model_validate({**settings, "reflector": reflector})
    room = Target("room", "office", "vc_endpoint", "")
    async with running_agent(config, {}) as agent:
        assert agent.reflector is not None
        port = agent.reflector.ports[0]
        check = PathCheck(peer="127.0.0.1", port=port, count=5, spacing=0.005, timeout=0.5)
        result = await PathProbe().check(room, check, 5)
        assert result.ok
        assert agent.reflector.answered == 5
    assert (await PathProbe().check(room, check, 5)).reason is Reason.REFUSED
    async with running_agent(AgentConfig.model_validate(settings), {}) as agent:
        assert agent.reflector is None


async def test_a_trap_has_the_device_asked_again(tmp_path: Path) -> None:
    """At once, in the middle of a long interval; counted in the samples; a stranger's does nothing."""
    probe = CountingProbe()
    folder = write_inventory(tmp_path / "inv")
    described = inventory_of()
    described["credentials"] = [{"id": "lan", "version": "2c", "community": "secret"}]
    described["devices"] = [
        {
            "id": name,
            "site": "office",
            "class": "lan_switch",
            "address": address,
            "snmp": {"credentials": "lan"},
            "checks": {"tcp": {"port": 9, "interval": "1h", "timeout": "1s"}},
        }
        for name, address in (("switch", "127.0.0.1"), ("other", "127.0.0.2"))
    ]
    (folder / "all.yaml").write_text(json.dumps(described))
    async with collector_at() as fake:
        config = config_for(tmp_path, fake, folder).model_copy(
            update={"traps": TrapSettings(listen=("127.0.0.1:0",))}
        )
        async with running_agent(config, {"tcp": lambda: probe}) as agent:
            assert agent.traps is not None
            await probe.until(lambda: set(probe.asked) == {"switch", "other"}, 20)
            asked = probe.asked.count("switch")
            port = agent.traps.ports[0]
            send(LINK_DOWN_V2C, port, "127.0.0.3")
            send(LINK_DOWN_V2C, port)
            await probe.until(lambda: probe.asked.count("switch") > asked)
            assert probe.asked.count("other") == 1
            await fake.until(lambda: any(s.name == "device_traps_total" for s, _ in fake.seen()))
            series = next(s for s, _ in fake.seen() if s.name == "device_traps_total")
            assert series.label("device") == "switch"
            assert series.label("trap") == "linkDown"
            await agent.heartbeat()
            async with visiting(agent) as client:
                metrics = (await client.get("/metrics")).text
            assert await promtool(metrics) == (0, b"")
            assert 'agent_traps_refused_total{agent="office",reason="unknown_sender"' in metrics
            assert 'device_traps_total{agent="office",class="lan_switch",device="switch"' in metrics
            described["devices"].pop(0)
            (folder / "all.yaml").write_text(json.dumps(described))
            await agent.watch.look()
            assert not agent.heard.samples()
        points = [p for a in fake.accepted for p in a.points if p[0].name == "device_traps_total"]
        assert [value for _, _, value in points][:2] == [0, 1]


async def test_the_inventory_of_the_collector(tmp_path: Path) -> None:
    """Not ready without one; ready with it; after a restart without a collector the cached one holds."""
    text = Inventory.model_validate(inventory_of("portal")).to_json(reveal_secrets=True)

    def give(request: Request) -> Response:
        assert request.headers["Authorization"] == "Bearer mine"
        return Response(text, headers={"ETag": '"1"'})

    async with collector_at() as fake:
        config = config_for(tmp_path, fake, None)
        async with (
            running_agent(config, {"tcp": CountingProbe}) as agent,
            visiting(agent) as client,
        ):
            assert (await client.get("/-/ready")).status_code == 503
            fake.inventory = give
            agent.watch.hurry.set()
            await fake.until(lambda: any(s.name == "check_up" for s, _ in fake.seen()))
            assert (await client.get("/-/ready")).status_code == 200
    probe = CountingProbe()
    async with running_agent(config, {"tcp": lambda: probe}) as agent, visiting(agent) as client:
        assert (await client.get("/-/ready")).status_code == 200
        await probe.until(lambda: bool(probe.asked))
        assert "Danh mục thiết bị chưa được cập nhật" in (await client.get("/")).text
    async with collector_at(fake.port) as back:
        async with running_agent(config, {"tcp": CountingProbe}):
            await back.until(lambda: any(s.name == "tcp_connect_seconds" for s, _ in back.seen()))
        arrived = [at for a in back.accepted for s, at, _ in a.points if s.name == "agent_info"]
        assert arrived == sorted(arrived), "what was measured while it was away came first"
        assert len(arrived) >= 2


async def test_a_changed_folder_changes_what_is_asked(tmp_path: Path) -> None:
    """SIGHUP's way: new targets are asked, old ones are not, and vanish from the metrics."""
    probe = CountingProbe()
    folder = write_inventory(tmp_path / "inv", "old")
    async with running_agent(config_for(tmp_path, None, folder), {"tcp": lambda: probe}) as agent:
        await probe.until(lambda: "old" in probe.asked)
        write_inventory(folder, "new")
        agent.watch.hurry.set()
        await probe.until(lambda: "new" in probe.asked)
        asked = probe.asked.count("old")
        await probe.until(lambda: probe.asked.count("new") >= 3)
        assert probe.asked.count("old") <= asked + 1
        async with visiting(agent) as client:
            metrics = (await client.get("/metrics")).text
            assert 'device="new"' in metrics
            assert 'device="old"' not in metrics
            assert "không gửi về trung tâm" in (await client.get("/")).text
        assert not (tmp_path / "state" / "buffer.sqlite3").exists()


async def test_a_kind_without_a_probe_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """An inventory newer than this agent: the check is left out and the log says which."""
    folder = write_inventory(tmp_path / "inv", "portal", kind="tcp")
    with caplog.at_level(logging.WARNING):
        async with running_agent(config_for(tmp_path, None, folder), {}) as agent:
            assert agent.assignments == []
    assert [getattr(r, "check", "") for r in caplog.records] == ["tcp"]


async def test_signals(tmp_path: Path) -> None:
    """SIGHUP reads the inventory anew, SIGTERM ends the agent cleanly."""
    probe = CountingProbe()
    folder = write_inventory(tmp_path / "inv", "old")
    config = config_for(tmp_path, None, folder)
    running = asyncio.create_task(run_agent(config, {"tcp": lambda: probe}))
    await probe.until(lambda: "old" in probe.asked)
    write_inventory(folder, "new")
    os.kill(os.getpid(), signal.SIGHUP)
    await probe.until(lambda: "new" in probe.asked)
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(running, 10)
    assert probe.closed


async def test_a_part_that_ends_ends_the_agent(tmp_path: Path) -> None:
    """No part dies in silence: its exception ends the agent, for the service manager to start anew."""
    folder = write_inventory(tmp_path / "inv", "portal")

    class Ending(CountingProbe):
        """Breaks the schedule's watch from outside, as a bug in it would."""

    config = config_for(tmp_path, None, folder)
    original = Agent.endless

    async def breaks() -> None:
        raise RuntimeError("bug in a part")

    def endless(agent: Agent) -> list[Any]:
        return [*original(agent), breaks()]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Agent, "endless", endless)
        with pytest.raises(RuntimeError, match="bug in a part"):
            await run_agent(config, {"tcp": Ending})


def test_python_m_agent_says_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No such file: one sentence and exit code 2."""
    assert main(["--config", str(tmp_path / "none.yaml")]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_log_lines_are_one_line_and_harmless() -> None:
    """Fields follow the message; device strings and tracebacks cannot break the line or the terminal."""
    record = logging.makeLogRecord({"msg": "check failed", "levelname": "ERROR", "created": START})
    record.target = "evil\x1b[31m\nname"
    record.empty = ""
    record.count = 3
    error = ValueError("bad\nline")
    record.exc_info = (ValueError, error, None)
    line = FieldFormatter().format(record)
    assert "\n" not in line
    assert "\x1b" not in line
    assert line.startswith(
        '2023-11-14T22:13:20Z error check failed target="evil[31m name" empty="" count=3 traceback="'
    )
    assert "ValueError: bad\\nline" in line
