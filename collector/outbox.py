"""The outbox: messages that still have to reach somebody, and what became of those that did.

Owner of the table `outbox`: one row per notification, channel and recipient. A row is written in
the transaction of the event that caused it, so neither a crash nor a repeat loses or doubles it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter

from collector.database import Database, outbox, upsert
from collector.events import Notification

_NOTIFICATION = TypeAdapter(Notification)


class RowState(StrEnum):
    """Where a message stands."""

    WAITING = "waiting"
    SENT = "sent"
    HELD = "held"  # it is better not sent; last_error says why
    GIVEN_UP = "given_up"  # it will never arrive; last_error says why


@dataclass(frozen=True, slots=True)
class Row:
    """One notification for one recipient by one channel. recipient: see `recipients`. Times:
    seconds since 1970.
    """

    notification: Notification
    channel: str
    recipient: str
    state: RowState
    attempts: int
    next_attempt_at: float
    last_error: str
    created_at: float
    sent_at: float | None

    @property
    def incident_ids(self) -> tuple[str, ...]:
        """The incidents that it speaks of."""
        return tuple(incident.id for incident in self.notification.incidents)


class Outbox:
    """The messages on disk. Calls block on the disk; safe to use from several threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @staticmethod
    def put(
        connection: sa.Connection,
        notification: Notification,
        channel: str,
        recipient: str,
        now: float,
    ) -> bool:
        """Adds a message within the caller's transaction; False when it was there already."""
        written = connection.execute(
            upsert(connection, outbox)
            .values(
                notification=notification.id,
                channel=channel,
                recipient=recipient,
                document=_NOTIFICATION.dump_json(notification).decode(),
                state=RowState.WAITING.value,
                attempts=0,
                next_attempt_at=now,
                last_error="",
                created_at=now,
                sent_at=None,
            )
            .on_conflict_do_nothing()
        )
        return written.rowcount == 1

    def add(self, notification: Notification, channel: str, recipient: str, now: float) -> bool:
        """Adds a message; False when it was there already."""
        with self._database.write() as connection:
            return self.put(connection, notification, channel, recipient, now)

    def due(self, now: float) -> list[Row]:
        """The messages whose time has come, oldest first."""
        return self._rows(
            sa.and_(outbox.c.state == RowState.WAITING.value, outbox.c.next_attempt_at <= now)
        )

    def next_due(self) -> float | None:
        """When the next waiting message wants to be sent."""
        with self._database.read() as connection:
            waiting = outbox.c.state == RowState.WAITING.value
            found = connection.scalar(
                sa.select(sa.func.min(outbox.c.next_attempt_at)).where(waiting)
            )
        return None if found is None else float(found)

    def about(self, incident_id: str, recipient: str) -> list[Row]:
        """Everything ever meant for the recipient about the incident, whatever became of it."""
        named = outbox.c.document.like(f'%"id":"{incident_id}"%')
        rows = self._rows(sa.and_(named, outbox.c.recipient == recipient))
        return [row for row in rows if incident_id in row.incident_ids]

    def sent_times(self, channel: str, recipient: str, since: float) -> list[float]:
        """When messages were sent since `since`; those that went as one count once."""
        with self._database.read() as connection:
            times = connection.scalars(
                sa.select(outbox.c.sent_at)
                .where(outbox.c.channel == channel, outbox.c.recipient == recipient)
                .where(outbox.c.sent_at >= since)
                .distinct()
                .order_by(outbox.c.sent_at)
            )
            return [float(time) for time in times if time is not None]

    def sent(self, rows: list[Row], now: float) -> None:
        """They were delivered, all in one message."""
        self._update(rows, state=RowState.SENT.value, sent_at=now, last_error="")

    def hold(self, row: Row, why: str) -> None:
        """It is better not sent."""
        self._update([row], state=RowState.HELD.value, last_error=why)

    def give_up(self, row: Row, why: str) -> None:
        """It will never arrive."""
        self._update([row], state=RowState.GIVEN_UP.value, last_error=why)

    def postpone(self, rows: list[Row], until: float, why: str, failed: bool = True) -> None:
        """They are tried again at `until`; `failed`: an attempt was made."""
        change: dict[str, Any] = {"next_attempt_at": until, "last_error": why}
        if failed:
            change["attempts"] = outbox.c.attempts + 1
        self._update(rows, **change)

    def _update(self, rows: list[Row], **change: Any) -> None:
        with self._database.write() as connection:
            for row in rows:
                connection.execute(
                    sa.update(outbox)
                    .where(outbox.c.notification == row.notification.id)
                    .where(outbox.c.channel == row.channel)
                    .where(outbox.c.recipient == row.recipient)
                    .values(**change)
                )

    def _rows(self, condition: sa.ColumnElement[bool]) -> list[Row]:
        query = sa.select(outbox).where(condition)
        with self._database.read() as connection:
            found = connection.execute(
                query.order_by(outbox.c.created_at, outbox.c.notification, outbox.c.recipient)
            )
            return [_row(row) for row in found]


def _row(row: sa.Row[Any]) -> Row:
    return Row(
        notification=_NOTIFICATION.validate_json(row.document),
        channel=row.channel,
        recipient=row.recipient,
        state=RowState(row.state),
        attempts=row.attempts,
        next_attempt_at=row.next_attempt_at,
        last_error=row.last_error,
        created_at=row.created_at,
        sent_at=row.sent_at,
    )
