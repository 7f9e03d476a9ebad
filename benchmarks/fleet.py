"""Whether the bad part of a fleet delays the healthy rest: the agent's scheduler and probes on 300 devices.

    python -m benchmarks.fleet [--devices 300] [--slow 0.167] [--dead 0.167] [--seconds 60] [--json]

Two phases in the same run: first every device is well, then a third is dead (silent to everything) or slow
(each SNMP answer takes 1.5 seconds). All of it happens in a network namespace of its own (Linux, root or a
user namespace): loopback addresses that answer, and a route into silence. Exit code 1 when a claim of
benchmarks/README.md does not hold.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from agent.app import calm_collection
from agent.config import AgentConfig
from agent.measure import Measurer
from agent.probe import Target
from agent.probes import PROBES
from agent.resolve import Assignment
from agent.schedule import Schedule
from agent.spread import SOON_SECONDS, share
from benchmarks.snmp_switch import COMMUNITY
from inventory.check import Check, IcmpCheck, SnmpCheck
from inventory.credentials import Credentials, Secret
from simulator.network import open_office

MOST_DELAY_SECONDS = 1.0
PORT = 10161
SLOW_SECONDS = 1.5
HOME, HEALTHY, SLOW, DEAD = "10.9.0.1", "127.1.0.0", "127.2.0.0", "10.200.0.0"
"""The agent's own address, and where the devices of each kind begin."""
WHO = Credentials(id="fleet", version="2c", community=Secret("plain", COMMUNITY))
CHECKS: dict[str, Check] = {"icmp": IcmpCheck(), "snmp": SnmpCheck()}


@dataclass(slots=True)
class Phase:
    """What was seen of the devices that are well in both phases. late, took: seconds, by kind of check."""

    late: dict[str, list[float]] = field(default_factory=lambda: {kind: [] for kind in CHECKS})
    took: dict[str, list[float]] = field(default_factory=lambda: {kind: [] for kind in CHECKS})
    failed: int = 0
    checks: int = 0
    skipped: int = 0


def addresses(first: str, count: int) -> list[str]:
    """So many addresses from `first` on, the first one left out."""
    return [str(IPv4Address(first) + number) for number in range(1, count + 1)]


def fleet(devices: int, slow: int, dead: int) -> list[Assignment]:
    """The checks of every device; the last of them are slow and dead."""
    places = addresses(HEALTHY, devices)
    places[devices - slow - dead :] = addresses(SLOW, slow) + addresses(DEAD, dead)
    return [
        Assignment(
            Target(f"device-{n}", "office", "lan_switch", place, credentials=WHO, snmp_port=PORT),
            kind,
            options,
        )
        for n, place in enumerate(places)
        for kind, options in CHECKS.items()
    ]


async def run_phase(assignments: Sequence[Assignment], watched: int, seconds: float) -> Phase:
    """Runs the schedule so long after its warm-up, and looks at the first `watched` devices."""
    phase = Phase()
    names = {f"device-{n}" for n in range(watched)}
    probes = {kind: PROBES[kind]() for kind in CHECKS}
    measurer = Measurer("office", probes)
    began = time.time()

    async def check(assignment: Assignment) -> float | None:
        at = time.time()
        result, _ = await measurer.measure(assignment)
        phase.checks += 1
        if assignment.target.id in names:
            phase.failed += not result.ok
            if at > began + SOON_SECONDS + assignment.options.interval:
                phase.late[assignment.kind].append(lateness(assignment, at))
                phase.took[assignment.kind].append(time.time() - at)
        return result.again_after

    schedule = Schedule(check, AgentConfig.model_fields["concurrency"].default)
    schedule.start()
    schedule.replace(assignments)
    longest = max(options.interval for options in CHECKS.values())
    await asyncio.sleep(SOON_SECONDS + longest + seconds)
    schedule.stop()
    phase.skipped = sum(schedule.skipped.values())
    for probe in probes.values():
        await probe.close()
    return phase


def lateness(assignment: Assignment, at: float) -> float:
    """How long after its own moment of the interval a check began (see `agent.spread`)."""
    interval = assignment.options.interval
    own = share(assignment.target.id, assignment.kind) * interval
    late = (at - own) % interval
    return late if late < interval - 0.5 else late - interval  # a timer may be early by a hair


