"""The agent as a whole: builds its parts in order, starts them, waits, stops them in reverse."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import signal
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import httpx

from agent.buffer import Buffer
from agent.config import AgentConfig
from agent.exposition import exposition_of
from agent.inventory_source import (
    CollectorSource,
    FolderSource,
    InventorySource,
    InventoryWatch,
)
from agent.keeper import Keeper
from agent.last_end import LastEnd, RunMarker
from agent.latest import Latest
from agent.measure import Measurer
from agent.page import Page, PageFacts, page_of
from agent.private_files import make_private_directory
from agent.probe import Probe
from agent.push import HttpSender, Pusher, collector_client
from agent.resolve import Assignment, targets_for
from agent.schedule import Schedule
from agent.self_metrics import HEARTBEAT_SECONDS, SelfView, boot_time, own_version
from agent.stamp.reflector import Reflector
from agent.status import StatusServer, status_app
from agent.traps.heard import Heard
from agent.traps.refusal import Refused
from agent.words import Words
from inventory.inventory import Inventory
from telemetry.errors import ConfigError
from telemetry.sample import Sample

if TYPE_CHECKING:
    from agent.traps.listener import TrapListener

log = logging.getLogger(__name__)

LAST_PUSH_SECONDS = 3.0
DAY_MS = 86_400_000
YOUNG_OBJECTS = 20_000
"""So many new objects are made between two looks for rings of garbage."""

Clock = Callable[[], float]
ProbeMakers = Mapping[str, Callable[[], Probe[Any]]]


class Agent:
    """One running agent; `running_agent` makes it. `port`: where its page answers.

    pusher: None where there is no collector: then results are shown here and kept nowhere.
    reflector, traps: None where the settings ask for none.
    """

    def __init__(
        self,
        config: AgentConfig,
        now: Clock,
        probes: Mapping[str, Probe[Any]],
        pusher: Pusher | None,
        source: InventorySource,
        last_end: LastEnd,
    ) -> None:
        self.config, self.now, self.pusher = config, now, pusher
        self.last_end = last_end
        self.keeper = pusher.keeper if pusher else None
        self.started = now()
        self.latest = Latest()
        self.measurer = Measurer(config.agent, probes, now)
        self.schedule = Schedule(self.check, config.concurrency, now)
        self.watch = InventoryWatch(source, self.use)
        self.assignments: list[Assignment] = []
        self.tasks: list[asyncio.Task[None]] = []
        self.view: SelfView | None = None
        self.port = 0
        self.reflector: Reflector | None = None
        self.traps: TrapListener | None = None
        self.heard = Heard(config.agent, self._keep, self.schedule.soon, now)

    async def check(self, assignment: Assignment) -> float | None:
        """Runs one check and keeps what it found; what the schedule calls."""
        result, samples = await self.measurer.measure(assignment)
        self._keep(samples)
        if assignment in self.assignments:
            self.latest.note(assignment, result, samples)
        return result.again_after

    def use(self, inventory: Inventory) -> None:
        """From now on asks what this inventory says; unchanged checks keep their rhythm."""
        extra = set(self.config.watch)
        if self.config.inventory is None:
            # The collector has already chosen: everything it sent is meant for this agent.
            extra |= {device.id for device in inventory.devices}
            extra |= {service.id for service in inventory.services}
        found = targets_for(inventory, self.config.asked_sites, extra)
        self.assignments = [a for a in found if a.kind in self.measurer.probes]
        for kind in sorted({a.kind for a in found} - set(self.measurer.probes)):
            log.warning("this agent has no probe of this kind", extra={"check": kind})
        self.latest.retain(self.assignments)
        self.measurer.retain(self.assignments)
        self.schedule.replace(self.assignments)
        targets = {a.target for a in self.assignments}
        self.heard.retain(targets)
        if self.traps is not None:
            self.traps.use(targets)

    async def heartbeat(self) -> None:
        """Says how the agent itself is, into the buffer and on `/metrics`."""
        now = self.now()
        self.view = SelfView(
            version=own_version(),
            booted=boot_time(),
            started=self.started,
            buffer=await self.keeper.state() if self.keeper else None,
            push_failures=self.pusher.state.failures_by_name() if self.pusher else {},
            skipped=dict(self.schedule.skipped),
            lateness=self.schedule.lateness,
            traps_refused={why.value: self.traps.refused[why] for why in Refused}
            if self.traps
            else {},
            stop_clean=self.last_end.program,
            shutdown_clean=self.last_end.machine,
        )
        samples = self.view.samples(self.config.site, self.config.agent, now)
        self.latest.note_own(samples)
        self._keep([*samples, *self.heard.samples()])

    def samples(self) -> Iterator[Sample]:
        """The newest sample of each series, for `/metrics`."""
        yield from self.latest.samples(self.now())
        yield from self.heard.samples()

    def _keep(self, samples: Sequence[Sample]) -> None:
        if self.keeper is not None:
            self.keeper.put(samples)

    def page(self, say: Words) -> Page:
        """What the page for people shows now."""
        if self.view is None:
            raise RuntimeError("the page is asked for before the first heartbeat")
        facts = PageFacts(
            site=self.config.site,
            inventory=self.watch.current,
            inventory_problem=self.watch.problem,
            assignments=self.assignments,
            latest=self.latest,
            self_view=self.view,
            push=self.pusher.state if self.pusher else None,
        )
        return page_of(facts, say, self.now())

    def endless(self) -> list[Coroutine[Any, Any, None]]:
        """The tasks that run as long as the agent does."""
        work = [self.watch.run(), self.schedule.watch_clock(), self._heartbeats()]
        if self.pusher is not None:
            work += [self.pusher.keeper.run(), self.pusher.run()]
        return work

    async def _heartbeats(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            await self.heartbeat()


def calm_collection() -> None:
    """Has Python look for rings of garbage more rarely, and never again in what is loaded by now.

    A result is thousands of small objects, none of them in a ring: to look through them after every 700
    took a tenth of the processor time of a poll.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 10, 10)


