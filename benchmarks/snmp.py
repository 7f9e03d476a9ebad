"""A full poll of a 48-port switch, from the packet to the buffered samples: ours beside snmp_exporter.

    python -m benchmarks.snmp [--rounds 9] [--polls 10] [--json]

Needs the Debian package prometheus-snmp-exporter. Both ask the same simulated switch for the same objects,
in turn, in the same run; what is compared is the processor time of each. The switch is a process of its
own and does not count. Exit code 1 when a claim of benchmarks/README.md does not hold.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import httpx
from rich.console import Console
from rich.progress import track
from rich.table import Table

from agent.app import calm_collection
from agent.buffer import Buffer
from agent.keeper import Keeper
from agent.measure import Measurer
from agent.probe import Target
from agent.probes.snmp import SnmpProbe
from agent.resolve import Assignment
from benchmarks.snmp_switch import COLUMNS, COMMUNITY, PORTS, exporter_config
from inventory.check import SnmpCheck
from inventory.credentials import Credentials, Secret

MOST_OF_EXPORTERS_CPU = 1 / 3
EXPORTER = "prometheus-snmp-exporter"
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Batch:
    """What some polls of one tool cost. samples: of the last poll."""

    cpu_ms: float
    wall_ms: float
    samples: int


class Ours:
    """The agent's path in a process of its own: measurer, SNMP probe, keeper and buffer on disk."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def polls(self, count: int) -> Batch:
        """Milliseconds a poll."""
        answer = json.loads(_said(self._process, f"{count}\n"))
        return Batch(answer["cpu"] * 1000 / count, answer["wall"] * 1000 / count, answer["samples"])


class Exporter:
    """snmp_exporter, asked over HTTP as Prometheus asks it."""

    def __init__(self, process: subprocess.Popen[bytes], client: httpx.Client, switch: int) -> None:
        self._process, self._client = process, client
        self._target = f"127.0.0.1:{switch}"

    def polls(self, count: int) -> Batch:
        """Milliseconds a poll. The kernel counts a process in hundredths of a second."""
        cpu, began = _cpu_seconds(self._process.pid), time.perf_counter()
        for _ in range(count):
            answer = self._client.get("/snmp", params={"target": self._target, "module": "switch"})
            answer.raise_for_status()
        wall = time.perf_counter() - began
        cpu = _cpu_seconds(self._process.pid) - cpu
        samples = sum(1 for line in answer.text.splitlines() if line and line[0] != "#")
        return Batch(cpu * 1000 / count, wall * 1000 / count, samples)


def _cpu_seconds(pid: int) -> float:
    """User and system time of a process with all its threads (proc(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS


def _said(process: subprocess.Popen[str], words: str = "") -> str:
    """The next line of a child, after `words` were given to it."""
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("the child has no pipes")
    process.stdin.write(words)
    process.stdin.flush()
    line = process.stdout.readline()
    if not line:
        raise RuntimeError(f"{process.args!r} ended")
    return line


@contextmanager
def _child(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A Python process that ends when its standard input does."""
    command = [sys.executable, "-m", *arguments]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        if process.stdin is not None:
            process.stdin.close()


