"""One echo request to each of N loopback addresses: ours, fping and blackbox_exporter in turn.

    python -m benchmarks.icmp [--hosts 10000] [--rounds 5] [--blackbox-hosts 1000] [--json]

Needs root (fping sends without a pause only for root) and the Debian packages fping and
prometheus-blackbox-exporter. Every address of 127.0.0.0/8 answers, so every loss is a false one.
Exit code 1 when a claim of benchmarks/README.md does not hold.
"""

from __future__ import annotations

import argparse
import asyncio
import ipaddress
import json
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table

from agent.icmp.engine import Engine

MOST_SLOWER_THAN_FPING = 1.5
MOST_OFF_FPINGS_READING_MS = 0.01
BLACKBOX_AT_ONCE = 50
PAIRS_A_ROUND = 5
"""A go beside fping takes a tenth of a second; a single one is at the mercy of a busy machine."""

_BLACKBOX_CONFIG = """
modules:
  icmp:
    prober: icmp
    timeout: 5s
    icmp: {preferred_ip_protocol: ip4}
"""
_BLACKBOX_RTT = re.compile(r'^probe_icmp_duration_seconds\{phase="rtt"\} (\S+)$', re.M)


@dataclass(frozen=True, slots=True)
class Round:
    """One go of one tool. readings_ms: the round trips that it read, of the hosts that it found."""

    seconds: float
    readings_ms: list[float]
    hosts: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """All rounds of one tool in short: medians over the rounds, false losses added up."""

    tool: str
    hosts: int
    seconds: float
    median_ms: float
    p99_ms: float
    false_losses: int


Tool = Callable[[list[str]], Awaitable[Round]]


def addresses(count: int) -> list[str]:
    """The first `count` addresses from 127.1.0.0 on."""
    first = int(ipaddress.IPv4Address("127.1.0.0"))
    return [str(ipaddress.IPv4Address(first + number)) for number in range(count)]


def ours(engine: Engine) -> Tool:
    """The engine's sweep, inside this process as inside the agent."""

    async def run(targets: list[str]) -> Round:
        began = time.perf_counter()
        found = await engine.sweep(targets)
        seconds = time.perf_counter() - began
        return Round(seconds, [1000 * v for v in found.values() if v is not None], len(targets))

    return run


async def fping(targets: list[str]) -> Round:
    """The real fping, one request a host without a pause, from start to end of the program."""
    command = ["fping", "-i", "0", "-t", "1000", "-C", "1", "-q"]
    began = time.perf_counter()
    done = subprocess.run(  # noqa: ASYNC221 - nothing else shall run beside it
        command, input="\n".join(targets), capture_output=True, text=True
    )
    seconds = time.perf_counter() - began
    words = [line.split() for line in done.stderr.splitlines()]  # "127.1.0.0 : 0.007", or "-"
    readings = [float(last) for _, *_, last in words if last != "-"]
    return Round(seconds, readings, len(targets))


def blackbox(client: httpx.AsyncClient) -> Tool:
    """blackbox_exporter over HTTP as Prometheus asks it, 50 targets at once."""
    at_once = asyncio.Semaphore(BLACKBOX_AT_ONCE)

    async def ask(target: str) -> float | None:
        async with at_once:
            answer = await client.get("/probe", params={"module": "icmp", "target": target})
        if "\nprobe_success 1" not in answer.text:
            return None
        reading = _BLACKBOX_RTT.search(answer.text)
        return float(reading[1]) if reading else None

    async def run(targets: list[str]) -> Round:
        began = time.perf_counter()
        found = await asyncio.gather(*map(ask, targets))
        seconds = time.perf_counter() - began
        return Round(seconds, [1000 * v for v in found if v is not None], len(targets))

    return run


