"""Where the inventory comes from, and the watch that hands a new one on while the agent runs."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import httpx

from agent.private_files import write_private
from agent.push import trouble
from inventory.inventory import Inventory
from inventory.load import load_inventory
from telemetry.errors import CollectorUnreachable, InventoryError, LtmonError
from telemetry.labels import clean_text

log = logging.getLogger(__name__)

MAX_INVENTORY_BYTES = 16 << 20

Stamp = tuple[tuple[str, int, int], ...]


class InventorySource(Protocol):
    """One place that an inventory comes from. `seconds`: how often to look whether it changed."""

    seconds: float

    async def first(self) -> Inventory | None:
        """What is at hand at once, without asking anybody; None when nothing is."""
        ...

    async def fetch(self, force: bool) -> Inventory | None:
        """The inventory when it changed since the last call (or `force`), else None.

        Raises LtmonError, one sentence, when it cannot be had or read.
        """
        ...


@dataclass(slots=True)
class FolderSource:
    """A folder of YAML files, read again when a file in it changes."""

    folder: Path
    seconds: float = 5.0
    _stamp: Stamp | None = None
    _refusal: InventoryError | None = None

    async def first(self) -> Inventory | None:
        """The folder as it is; raises InventoryError, so that a wrong one is told at the start."""
        return await self.fetch(force=True)

    async def fetch(self, force: bool) -> Inventory | None:
        """See `InventorySource`. A folder that is wrong stays wrong until a file in it changes."""
        stamp = await asyncio.to_thread(self._look)
        if stamp == self._stamp and not force:
            if self._refusal is not None:
                raise self._refusal
            return None
        self._stamp, self._refusal = stamp, None
        try:
            return await asyncio.to_thread(load_inventory, self.folder)
        except InventoryError as error:
            self._refusal = error
            raise

    def _look(self) -> Stamp:
        with contextlib.suppress(OSError):  # load_inventory says it in a sentence
            facts = [(path.name, path.stat()) for path in sorted(self.folder.glob("*.y*ml"))]
            return tuple((name, fact.st_mtime_ns, fact.st_size) for name, fact in facts)
        return ()


@dataclass(slots=True)
class CollectorSource:
    """What the collector says this agent must ask; kept on disk for when the collector is away."""

    client: httpx.AsyncClient
    cache: Path
    seconds: float = 60.0
    _etag: str = ""

    async def first(self) -> Inventory | None:
        """The inventory received last, also before a restart; None when there was none."""
        if not await asyncio.to_thread(self.cache.is_file):
            return None
        try:
            kept = json.loads(await asyncio.to_thread(self.cache.read_text, encoding="utf-8"))
            inventory = Inventory.from_json(kept["inventory"])
        except (OSError, ValueError, KeyError, TypeError, InventoryError) as error:
            log.warning("cached inventory not usable", extra={"file": self.cache, "error": error})
            return None
        self._etag = str(kept.get("etag", ""))
        return inventory

    async def fetch(self, force: bool) -> Inventory | None:
        """See `InventorySource`; with an ETag, so that nothing new costs one small request."""
        headers = {"If-None-Match": self._etag} if self._etag and not force else {}
        path = "/api/v1/agents/me/inventory"
        try:
            async with self.client.stream("GET", path, headers=headers) as response:
                body = await _bounded(response)
        except httpx.HTTPError as error:
            raise CollectorUnreachable(
                f"The collector gave no inventory: {trouble(error).answer}."
            ) from error
        if response.status_code == 304:
            return None
        if response.status_code != 200:
            raise CollectorUnreachable(
                f"The collector gave no inventory: HTTP {response.status_code} "
                f"{clean_text(body[:300])}."
            )
        text = body.decode("utf-8", errors="replace")
        inventory = Inventory.from_json(text)
        self._etag = response.headers.get("ETag", "")
        kept = json.dumps({"etag": self._etag, "inventory": text})
        await asyncio.to_thread(write_private, self.cache, kept)
        return inventory


async def _bounded(response: httpx.Response) -> bytes:
    body = bytearray()
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) > MAX_INVENTORY_BYTES:
            raise CollectorUnreachable("The collector sent an inventory beyond all measure.")
    return bytes(body)


@dataclass(slots=True)
class InventoryWatch:
    """Hands each new inventory to `use`; what cannot be read leaves the one before in force.

    problem: the sentence that says why the present state is not the newest, empty when it is.
    `hurry` makes it look at once (SIGHUP).
    """

    source: InventorySource
    use: Callable[[Inventory], None]
    problem: str = ""
    current: Inventory | None = None
    hurry: asyncio.Event = field(default_factory=asyncio.Event)

    async def begin(self) -> None:
        """Takes what is at hand; raises LtmonError where a folder is wrong from the start."""
        self._take(await self.source.first())

    async def run(self) -> None:
        """Looks for ever; sooner while there is no inventory at all."""
        while True:
            await self.look(force=self.hurry.is_set())
            wait = self.source.seconds if self.current else min(5.0, self.source.seconds)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.hurry.wait(), wait)

    async def look(self, force: bool = False) -> None:
        """Asks the source once and takes what is new."""
        self.hurry.clear()
        try:
            found = await self.source.fetch(force)
        except (LtmonError, OSError) as error:
            sentence = str(error)
            if sentence != self.problem:
                log.warning("inventory not renewed, the old one stays", extra={"error": sentence})
            self.problem = sentence
            return
        if self.problem:
            log.info("inventory can be read again")
        self.problem = ""
        self._take(found)

    def _take(self, found: Inventory | None) -> None:
        if found is None:
            return
        log.info("inventory taken", extra={"devices": len(found.devices)})
        self.current = found
        self.use(found)
