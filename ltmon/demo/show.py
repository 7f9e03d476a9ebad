"""The demo from curtain to curtain: starts everything, plays the timetable, tells, tidies up."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rich.console import Console

from inventory.inventory import Inventory
from inventory.load import example_folder, load_inventory
from ltmon.demo.company import Collector, Company, Places
from ltmon.demo.course import Course, site_of_cause
from ltmon.demo.fallback import on_loopback
from ltmon.demo.machine import find_snmpd
from ltmon.demo.plan import COMMUNES, HOME, AgentPlan, agent_plans
from ltmon.demo.report import Report
from ltmon.demo.screen import Screen
from ltmon.demo.settings import COLLECTOR_PORT, Files, add_machine, hurried_document
from ltmon.demo.watch import Watch
from simulator.district import SimulatedDistrict
from simulator.host import Host, TcpService
from simulator.loopback import Loopback
from simulator.network import namespaces_work
from simulator.offices import Offices
from simulator.roster import free_address, simulated_district
from simulator.scenario import SCENARIOS, Cast, Timetable
from simulator.smtp_sink import SmtpSink
from simulator.snmp.device import Blueprint
from simulator.ways import Roads
from telemetry.errors import ConfigError

LOOK_SECONDS = 0.5
LANGUAGES = ("vi", "en")


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """What the user asked for. duration: seconds from the start, None until Ctrl-C."""

    port: int = 8080
    duration: float | None = None
    scenario: str = "tour"
    json_lines: bool = False
    language: str = "vi"
    with_machine: bool = True
    keep: bool = False
    loopback: bool = False


def run_demo(options: DemoOptions) -> None:
    """Runs the demo until its duration is over or it is stopped. Leaves nothing behind.

    Raises ConfigError for a port that is taken, an unknown scenario or language.
    """
    if options.scenario not in SCENARIOS:
        raise ConfigError(
            f"There is no scenario {options.scenario}; expected one of {', '.join(SCENARIOS)}."
        )
    if options.language not in LANGUAGES:
        raise ConfigError(f"The demo speaks {' and '.join(LANGUAGES)}, not {options.language}.")
    with ExitStack() as stack:
        listener = stack.enter_context(_listener(options.port))
        folder = stack.enter_context(_folder(options.keep))
        asyncio.run(_Show(options, listener, Files(folder)).run())


@contextmanager
def _folder(keep: bool) -> Iterator[Path]:
    """The demo's own folder, removed at the end unless it is to be kept."""
    if keep:
        folder = Path(tempfile.mkdtemp(prefix="ltmon-demo-"))
        print(f"The demo's files stay in {folder}", file=sys.stderr)
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="ltmon-demo-") as name:
        yield Path(name)


def _listener(port: int) -> socket.socket:
    """The page's listening socket, opened before anything else: a taken port is told at once."""
    try:
        listener = socket.create_server(("127.0.0.1", port), backlog=128)
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise ConfigError(
            f"The page cannot listen on 127.0.0.1:{port} ({why}): choose another --port."
        ) from None
    listener.set_inheritable(True)
    return listener


class _Show:
    """One run."""

    def __init__(self, options: DemoOptions, listener: socket.socket, files: Files) -> None:
        self._options = options
        self._listener = listener
        self._files = files
        self._page = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self._console = Console()
        self._stopped = asyncio.Event()
        self._drawing = self._console.is_terminal and not options.json_lines
        self._report = Report(
            language=options.language, json_lines=options.json_lines, quiet=self._drawing
        )

    async def run(self) -> None:
        """The whole show; the summary comes last, also after Ctrl-C."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stopped.set)
        async with AsyncExitStack() as stack:
            await self._play(stack)
        self._report.summary()
        if self._drawing:
            self._console.print(self._report.lines[-1].text, markup=False)

    async def _play(self, stack: AsyncExitStack) -> None:
        """Builds everything in order; the stack takes it down in reverse."""
        isolated = not self._options.loopback and namespaces_work()
        document = hurried_document(load_inventory(example_folder()))
        if not isolated:
            self._report.tell("loopback")
            on_loopback(document)
        district = simulated_district(Inventory.from_json(json.dumps(document)), time.time())
        with_machine = self._options.with_machine
        snmpd = find_snmpd() if with_machine else None
        if with_machine:
            add_machine(document, self._page, snmpd)
        inventory = self._files.write_inventory(document)
        plans = agent_plans(inventory, alone=not isolated)
        cast = Cast(district.inventory, district, (HOME, *COMMUNES))
        timetable = Timetable(SCENARIOS[self._options.scenario](cast))
        places, collector = await self._places(stack, district, plans, isolated=isolated)
        sink = await stack.enter_async_context(SmtpSink(self._report.mail))
        company = Company(self._files, self._report, collector, places, plans)
        stack.callback(company.children.stop)
        company.start(sink.port, snmpd, with_machine=with_machine)
        district.on_power(company.power)
        self._report.tell(
            "started",
            page=self._page,
            devices=len(inventory.devices),
            agents=len(plans) + with_machine,
            scenario=self._options.scenario,
        )
        watch = Watch(self._page, self._options.language)
        stack.push_async_callback(watch.close)
        course = Course(district, timetable)
        await self._follow(company, watch, course, partial(site_of_cause, inventory))

    async def _places(
        self,
        stack: AsyncExitStack,
        district: SimulatedDistrict,
        plans: Sequence[AgentPlan],
        *,
        isolated: bool,
    ) -> tuple[Places, Collector]:
        """Opens the offices, or the loopback range, and says how the collector is reached there."""
        if not isolated:
            loopback = await stack.enter_async_context(Loopback(district, HOME, time.time))
            return loopback, Collector(self._listener, self._page, self._page)
        address = _add_collector(district, self._listener)
        sites = [plan.site for plan in plans]
        offices = await stack.enter_async_context(Offices(district, sites, time.time))
        from_offices = f"http://{address}:{COLLECTOR_PORT}"
        return offices, Collector(self._listener, self._page, from_offices)

    async def _follow(
        self, company: Company, watch: Watch, course: Course, site_of: Callable[[str], str]
    ) -> None:
        """Looks, tells, and takes the steps of the timetable, until the end."""
        screen = Screen(self._console, self._report, self._page, self._options.language)
        with screen if self._drawing else contextlib.nullcontext():
            while not self._stopped.is_set() and not self._over():
                company.children.check()
                for news in await watch.look():
                    self._report.news(news, site_of)
                course.advance(watch.view, self._report)
                if self._drawing:
                    screen.show(watch.view)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stopped.wait(), LOOK_SECONDS)

    def _over(self) -> bool:
        duration = self._options.duration
        return duration is not None and time.time() - self._report.began >= duration


def _add_collector(district: SimulatedDistrict, listener: socket.socket) -> str:
    """Puts the collector into the district office's network; returns its address there."""
    address = free_address(district.inventory, HOME)
    relay = TcpService(COLLECTOR_PORT, "relay", relay_to=listener.getsockname()[:2])
    host = Host(
        id="collector",
        site=HOME,
        class_="server",
        address=address,
        blueprint=Blueprint("collector", "server", "", ""),
        boot=time.time(),
        services={COLLECTOR_PORT: relay},
    )
    district.add(host, Roads(district.inventory).standpoint(HOME))
    return address
