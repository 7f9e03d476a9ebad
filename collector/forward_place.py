"""How far each store has come in a journal, and how far for certain."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

import sqlalchemy as sa

from collector.database import Database, forward_positions, upsert

SETTLED_SECONDS = 60.0
"""A store answers before what it took is on its disk: VictoriaMetrics writes up to 5 s later, Linux
writes a file's pages back up to 35 s later. After so long even a power cut takes nothing away."""


class ForwardPositions:
    """How far each store has come. Owns the table `forward_positions`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, store: str) -> int:
        """The last journal entry that the store has taken, 0 at first."""
        query = sa.select(forward_positions.c.seq).where(forward_positions.c.store == store)
        with self._database.read() as connection:
            return connection.scalar(query) or 0

    def put(self, store: str, seq: int) -> None:
        """Notes that the store has taken all entries up to `seq`."""
        with self._database.write() as connection:
            insert = upsert(connection, forward_positions).values(store=store, seq=seq)
            connection.execute(
                insert.on_conflict_do_update(index_elements=["store"], set_={"seq": seq})
            )


class Place:
    """One store's place. taken: the last entry that it has answered for."""

    def __init__(self, taken: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.taken = taken
        self._clock = clock
        self._settled = taken
        self._fresh: deque[tuple[float, int]] = deque()
        self._sent_twice = taken

    @property
    def settled(self) -> int:
        """The last entry that the store surely keeps, whatever befalls it."""
        while self._fresh and self._clock() - self._fresh[0][0] >= SETTLED_SECONDS:
            self._settled = self._fresh.popleft()[1]
        return self._settled

    def take(self, seq: int) -> None:
        """The store has answered for all entries up to `seq`."""
        self.taken = seq
        self._fresh.append((self._clock(), seq))

    def fall_back(self) -> bool:
        """The store was away and may have lost what it had not written yet: back to what is settled.

        False when there is nothing to send again. Nothing is sent more than twice for this reason, so
        that a line that breaks every minute gets on as well.
        """
        back_to = max(self.settled, self._sent_twice)
        if back_to >= self.taken:
            return False
        self._sent_twice = self.taken
        self.taken = self._settled = back_to
        self._fresh.clear()
        return True