@contextmanager
def running_exporter(switch: int) -> Iterator[Exporter]:
    """The real exporter on a free port of loopback, ended afterwards."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        place = f"127.0.0.1:{free.getsockname()[1]}"
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder, "snmp.yml")
        config.write_text(exporter_config(), encoding="utf-8")
        process = subprocess.Popen(
            [
                EXPORTER,
                f"--config.file={config}",
                f"--web.listen-address={place}",
                "--log.level=error",
            ]
        )
        try:
            with httpx.Client(base_url=f"http://{place}", timeout=60, trust_env=False) as client:
                _until_ready(client)
                yield Exporter(process, client, switch)
        finally:
            process.terminate()
            process.wait()


def _until_ready(client: httpx.Client) -> None:
    until = time.monotonic() + 20
    while True:
        try:
            client.get("/")
        except httpx.ConnectError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return


async def serve_ours(port: int, lines: IO[str], folder: Path) -> None:
    """Polls as often as each line says, and answers with the processor time that it took."""
    who = Credentials(id="switch", version="2c", community=Secret("plain", COMMUNITY))
    target = Target("switch", "office", "lan_switch", "127.0.0.1", credentials=who, snmp_port=port)
    assignment = Assignment(target, "snmp", SnmpCheck(requests_per_second=10_000))
    probe = SnmpProbe()
    measurer = Measurer("office", {"snmp": probe})
    keeper = Keeper(lambda: Buffer(folder / "buffer.db", max_bytes=64 << 20, max_age_ms=86_400_000))
    await keeper.open()
    calm_collection()
    commits = asyncio.create_task(keeper.run())  # as in the agent: what came in a second, at once
    for line in lines:
        samples = 0
        cpu, wall = time.process_time(), time.perf_counter()
        for _ in range(int(line)):
            result, found = await measurer.measure(assignment)
            if not result.ok:
                raise RuntimeError("; ".join(result.working))
            keeper.put(found)
            samples = len(found)
        await keeper.flush()
        cost = {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}
        print(json.dumps({**cost, "samples": samples}), flush=True)
    commits.cancel()
    await probe.close()
    await keeper.close()


def measure(rounds: int, polls: int) -> dict[str, list[Batch]]:
    """The two in turn, `polls` at a time; the first round warms both up and is not kept."""
    kept: dict[str, list[Batch]] = {"ours": [], "snmp_exporter": []}
    with _child("benchmarks.snmp_switch") as switch:
        port = int(_said(switch))
        with (
            _child("benchmarks.snmp", "--ours", str(port)) as child,
            running_exporter(port) as peer,
        ):
            tools: dict[str, Ours | Exporter] = {"ours": Ours(child), "snmp_exporter": peer}
            bar = Console(stderr=True)
            for number in track(range(rounds + 1), "rounds", console=bar):
                for name in tools if number % 2 else reversed(tools):
                    batch = tools[name].polls(polls)
                    if number:
                        kept[name].append(batch)
    return kept


def claims(kept: dict[str, list[Batch]]) -> dict[str, tuple[float, bool]]:
    """What benchmarks/README.md promises: each with the value measured and whether it holds."""
    pairs = zip(kept["ours"], kept["snmp_exporter"], strict=True)
    ratio = statistics.median(mine.cpu_ms / theirs.cpu_ms for mine, theirs in pairs)
    least = PORTS * 15
    samples = kept["ours"][-1].samples
    return {
        "processor time over snmp_exporter's, median of the rounds": (
            ratio,
            ratio <= MOST_OF_EXPORTERS_CPU,
        ),
        "samples of ours, at least 15 a port": (samples, samples >= least),
    }


def show(kept: dict[str, list[Batch]], promised: dict[str, tuple[float, bool]]) -> None:
    """The table and the claims, for people."""
    table = Table("tool", "CPU ms a poll", "wall ms a poll", "samples")
    for name, batches in kept.items():
        cpu = statistics.median(batch.cpu_ms for batch in batches)
        wall = statistics.median(batch.wall_ms for batch in batches)
        table.add_row(name, f"{cpu:.1f}", f"{wall:.1f}", str(batches[-1].samples))
    console = Console()
    console.print(f"{PORTS} ports, {len(COLUMNS)} columns")
    console.print(table)
    for claim, (value, holds) in promised.items():
        console.print(f"{'holds' if holds else 'FAILS'}: {claim}: {value:.4g}")


def main() -> int:
    """The command line; see the module's own words."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.snmp")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--polls", type=int, default=10, help="polls of each in a round")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--ours", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.ours is not None:
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(serve_ours(options.ours, sys.stdin, Path(folder)))
        return 0
    if shutil.which(EXPORTER) is None:
        print(f"not installed: {EXPORTER}", file=sys.stderr)
        return 2
    kept = measure(options.rounds, options.polls)
    promised = claims(kept)
    if options.json:
        held = {name: {"value": value, "holds": holds} for name, (value, holds) in promised.items()}
        rows = {name: [[b.cpu_ms, b.wall_ms, b.samples] for b in kept[name]] for name in kept}
        print(json.dumps({"polls": options.polls, "tools": rows, "claims": held}))
    else:
        show(kept, promised)
    return 0 if all(holds for _, holds in promised.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
