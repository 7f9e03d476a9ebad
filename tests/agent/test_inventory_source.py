"""Where the inventory comes from: a folder that changes, a collector that may be away."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response

from agent.config import CollectorSettings
from agent.inventory_source import CollectorSource, FolderSource, InventoryWatch
from agent.push import collector_client
from inventory.inventory import Inventory
from inventory.load import load_inventory
from telemetry.errors import CollectorUnreachable, ConfigError, InventoryError
from tests.agent.fake_collector import FakeCollector, collector_at

pytestmark = pytest.mark.anyio

HEAD = """
district: {id: d, name: D, timezone: Asia/Ho_Chi_Minh, language: vi}
sites: [{id: office, name: Office, kind: commune}]
"""


def device(name: str) -> str:
    """One router `rN` with an address of its own."""
    return f"  - {{id: {name}, site: office, class: router, address: 127.0.0.{name[1:]}}}\n"


def write(folder: Path, *devices: str) -> None:
    folder.mkdir(exist_ok=True)
    text = HEAD + "devices:\n" + "".join(map(device, devices))
    (folder / "all.yaml").write_text(text)


def ids(inventory: Inventory | None) -> list[str]:
    return [found.id for found in inventory.devices] if inventory else []


async def test_a_folder_is_read_again_when_it_changes(tmp_path: Path) -> None:
    """Nothing new costs no reading; a changed, a new and a removed file are noticed."""
    write(tmp_path / "inv", "r1")
    source = FolderSource(tmp_path / "inv")
    assert ids(await source.first()) == ["r1"]
    assert await source.fetch(force=False) is None
    write(tmp_path / "inv", "r1", "r2")
    assert ids(await source.fetch(force=False)) == ["r1", "r2"]
    (tmp_path / "inv" / "more.yaml").write_text("devices:\n" + device("r3"))
    assert ids(await source.fetch(force=False)) == ["r1", "r2", "r3"]
    (tmp_path / "inv" / "more.yaml").unlink()
    assert ids(await source.fetch(force=False)) == ["r1", "r2"]
    assert ids(await source.fetch(force=True)) == ["r1", "r2"]


async def test_a_broken_file_keeps_the_old_inventory(tmp_path: Path) -> None:
    """What was good stays in force, the sentence is told until it is mended."""
    write(tmp_path / "inv", "r1")
    used: list[list[str]] = []
    watch = InventoryWatch(FolderSource(tmp_path / "inv"), lambda inv: used.append(ids(inv)))
    await watch.begin()
    (tmp_path / "inv" / "all.yaml").write_text(HEAD + "devises: []\n")
    for _ in range(2):
        await watch.look()
        assert "line 4" in watch.problem
        assert 'did you mean "devices"?' in watch.problem
    assert ids(watch.current) == ["r1"]
    write(tmp_path / "inv", "r2")
    await watch.look()
    assert (watch.problem, used) == ("", [["r1"], ["r2"]])


async def test_a_wrong_folder_is_told_at_the_start(tmp_path: Path) -> None:
    """There is no old one to keep: the agent does not start."""
    watch = InventoryWatch(FolderSource(tmp_path / "none"), lambda inv: None)
    with pytest.raises(InventoryError, match="there is no such folder"):
        await watch.begin()


async def test_hurry_looks_at_once(tmp_path: Path) -> None:
    """SIGHUP reads the folder even where its files look unchanged."""
    write(tmp_path / "inv", "r1")
    used: asyncio.Queue[list[str]] = asyncio.Queue()
    source = FolderSource(tmp_path / "inv", seconds=3600)
    watch = InventoryWatch(source, lambda inv: used.put_nowait(ids(inv)))
    await watch.begin()
    assert await used.get() == ["r1"]
    running = asyncio.create_task(watch.run())
    watch.hurry.set()
    assert await asyncio.wait_for(used.get(), 5) == ["r1"]
    running.cancel()


@asynccontextmanager
async def client_of(fake: FakeCollector) -> AsyncIterator[httpx.AsyncClient]:
    settings = CollectorSettings.model_validate({"url": fake.url, "token": "mine"})
    async with collector_client(settings, 5.0) as client:
        yield client


def serving(folder: Path, asked: list[str]):  # type: ignore[no-untyped-def]
    """Answers as the collector does: by token, with an ETag."""

    def answer(request: Request) -> Response:
        asked.append(request.headers.get("If-None-Match", ""))
        assert request.headers["Authorization"] == "Bearer mine"
        text = load_inventory(folder).to_json(reveal_secrets=True)
        etag = f'"{hash(text)}"'
        if request.headers.get("If-None-Match") == etag:
            return Response(status_code=304, headers={"ETag": etag})
        return Response(text, media_type="application/json", headers={"ETag": etag})

    return answer


async def test_the_collectors_inventory_is_kept_for_when_it_is_away(tmp_path: Path) -> None:
    """Asked with its ETag; cached 0600; after a restart without a collector it is there at once."""
    write(tmp_path / "inv", "r1")
    cache = tmp_path / "inventory.json"
    asked: list[str] = []
    async with collector_at() as fake:
        fake.inventory = serving(tmp_path / "inv", asked)
        async with client_of(fake) as client:
            source = CollectorSource(client, cache)
            assert await source.first() is None
            assert ids(await source.fetch(force=False)) == ["r1"]
            assert await source.fetch(force=False) is None
            write(tmp_path / "inv", "r1", "r2")
            assert ids(await source.fetch(force=False)) == ["r1", "r2"]
            assert asked[0] == ""
            assert asked[1] == asked[2] != ""
    assert stat.S_IMODE(cache.stat().st_mode) == 0o600
    async with client_of(fake) as client:
        source = CollectorSource(client, cache)
        assert ids(await source.first()) == ["r1", "r2"]
        with pytest.raises(CollectorUnreachable, match="The collector gave no inventory"):
            await source.fetch(force=False)


async def test_the_watch_goes_on_with_the_cache(tmp_path: Path) -> None:
    """The collector is away: the cached inventory is in force, the problem is told, and then mended."""
    write(tmp_path / "inv", "r1")
    used: list[list[str]] = []
    async with collector_at() as fake, client_of(fake) as client:
        watch = InventoryWatch(
            CollectorSource(client, tmp_path / "cache"), lambda inv: used.append(ids(inv))
        )
        await watch.begin()
        await watch.look()
        assert "HTTP 404" in watch.problem
        assert watch.current is None
        fake.inventory = serving(tmp_path / "inv", [])
        await watch.look()
        assert (watch.problem, used) == ("", [["r1"]])
        fake.inventory = lambda request: Response("<html>login</html>", status_code=200)
        await watch.look()
        assert "The inventory received as JSON" in watch.problem
        assert ids(watch.current) == ["r1"]


async def test_a_ruined_cache_is_passed_over(tmp_path: Path) -> None:
    """Half a file, a foreign file, an inventory of another shape: as if there were none."""
    cache = tmp_path / "inventory.json"
    async with collector_at() as fake, client_of(fake) as client:
        for content in ("{", "[]", '{"inventory": "{}"}', '{"other": 1}'):
            cache.write_text(content)
            assert await CollectorSource(client, cache).first() is None


async def test_a_planted_link_is_not_written_through(tmp_path: Path) -> None:
    """A symbolic link in the place of the cache: the victim stays as it is, and it is told."""
    write(tmp_path / "inv", "r1")
    (tmp_path / "victim").write_text("precious")
    cache = tmp_path / "inventory.json"
    cache.symlink_to(tmp_path / "victim")
    async with collector_at() as fake, client_of(fake) as client:
        fake.inventory = serving(tmp_path / "inv", [])
        with pytest.raises(ConfigError, match="symbolic link"):
            await CollectorSource(client, cache).fetch(force=False)
    assert (tmp_path / "victim").read_text() == "precious"


async def test_an_endless_inventory_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than any district needs is refused before it fills the memory."""
    monkeypatch.setattr("agent.inventory_source.MAX_INVENTORY_BYTES", 1000)
    async with collector_at() as fake, client_of(fake) as client:
        fake.inventory = lambda request: Response("x" * 100_000)
        with pytest.raises(CollectorUnreachable, match="beyond all measure"):
            await CollectorSource(client, tmp_path / "cache").fetch(force=False)
