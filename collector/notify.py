"""Telling people: from the engine's notifications to messages that arrived, or a reason why not.

Stages stand between a notification and a message, each may hold it back, none silently: silenced,
too old, over before anybody was told, overtaken by its own end, told by another channel. What is
left goes out one by one, or as one digest when it is too much. Delivery is at least once: a crash
between the server's answer and our note of it sends the message again.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import groupby

import anyio.to_thread
import sqlalchemy as sa

from collector.channel import Channel, ChannelSettings, Message, Outcome, SendFailure
from collector.config import NotifySettings
from collector.desk import Desk
from collector.events import Event
from collector.incident import Incident
from collector.outbox import Outbox, Row
from collector.recipients import Recipients, Way
from collector.stages import STAGES, Hold, Stand
from telemetry.errors import ConfigError, DatabaseError

log = logging.getLogger(__name__)

RETRY_SECONDS = 5.0
SOON_SECONDS = 1.0
UPDATE_SECONDS = 10.0
"""How soon a channel that is reminded hears of a change that nobody else gets a message about."""
IDLE_SECONDS = 30.0
"""How often to look although nothing called: a second process may have written to the outbox."""


class Notifier:
    """Takes the engine's notifications into the outbox and delivers them.

    counts: messages by (channel, outcome), for `ltmon_notifications_total`.
    """

    def __init__(
        self,
        desk: Desk,
        settings: NotifySettings,
        channels: Mapping[str, tuple[ChannelSettings, Channel]],
    ) -> None:
        self._desk = desk
        self._settings = settings
        self._channels = channels
        self._called = asyncio.Event()
        self._counting = threading.Lock()
        self._repeat_every = {
            name: block.repeat_seconds
            for name, (block, _) in channels.items()
            if block.repeat_seconds is not None
        }
        self._repeat_at = dict.fromkeys(self._repeat_every, 0.0)
        self.counts: Counter[tuple[str, str]] = Counter()

    def take(self, connection: sa.Connection, fresh: Sequence[Event]) -> None:
        """Puts the notifications among new events into the outbox, within the caller's transaction."""
        recipients = self._recipients()
        if any(event.incident is not None for event in fresh):
            self._remind_soon()
        for event in fresh:
            notification = event.notification
            if notification is None:
                continue
            if notification.held:
                self._count("none", f"held_{notification.held}")
                continue
            for name in recipients.nobody():
                self._count("none", "given_up_no_channel")
                log.warning("nobody can be told", extra={"recipient": name})
            for way in recipients.first_ways():
                now = self._desk.clock()
                Outbox.put(connection, notification, way.channel, way.recipient, now)

    def _remind_soon(self) -> None:
        soon = self._desk.clock() + UPDATE_SECONDS
        for channel, at in self._repeat_at.items():
            self._repeat_at[channel] = min(at, soon)

    def call(self) -> None:
        """There may be something new in the outbox."""
        self._called.set()

    async def run(self) -> None:
        """Delivers for as long as it is not cancelled."""
        while True:
            self._called.clear()
            try:
                await self.deliver_due()
                due = await anyio.to_thread.run_sync(self._desk.outbox.next_due)
            except DatabaseError:
                log.exception("the outbox cannot be read or written")
                due = self._desk.clock() + RETRY_SECONDS
            pause = 0.05 if await self.repeat_due() else SOON_SECONDS
            times = [*self._repeat_at.values(), *([] if due is None else [due])]
            wait = min(times) - self._desk.clock() if times else IDLE_SECONDS
            with suppress(TimeoutError):
                await asyncio.wait_for(
                    self._called.wait(), timeout=min(max(wait, pause), IDLE_SECONDS)
                )

    async def deliver_due(self) -> None:
        """Delivers whatever is due now; recipients are served side by side, each in order."""
        due = await anyio.to_thread.run_sync(self._desk.outbox.due, self._desk.clock())
        by_way = sorted(due, key=lambda row: (row.channel, row.recipient))
        await asyncio.gather(
            *(
                self._serve(channel, recipient, list(rows))
                for (channel, recipient), rows in groupby(
                    by_way, key=lambda row: (row.channel, row.recipient)
                )
            )
        )

    async def repeat_due(self) -> bool:
        """Reminds the channels that forget of everything that is open; False when that is not known yet.

        Nothing of it is kept: what fails now is said again soon anyway, and after a restart at once.
        """
        now = self._desk.clock()
        for channel in [name for name, at in self._repeat_at.items() if at <= now]:
            standing = self._desk.standing()
            if standing is None:
                return False
            self._repeat_at[channel] = now + self._repeat_every[channel]
            for way in self._recipients().ways_by(channel) if standing else ():
                await self._remind(way, standing)
        return True

    async def _remind(self, way: Way, standing: Sequence[Incident]) -> None:
        outcome = await self._try(way, self._desk.several(way, "standing", standing))
        if outcome.failure is None:
            self._count(way.channel, "repeated")
            return
        self._count(way.channel, f"failed_{outcome.failure.value}")
        log.warning(
            "a channel could not be reminded of what is open",
            extra={"channel": way.channel, "reason": outcome.detail},
        )

    async def _serve(self, channel: str, recipient: str, rows: list[Row]) -> None:
        """One recipient's messages by one channel."""
        way = self._recipients().way(recipient, channel)
        wanted = []
        for row in rows:
            hold = await anyio.to_thread.run_sync(self._held, row, way)
            if hold is None:
                wanted.append(row)
            else:
                self._count(channel, f"held_{hold.value}")
                await anyio.to_thread.run_sync(self._desk.outbox.hold, row, hold.value)
        if way is None or not wanted:
            return
        room = self._room(channel, recipient)
        if not self._channels[channel][0].rationed:
            await self._send(way, wanted)
        elif room <= 0:
            await self._wait_for_room(channel, recipient, wanted)
        elif len(wanted) > min(room, self._settings.together - 1):
            await self._send(way, wanted)
        else:
            for row in wanted:
                await self._send(way, [row])

    def _held(self, row: Row, way: Way | None) -> Hold | None:
        """The first stage that holds the message back."""
        stand = Stand(
            row=row,
            way=way,
            now=self._desk.clock(),
            settings=self._settings,
            incidents=tuple(map(self._desk.as_now, row.notification.incidents)),
            told=tuple(
                other
                for incident_id in row.incident_ids
                for other in self._desk.outbox.about(incident_id, row.recipient)
            ),
        )
        return next((hold for stage in STAGES if (hold := stage(stand)) is not None), None)

    def _room(self, channel: str, recipient: str) -> int:
        since = self._desk.clock() - self._settings.rate_window
        return self._settings.rate - len(self._desk.outbox.sent_times(channel, recipient, since))

    async def _wait_for_room(self, channel: str, recipient: str, rows: list[Row]) -> None:
        """Too much lately: they wait until there is room, and then go as one digest."""
        window = self._settings.rate_window
        times = self._desk.outbox.sent_times(channel, recipient, self._desk.clock() - window)
        until = times[0] + window + 0.001
        self._desk.outbox.postpone(rows, until, "rate", failed=False)
        self._count(channel, "delayed_rate", len(rows))

    async def _send(self, way: Way, rows: list[Row]) -> None:
        message = self._desk.message(way, rows)
        outcome = await self._try(way, message)
        await anyio.to_thread.run_sync(self._settle, way, rows, outcome)

    async def _try(self, way: Way, message: Message) -> Outcome:
        """One attempt. Whatever a channel does, the other messages go on."""
        _, channel = self._channels[way.channel]
        try:
            return await channel.send(message, way.to)
        except ConfigError as error:  # a secret that cannot be read now
            return Outcome(SendFailure.CREDENTIALS, str(error))
        except Exception:  # the edge of one delivery: a fault in a channel must not stop the others
            log.exception("a channel broke", extra={"channel": way.channel})
            return Outcome(SendFailure.BROKEN, "see the log")

    def _settle(self, way: Way, rows: list[Row], outcome: Outcome) -> None:
        """Notes the outcome; after failures the person's next channel gets its turn."""
        now = self._desk.clock()
        if outcome.sent:
            self._desk.outbox.sent(rows, now)
            self._count(way.channel, "sent")
            if len(rows) > 1:
                self._count(way.channel, "digested", len(rows))
            return
        assert outcome.failure is not None  # noqa: S101 - not sent means failed
        why = f"{outcome.failure.value}: {outcome.detail}"
        self._count(way.channel, f"failed_{outcome.failure.value}")
        log.warning(
            "message not delivered",
            extra={"channel": way.channel, "recipient": way.recipient, "reason": why},
        )
        for row in rows:
            if outcome.may_retry:
                self._desk.outbox.postpone([row], now + self._pause(row.attempts), why)
            else:
                self._desk.outbox.give_up(row, why)
                self._count(way.channel, "given_up")
            if row.attempts + 1 >= self._settings.attempts_before_next or not outcome.may_retry:
                self._try_next_way(way, row, now)

    def _try_next_way(self, way: Way, row: Row, now: float) -> None:
        following = self._recipients().way_after(way.recipient, way.channel)
        if following is not None:
            added = self._desk.outbox.add(
                row.notification, following.channel, following.recipient, now
            )
            if added:
                self._count(way.channel, "passed_on")

    def _pause(self, attempts: int) -> float:
        """Seconds until the next attempt: doubling up to the longest."""
        first, longest = self._settings.retry_first, self._settings.retry_longest
        return float(min(first * 2.0 ** min(attempts, 20), longest))

    def _recipients(self) -> Recipients:
        inventory = self._desk.inventory()
        settings = {name: block for name, (block, _) in self._channels.items()}
        return Recipients(inventory, settings, inventory.district.language)

    def _count(self, channel: str, outcome: str, count: int = 1) -> None:
        with self._counting:
            self.counts[channel, outcome] += count
