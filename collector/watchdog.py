"""Tells an outside watchdog that the collector still judges: who watches the watchman."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import httpx

log = logging.getLogger(__name__)

EVERY_SECONDS = 60.0


async def feed_watchdog(
    url: str, turned_lately: Callable[[], bool], every_seconds: float = EVERY_SECONDS
) -> None:
    """GETs `url` regularly while the engine turns, until cancelled. Silence is what raises the
    alarm at the other end, so nothing is sent when the engine stands still.
    """
    async with httpx.AsyncClient(timeout=20.0, follow_redirects=False) as client:
        while True:
            if turned_lately():
                try:
                    await client.get(url)
                except httpx.HTTPError as error:
                    log.warning("the watchdog was not reached", extra={"why": error})
            await asyncio.sleep(every_seconds)
