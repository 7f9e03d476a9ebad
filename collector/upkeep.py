"""Keeps the journal from growing for ever, without giving up what is still needed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from collector.journal import Journal
from telemetry.errors import JournalError

log = logging.getLogger(__name__)

EVERY_SECONDS = 60.0
AT_ONCE = 2000


class Upkeep:
    """Gives up entries that are older than `keep_seconds` and below everything in `needed_from`:
    the newest snapshot, and each store's place.
    """

    def __init__(
        self,
        journal: Journal,
        keep_seconds: float,
        needed_from: Callable[[], int],
        clock: Callable[[], float],
    ) -> None:
        self._journal = journal
        self._keep_seconds = keep_seconds
        self._needed_from = needed_from
        self._clock = clock

    async def run(self) -> None:
        """Looks every minute, until cancelled."""
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            try:
                await asyncio.to_thread(self.turn)
            except JournalError:
                log.exception("the journal could not be shortened")

    def turn(self) -> int:
        """Gives up a bounded number of entries; returns how many."""
        horizon_ms = int((self._clock() - self._keep_seconds) * 1000)
        cut = 0
        for entry in self._journal.read(after=0, limit=AT_ONCE):
            if entry.at_ms >= horizon_ms or entry.seq >= self._needed_from():
                break
            cut = entry.seq
        return self._journal.drop_before(cut + 1) if cut else 0