async def inside(devices: int, slow: int, dead: int, seconds: float) -> None:
    """What runs in the namespace: both phases, one JSON object a line."""
    logging.getLogger("apscheduler").setLevel(
        logging.CRITICAL
    )  # what is under way at the end is cut off
    server = subprocess.Popen(  # noqa: ASYNC220 - nothing else runs yet
        [sys.executable, "-m", "benchmarks.fleet_devices", str(devices), str(slow)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        if server.stdout is None or server.stdout.readline() != b"ready\n":
            raise RuntimeError("the simulated devices did not start")
        calm_collection()
        for bad in ((0, 0), (slow, dead)):
            phase = await run_phase(fleet(devices, *bad), devices - slow - dead, seconds)
            print(json.dumps({name: getattr(phase, name) for name in Phase.__slots__}), flush=True)
    finally:
        server.terminate()
        server.wait()


def measure(options: argparse.Namespace) -> list[Phase]:
    """Both phases, run in a namespace of their own."""
    slow = round(options.devices * options.slow)
    dead = round(options.devices * options.dead)
    office = open_office("fleet", HOME)
    command = [sys.executable, "-m", "benchmarks.fleet", "--inside", "--slow", str(slow)]
    command += [
        "--dead",
        str(dead),
        "--devices",
        str(options.devices),
        "--seconds",
        str(options.seconds),
    ]
    try:
        process = office.start(command, stdout=subprocess.PIPE, cwd=Path.cwd())
        lasting = 2 * (SOON_SECONDS + 60 + options.seconds)
        with Progress(console=Console(stderr=True)) as bar, process:
            task = bar.add_task("well, then with the bad third", total=lasting)
            phases = [Phase(**json.loads(line)) for line in _ticking(process, bar, task)]
    finally:
        office.close()
    if len(phases) != 2:
        raise RuntimeError(f"the phases did not come to an end: exit code {process.returncode}")
    return phases


def _ticking(process: subprocess.Popen[bytes], bar: Progress, task: object) -> Iterator[bytes]:
    """The lines of a process; the bar goes on by the clock while none comes."""
    began = time.monotonic()
    if process.stdout is None:
        return
    for line in process.stdout:
        bar.update(task, completed=time.monotonic() - began)  # type: ignore[arg-type]
        yield line


def claims(phases: Sequence[Phase]) -> dict[str, tuple[float, bool]]:
    """What benchmarks/README.md promises: each with the value measured and whether it holds."""
    alone, beside = phases
    found: dict[str, tuple[float, bool]] = {}
    for kind in CHECKS:
        delay = max(beside.late[kind]) - max(alone.late[kind])
        found[f"{kind}: worst lateness of the healthy, s more than without the bad"] = (
            delay,
            delay <= MOST_DELAY_SECONDS,
        )
        took = statistics.median(beside.took[kind]) - statistics.median(alone.took[kind])
        found[f"{kind}: time to a result of the healthy, s more (median)"] = (
            took,
            took <= MOST_DELAY_SECONDS,
        )
    found["failed checks of the healthy"] = (beside.failed, beside.failed == 0)
    return found


def show(phases: Sequence[Phase], promised: dict[str, tuple[float, bool]]) -> None:
    """The table and the claims, for people."""
    table = Table(
        "healthy devices", "check", "results", "late, median s", "p99 s", "worst s", "took, s"
    )
    for name, phase in zip(("alone", "beside the bad"), phases, strict=True):
        for kind in CHECKS:
            late = sorted(phase.late[kind])
            table.add_row(
                name,
                kind,
                str(len(late)),
                f"{statistics.median(late):.3f}",
                f"{late[int(0.99 * len(late))]:.3f}",
                f"{late[-1]:.3f}",
                f"{statistics.median(phase.took[kind]):.3f}",
            )
    console = Console()
    console.print(table)
    for claim, (value, holds) in promised.items():
        console.print(f"{'holds' if holds else 'FAILS'}: {claim}: {value:.3g}")


def main() -> int:
    """The command line; see the module's own words."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fleet")
    parser.add_argument("--devices", type=int, default=300)
    parser.add_argument("--slow", type=float, default=1 / 6, help="share of them that is slow")
    parser.add_argument("--dead", type=float, default=1 / 6, help="share of them that is dead")
    parser.add_argument("--seconds", type=float, default=60, help="length of each phase")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        slow, dead = round(options.slow), round(options.dead)
        asyncio.run(inside(options.devices, slow, dead, options.seconds))
        return 0
    phases = measure(options)
    promised = claims(phases)
    if options.json:
        held = {name: {"value": value, "holds": holds} for name, (value, holds) in promised.items()}
        print(json.dumps({"devices": options.devices, "claims": held}))
    else:
        show(phases, promised)
    return 0 if all(holds for _, holds in promised.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