async def run_agent(config: AgentConfig, probes: ProbeMakers | None = None) -> None:
    """Runs until SIGTERM or SIGINT; SIGHUP reads the inventory anew. Raises what ended a part."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with running_agent(config, probes) as agent:
        loop.add_signal_handler(signal.SIGHUP, agent.watch.hurry.set)
        facts = {"agent": config.agent, "site": config.site, "port": agent.port}
        log.info("agent runs", extra=facts)
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait([stopping, *agent.tasks], return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        for task in agent.tasks:
            if task.done():
                task.result()
    log.info("agent stopped")


@contextlib.asynccontextmanager
async def running_agent(
    config: AgentConfig,
    probes: ProbeMakers | None = None,
    now: Callable[[], float] = time.time,
) -> AsyncIterator[Agent]:
    """Starts an agent and stops it at the end; none of its tasks ever ends by itself.

    probes: makers of the probes by kind, `agent.probes.PROBES` by default. Raises ConfigError or
    AgentBufferError, one sentence, when it cannot start.
    """
    make_private_directory(config.state_dir)
    async with AsyncExitStack() as stack:
        last_end = stack.enter_context(RunMarker(config.state_dir)).last
        client, pusher = None, None
        if config.collector is not None:
            client = collector_client(config.collector, config.push.timeout)
            stack.push_async_callback(client.aclose)
            pusher = await _pusher(config, client, now, stack)
        agent = Agent(
            config, now, _probes(probes, stack), pusher, _source(config, client), last_end
        )
        await agent.watch.begin()
        await agent.heartbeat()
        await _serve(agent, stack)
        agent.reflector = _reflector(config, stack)
        agent.schedule.start()
        stack.callback(agent.schedule.stop)
        agent.traps = await _traps(agent, stack)
        agent.tasks = [asyncio.create_task(work) for work in agent.endless()]
        stack.push_async_callback(_cancel, agent.tasks)
        yield agent


async def _pusher(
    config: AgentConfig, client: httpx.AsyncClient, now: Clock, stack: AsyncExitStack
) -> Pusher:
    """Buffer and push; at the end one last attempt to send what waits, then the file is closed."""
    path = config.state_dir / "buffer.sqlite3"
    limits = config.buffer
    keeper = Keeper(
        lambda: Buffer(path, max_bytes=limits.max_bytes, max_age_ms=int(limits.max_days * DAY_MS)),
        now,
    )
    await keeper.open()
    stack.push_async_callback(keeper.close)
    pusher = Pusher(keeper, HttpSender(client, now), config.push, now=now)
    stack.push_async_callback(_last_push, pusher)
    return pusher


async def _last_push(pusher: Pusher) -> None:
    with contextlib.suppress(TimeoutError):  # what is not sent now waits on disk
        async with asyncio.timeout(LAST_PUSH_SECONDS):
            await pusher.keeper.flush()
            while await pusher.turn() == 0.0:
                pass


def _probes(makers: ProbeMakers | None, stack: AsyncExitStack) -> dict[str, Probe[Any]]:
    if makers is None:
        # Imported here: an agent under test with probes of its own needs none of their libraries.
        from agent.probes import PROBES

        makers = PROBES
    probes = {}
    for kind, make in makers.items():
        probes[kind] = make()
        stack.push_async_callback(probes[kind].close)
    return probes


def _source(config: AgentConfig, client: httpx.AsyncClient | None) -> InventorySource:
    if config.inventory is not None:
        return FolderSource(config.inventory)
    if client is None:
        raise ConfigError("The agent has neither an inventory nor a collector to ask for it.")
    return CollectorSource(client, config.state_dir / "inventory.json")


async def _serve(agent: Agent, stack: AsyncExitStack) -> None:
    app = status_app(
        page=agent.page,
        metrics=exposition_of(agent.samples),
        ready=lambda: agent.watch.current is not None,
    )
    server = StatusServer(app, *agent.config.listen_address)
    agent.port = server.port
    await server.start()
    stack.push_async_callback(server.stop)


def _reflector(config: AgentConfig, stack: AsyncExitStack) -> Reflector | None:
    settings = config.reflector
    if settings is None:
        return None
    reflector = Reflector(
        settings.addresses,
        settings.peers,
        rate=settings.rate,
        total=settings.total,
        stateful=settings.stateful,
    )
    reflector.start()
    stack.callback(reflector.close)
    return reflector


async def _traps(agent: Agent, stack: AsyncExitStack) -> TrapListener | None:
    settings = agent.config.traps
    if settings is None:
        return None
    # Imported here: most agents listen for nothing, and need none of its libraries.
    from agent.traps.listener import TrapListener
    from agent.traps.names import known_names

    names = await asyncio.to_thread(known_names)  # reads all profiles, if nobody has yet
    listener = TrapListener(
        settings.addresses,
        names,
        agent.heard.take,
        name=agent.config.agent,
        rate=settings.rate,
        total=settings.total,
        now=agent.now,
    )
    stack.callback(listener.close)
    listener.use({a.target for a in agent.assignments})
    listener.start()
    return listener


async def _cancel(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
