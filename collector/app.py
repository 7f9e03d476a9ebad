"""The collector as a whole: builds its parts in order, starts them, waits, stops them in reverse."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import os
import signal
import socket
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

from collector.access import Access
from collector.admission import Admission
from collector.config import CollectorConfig
from collector.database import Database, open_database
from collector.desk import Desk
from collector.enrolment import Enrolment
from collector.experiments import Experiments
from collector.forward_place import ForwardPositions
from collector.forwarding import Forwarding
from collector.incident import Incident
from collector.ingest import Ingest
from collector.ingest_limits import IngestLimits
from collector.inventory_folder import InventoryFolder
from collector.journal import EntryKind, Journal
from collector.journals import open_journal
from collector.judging import Hands, Judging, wake_engine
from collector.notify import Notifier
from collector.outbox import Outbox
from collector.serving import open_socket, serving
from collector.store import Store
from collector.upkeep import Upkeep
from collector.watchdog import feed_watchdog
from collector.web.agents import AgentApi
from collector.web.exposition import Counts, Exposition
from collector.web.site_map import WebParts, make_web
from collector.web.standing import Standing
from collector.words import N_, Sentence, Speaker
from collector.worth_telling import worth_telling
from inventory.inventory import Inventory
from telemetry.errors import ConfigError

log = logging.getLogger(__name__)

STANDSTILL_SECONDS = 120.0

Clock = Callable[[], float]


class Collector:
    """One running collector; `running_collector` makes it. ports: where it listens, as configured."""

    def __init__(
        self,
        config: CollectorConfig,
        database: Database,
        journal: Journal,
        verdicts: Journal,
        clock: Clock,
    ) -> None:
        self.config, self.journal, self.clock = config, journal, clock
        self.ports: list[int] = []
        self.enrolment = Enrolment(database)
        self.access = Access(self.enrolment, config.agents, config.operators)
        self.folder = InventoryFolder(config.inventory)
        self.store = Store(database)
        self.speaker = Speaker()
        self.notifier = self._make_notifier(database)
        self.forwarding = Forwarding(
            config.forward, journal, verdicts, ForwardPositions(database), clock
        )
        self.judging = Judging(
            Hands(
                journal,
                self.store,
                self.notifier.take,
                self.notifier.call,
                clock,
                self.forwarding.listen,
            ),
            wake_engine(self.store, self.folder.current),
        )
        self.admission = Admission(journal, self._site_of)
        self.ingest = Ingest(
            journal,
            self.access.agent_of,
            self.admission,
            clock=clock,
            on_accepted=self._grown,
            limits=IngestLimits(retention_seconds=config.retention.journal),
        )
        self.experiments = Experiments(config.journal_url, clock)
        self.upkeep = Upkeep(journal, config.retention.journal, self._needed_from, clock)

    def web(self) -> Any:
        """The ASGI application over these parts."""
        standing = Standing(
            view=lambda: self.judging.engine.view,
            store=self.store,
            speaker=self.speaker,
            clock=self.clock,
            notices=self.notices,
            operator_of=self.access.operator_of,
            say=self.judging.say,
        )
        agents = AgentApi(
            lambda: self.folder.current,
            self.access.agent_of,
            self.enrolment,
            self.clock,
            self.config.scrape,
        )
        exposition = Exposition(lambda: self.judging.engine.view, self._counts())
        parts = WebParts(
            standing, agents, exposition, self.experiments, self.ingest.handle, self.not_ready
        )
        return make_web(parts)

    def notices(self) -> list[Sentence]:
        """What the people should know about the collector itself."""
        found = []
        if self.folder.problem:
            words = N_("The inventory has a mistake, the one before is still used: {problem}")
            found.append(Sentence(words, {"problem": self.folder.problem}))
        if self.judging.failures:
            words = N_("Something could not be judged; the collector's log says what.")
            found.append(Sentence(words))
        return found

    def not_ready(self) -> str:
        """Why the collector is not ready yet, or empty."""
        if not self.judging.caught_up.is_set():
            return "The journal is still being worked through."
        return "" if self._turns() else "The judging engine stands still."

    def endless(self) -> list[Coroutine[Any, Any, None]]:
        """The tasks that run as long as the collector does."""
        work = [
            self.ingest.run(),
            self.judging.run(),
            self.judging.tick(self.config.tick),
            self.judging.save_regularly(self.config.snapshot_every),
            self.folder.run(self._publish),
            self.notifier.run(),
            self.upkeep.run(),
            *self.forwarding.endless(),
        ]
        if self.config.watchdog_url:
            work.append(feed_watchdog(self.config.watchdog_url, self._turns))
        return work

    async def _publish(self, inventory: Inventory) -> None:
        """From now on everything is judged by this inventory."""
        await self.judging.caught_up.wait()
        self.admission.forget_sites()
        text = inventory.to_json()
        if self.judging.engine.seq == 0 or text != self.judging.engine.inventory.to_json():
            await self.judging.say(EntryKind.INVENTORY, str(self.config.inventory), text.encode())

    def _make_notifier(self, database: Database) -> Notifier:
        channels = {
            name: (settings, settings.open())
            for name, settings in self.config.channel_settings().items()
        }
        desk = Desk(
            outbox=Outbox(database),
            store=self.store,
            inventory=lambda: self.folder.current,
            clock=self.clock,
            speaker=self.speaker,
            standing=self._standing,
            public_url=self.config.public_url,
        )
        return Notifier(desk, self.config.notify, channels)

    def _standing(self) -> list[Incident] | None:
        """The open incidents worth telling, None before the journal has been judged."""
        judged = self.judging.caught_up.is_set()
        return worth_telling(self.judging.engine.view) if judged else None

    def _grown(self) -> None:
        self.judging.grown()
        self.forwarding.grown()

    def _site_of(self, device: str) -> str | None:
        found = self.folder.current.device(device)
        return found.site if found is not None else None

    def _needed_from(self) -> int:
        """The first journal entry that somebody still needs."""
        return min([self.judging.saved_seq, *self.forwarding.needed_from()])

    def _turns(self) -> bool:
        return self.clock() - self.judging.turned_at < STANDSTILL_SECONDS

    def _counts(self) -> Counts:
        return Counts(
            samples=lambda: self.ingest.stats.accepted,
            rejected=lambda: self.ingest.stats.rejected,
            notifications=lambda: self.notifier.counts,
            forward_pending=self.forwarding.pending,
            forward_failures=self.forwarding.failures,
            turned_at=lambda: self.judging.turned_at,
        )


@contextlib.asynccontextmanager
async def running_collector(
    config: CollectorConfig, clock: Clock = time.time
) -> AsyncIterator[Collector]:
    """A collector that serves, judges and tells while the block lasts; then it saves and stops.

    Raises ConfigError, InventoryError or DatabaseError with one sentence when it cannot start.
    """
    with contextlib.ExitStack() as stack:
        stack.enter_context(_only_one(config.state_dir))
        database = open_database(config.database_url, clock())
        stack.callback(database.close)
        journal = open_journal(config.journal_url)
        stack.callback(journal.close)
        verdicts = open_journal(config.verdicts_url)
        stack.callback(verdicts.close)
        collector = Collector(config, database, journal, verdicts, clock)
        sockets = [stack.enter_context(open_socket(listen)) for listen in config.listen]
        collector.ports = [_port_of(opened) for opened in sockets]
        async with _running(collector), serving(collector.web(), sockets):
            log.info("the collector listens", extra={"ports": collector.ports})
            yield collector


@contextlib.asynccontextmanager
async def _running(collector: Collector) -> AsyncIterator[None]:
    """The tasks, while the block lasts; a task that breaks ends the whole collector."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(work) for work in collector.endless()]
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()
    finally:
        await collector.judging.save_snapshot()


async def run_collector(config: CollectorConfig) -> None:
    """Runs until SIGTERM or SIGINT; SIGHUP reads the inventory again."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    async with running_collector(config) as collector:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopped.set)
        loop.add_signal_handler(signal.SIGHUP, collector.folder.call)
        await stopped.wait()
        log.info("the collector stops")


@contextlib.contextmanager
def _only_one(state_dir: Path) -> Iterator[None]:
    """Two collectors on one state folder would tell everything twice."""
    try:
        state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(state_dir / "lock", os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise ConfigError(
            f"{state_dir}: the state folder cannot be used: {error.strerror}."
        ) from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            message = f"{state_dir}: another collector runs on this state folder."
            raise ConfigError(message) from None
        yield
    finally:
        os.close(handle)


def _port_of(opened: socket.socket) -> int:
    name = opened.getsockname()
    return int(name[1]) if isinstance(name, tuple) else 0
