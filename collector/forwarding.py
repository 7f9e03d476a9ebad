"""All stores together: each follows what was accepted and what was said of it, at its own pace."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

from collector.config import StoreSettings
from collector.evaluate import Engine
from collector.events import Event
from collector.forward import Forwarder
from collector.forward_place import ForwardPositions
from collector.journal import Journal
from collector.upkeep import Upkeep
from collector.verdict_journal import VerdictJournal
from telemetry.errors import JournalError

log = logging.getLogger(__name__)

KEPT_SECONDS = 3600.0
"""How long verdicts are kept that every store has taken."""


class Forwarding:
    """accepted: the journal of samples; said: the one of verdicts, which is written only while there
    are stores, so a store that is named later gets the verdicts from then on.

    Raises ConfigError when a secret of a store cannot be had, JournalError when `said` is broken.
    """

    def __init__(
        self,
        stores: Sequence[StoreSettings],
        accepted: Journal,
        said: Journal,
        positions: ForwardPositions,
        clock: Callable[[], float],
    ) -> None:
        self._samples = [Forwarder(store, accepted, positions) for store in stores]
        self._sayings = [Forwarder(s, said, positions, what="verdicts") for s in stores]
        self._verdicts = VerdictJournal(said, accepted.last_seq(), self._said_more)
        self._upkeep = Upkeep(said, KEPT_SECONDS, self._verdicts_needed_from, clock)

    def endless(self) -> list[Coroutine[Any, Any, None]]:
        """The tasks that run as long as the collector does."""
        if not self._samples:
            return []
        return [self._upkeep.run(), *(f.run() for f in (*self._samples, *self._sayings))]

    def grown(self) -> None:
        """To be called when more was accepted."""
        for forwarder in self._samples:
            forwarder.wake()

    async def listen(self, engine: Engine, events: Sequence[Event]) -> None:
        """To be called after each judged entry, with what it led to."""
        if self._samples:
            self.grown()  # a tick is nothing to forward, but a store that is behind it lacks something
            try:
                await self._verdicts.listen(engine, events)
            except Exception:  # what is said to stores must not stop the judging that it is about
                log.exception("the verdicts could not be said", extra={"seq": engine.seq})

    def needed_from(self) -> list[int]:
        """Per store, the entry of the accepted journal from which on it may ask again."""
        return [forwarder.stats.settled for forwarder in self._samples]

    def pending(self) -> Mapping[str, int]:
        """Per store, the entries of both journals that it lacks; nothing of journals that cannot be
        read: what is not known is absent.
        """
        lacking: Counter[str] = Counter()
        try:
            for forwarder in (*self._samples, *self._sayings):
                lacking[forwarder.name] += forwarder.pending()
        except JournalError:
            log.exception("what the stores lack cannot be counted")
            return {}
        return lacking

    def failures(self) -> Mapping[tuple[str, str], int]:
        """Failed attempts by store and reason; `refused`: entries that a store will never take."""
        failed: Counter[tuple[str, str]] = Counter()
        for forwarder in (*self._samples, *self._sayings):
            for reason, count in forwarder.stats.failures.items():
                failed[forwarder.name, reason] += count
            if forwarder.stats.passed_over:
                failed[forwarder.name, "refused"] += forwarder.stats.passed_over
        return failed

    def _said_more(self) -> None:
        for forwarder in self._sayings:
            forwarder.wake()

    def _verdicts_needed_from(self) -> int:
        return min([self._verdicts.needed_from, *(f.stats.settled for f in self._sayings)])