@asynccontextmanager
async def running_blackbox() -> AsyncIterator[httpx.AsyncClient]:
    """The real exporter on a free port of loopback, ended afterwards."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        place = f"127.0.0.1:{free.getsockname()[1]}"
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder, "blackbox.yml")
        config.write_text(_BLACKBOX_CONFIG)  # noqa: ASYNC240 - nothing else runs yet
        process = await asyncio.create_subprocess_exec(
            "prometheus-blackbox-exporter",
            f"--config.file={config}",
            f"--web.listen-address={place}",
            "--log.level=error",
        )
        try:
            limits = httpx.Limits(max_connections=BLACKBOX_AT_ONCE)
            async with httpx.AsyncClient(
                base_url=f"http://{place}", limits=limits, timeout=30, trust_env=False
            ) as client:
                await _until_ready(client)
                yield client
        finally:
            process.terminate()
            await process.wait()


async def _until_ready(client: httpx.AsyncClient) -> None:
    async with asyncio.timeout(20):
        while True:
            try:
                await client.get("/-/healthy")
            except httpx.ConnectError:
                await asyncio.sleep(0.05)
            else:
                return


async def measure(tools: dict[str, tuple[Tool, int]], rounds: int) -> dict[str, list[Round]]:
    """The tools in turn, round by round, so that what disturbs one disturbs the other.

    tools: name → tool and number of hosts. The first round warms up and is not kept; then the order
    alternates.
    """
    kept: dict[str, list[Round]] = {name: [] for name in tools}
    for number in range(rounds + 1):
        order = list(tools) if number % 2 else list(reversed(tools))
        for name in order:
            tool, hosts = tools[name]
            result = await tool(addresses(hosts))
            if number:
                kept[name].append(result)
    return kept


def outcome(tool: str, rounds: list[Round]) -> Outcome:
    """The rounds of one tool in short."""
    ordered = [sorted(one.readings_ms) or [float("nan")] for one in rounds]
    return Outcome(
        tool=tool,
        hosts=rounds[0].hosts,
        seconds=statistics.median(one.seconds for one in rounds),
        median_ms=statistics.median(statistics.median(readings) for readings in ordered),
        p99_ms=statistics.median(readings[int(0.99 * len(readings))] for readings in ordered),
        false_losses=sum(one.hosts - len(one.readings_ms) for one in rounds),
    )


def claims(kept: dict[str, list[Round]]) -> dict[str, tuple[float, bool]]:
    """What benchmarks/README.md promises: each with the value measured and whether it holds."""
    mine, theirs = outcome("ours", kept["ours"]), outcome("fping", kept["fping"])
    ratio = statistics.median(
        one.seconds / other.seconds for one, other in zip(kept["ours"], kept["fping"], strict=True)
    )
    off_ms = abs(mine.median_ms - theirs.median_ms)
    return {
        "false losses of ours": (mine.false_losses, mine.false_losses == 0),
        "median reading, ms off fping's": (off_ms, off_ms <= MOST_OFF_FPINGS_READING_MS),
        "wall time over fping's, median of the rounds": (ratio, ratio <= MOST_SLOWER_THAN_FPING),
    }


def show(outcomes: list[Outcome], promised: dict[str, tuple[float, bool]]) -> None:
    """The table and the claims, for people."""
    table = Table("tool", "hosts", "seconds", "median ms", "p99 ms", "false loss")
    for one in outcomes:
        table.add_row(
            one.tool,
            f"{one.hosts:,}",
            f"{one.seconds:.3f}",
            f"{one.median_ms:.4f}",
            f"{one.p99_ms:.4f}",
            str(one.false_losses),
        )
    console = Console()
    console.print(table)
    for claim, (value, holds) in promised.items():
        console.print(f"{'holds' if holds else 'FAILS'}: {claim}: {value:.4g}")


async def run(options: argparse.Namespace) -> bool:
    """Measures and shows; true when every claim holds."""
    engine = Engine()
    hosts, fewer = options.hosts, options.blackbox_hosts
    try:
        pair = {"ours": (ours(engine), hosts), "fping": (fping, hosts)}
        kept = await measure(pair, options.rounds * PAIRS_A_ROUND)
        if fewer:
            async with running_blackbox() as client:
                pair = {"ours, fewer": (ours(engine), fewer), "blackbox": (blackbox(client), fewer)}
                kept |= await measure(pair, options.rounds)
    finally:
        engine.close()
    outcomes, promised = [outcome(name, rounds) for name, rounds in kept.items()], claims(kept)
    if options.json:
        rows = [{name: getattr(one, name) for name in Outcome.__slots__} for one in outcomes]
        held = {name: {"value": value, "holds": holds} for name, (value, holds) in promised.items()}
        print(json.dumps({"rounds": options.rounds, "tools": rows, "claims": held}))
    else:
        show(outcomes, promised)
    return all(holds for _, holds in promised.values())


def main() -> int:
    """The command line; see the module's own words."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.icmp")
    parser.add_argument("--hosts", type=int, default=10_000)
    parser.add_argument(
        "--rounds", type=int, default=5, help=f"of {PAIRS_A_ROUND} goes beside fping"
    )
    parser.add_argument("--blackbox-hosts", type=int, default=1_000, help="0 leaves it out")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    wanted = ["fping", *(["prometheus-blackbox-exporter"] if options.blackbox_hosts else [])]
    missing = [program for program in wanted if shutil.which(program) is None]
    if missing:
        print(f"not installed: {', '.join(missing)}", file=sys.stderr)
        return 2
    return 0 if asyncio.run(run(options)) else 1


if __name__ == "__main__":
    sys.exit(main())
