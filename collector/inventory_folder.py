"""The inventory folder, watched: a good change is taken up, a mistake keeps the old one and says
so.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

from inventory.inventory import Inventory
from inventory.load import load_inventory
from telemetry.errors import InventoryError, JournalError

log = logging.getLogger(__name__)

LOOK_SECONDS = 5.0

Fingerprint = tuple[tuple[str, int, int], ...]


class InventoryFolder:
    """current: the inventory with its secrets; problem: what is wrong with the files now, or empty.

    Raises InventoryError at first, when there is no older inventory to go on with.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen = fingerprint(folder)
        self._called = asyncio.Event()
        self.current = load_inventory(folder)
        self.problem = ""

    def call(self) -> None:
        """Look again now (SIGHUP)."""
        self._seen = ()
        self._called.set()

    async def run(self, publish: Callable[[Inventory], Awaitable[None]]) -> None:
        """Publishes the inventory, and again each time that it changed, until cancelled."""
        await publish(self.current)
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._called.wait(), LOOK_SECONDS)
            self._called.clear()
            if await asyncio.to_thread(self.look):
                try:
                    await publish(self.current)
                except JournalError:
                    log.exception("the inventory could not be taken up")
                    self._seen = ()

    def look(self) -> bool:
        """Reads the folder if it changed since the last look; True when there is a new inventory."""
        seen = fingerprint(self._folder)
        if seen == self._seen:
            return False
        self._seen = seen
        try:
            found = load_inventory(self._folder)
        except InventoryError as error:
            self.problem = str(error)
            log.warning("the inventory has a mistake; keeping the old one", extra={"why": error})
            return False
        self.problem = ""
        changed = found != self.current
        self.current = found
        return changed


def fingerprint(folder: Path) -> Fingerprint:
    """Changes when a file of the folder does."""
    found = []
    for path in sorted(folder.glob("*.y*ml")):
        try:
            status = path.stat()
        except OSError:  # it went away while we looked: the next look sees that
            continue
        found.append((path.name, status.st_mtime_ns, status.st_size))
    return tuple(found)
