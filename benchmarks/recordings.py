"""Recorded devices of a folder, each served over a real socket and polled as the agent polls.

    python -m benchmarks.recordings FOLDER [--tsv recordings.tsv] [--json] [--jobs 2] [--misses]

FOLDER holds snmpsim's `.snmprec` walks, also in folders below it. The tsv says what another monitor found
in each: name, its name of the system and of the type, and how many ports and sensors. Without it only
crashes are counted. Exit code 1 when a claim of benchmarks/README.md does not hold.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import cast

from rich.console import Console
from rich.progress import track
from rich.table import Table

from agent.probe import Reason, Target
from agent.probes.snmp import SnmpProbe
from benchmarks.recordings_expected import (
    AGREED_PORTS,
    CLAIMS,
    RADIO_POWER,
    SENSORS,
    agree,
    agree_about_sensors,
    expected_classes,
)
from inventory.check import SnmpCheck
from inventory.credentials import Credentials, Secret
from simulator.snmp.recording import read
from simulator.snmp.responder import respond
from simulator.snmp.tree import Tree
from telemetry.sample import Reading

COMMUNITY = "public"
DEADLINE_SECONDS = 120.0
CRASHES = (Reason.INTERNAL, Reason.MALFORMED)


@dataclass(frozen=True, slots=True)
class Polled:
    """What came of one recording. crash: our own fault or an answer that we could not read, in words."""

    name: str
    class_: str
    profile: str
    vendor: str
    model: str
    counts: dict[str, int]
    implausible: tuple[str, ...]
    seconds: float
    crash: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What the other monitor found: its names of system and type, ports, and sensors by its classes."""

    os: str
    type: str
    ports: int
    sensors: Mapping[str, int]


class _Agent(asyncio.DatagramProtocol):
    """A simulated agent on a free port of loopback."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        answer = respond(data, self._tree, COMMUNITY.encode(), time.time())
        if answer is not None and self._transport is not None:
            self._transport.sendto(answer, addr)


def polled(path: Path) -> Polled:
    """One recording, served and polled once; never raises, a crash is an outcome."""
    began = time.perf_counter()
    try:
        return asyncio.run(_polled(path))
    except Exception as error:  # noqa: BLE001 - what is counted here is just that
        seconds = time.perf_counter() - began
        return Polled(
            path.stem, "", "", "", "", {}, (), seconds, f"{type(error).__name__}: {error}"
        )


async def _polled(path: Path) -> Polled:
    tree = Tree(read(path))
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        lambda: _Agent(tree), local_addr=("127.0.0.1", 0)
    )
    who = Credentials(id="recorded", version="2c", community=Secret("plain", COMMUNITY))
    port = transport.get_extra_info("sockname")[1]
    target = Target(path.stem, "", "other", "127.0.0.1", credentials=who, snmp_port=port)
    probe = SnmpProbe()
    try:
        options = SnmpCheck(requests_per_second=10_000)
        result = await probe.check(target, options, DEADLINE_SECONDS)
    finally:
        await probe.close()
        transport.close()
    crash = "; ".join(result.working[-3:]) if result.reason in CRASHES else ""
    return Polled(
        path.stem,
        result.class_,
        result.profile,
        result.vendor,
        result.model,
        dict(Counter(reading.metric for reading in result.readings)),
        tuple(_implausible(result.readings)),
        result.seconds,
        crash or ("" if result.readings else f"nothing was read: {result.working[-1:]}"),
    )


def _implausible(readings: Iterable[Reading]) -> Iterator[str]:
    for kind in SENSORS.values():
        for reading in readings:
            if reading.metric in kind.metrics and not kind.low <= reading.value <= kind.high:
                yield f"{reading.metric} {dict(reading.labels)} = {reading.value:g}"


def known_recordings(tsv: Path) -> dict[str, Known]:
    """The rows of the tsv by recording; a title that stands among the rows is left out."""
    with tsv.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if row["os"] != "os"]
    return {
        row["recording"]: Known(
            row["os"], row["type"], int(row["ports"] or 0), _sensors(row["sensors"] or "")
        )
        for row in rows
    }


def _sensors(words: str) -> dict[str, int]:
    return {name: int(count) for name, _, count in (word.partition("=") for word in words.split())}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether one recording agrees, by claim; a claim that does not concern it is not in it."""

    one: Polled
    known: Known | None
    agrees: Mapping[str, bool]
    wanted: Mapping[str, str]


def judged(one: Polled, known: Known | None) -> Verdict:
    """The recording held against what the other monitor found in it."""
    agrees, wanted = {"polled": not one.crash}, {"polled": one.crash}
    if known is not None:
        classes = expected_classes(known.os, known.type)
        if classes:
            agrees["class"] = (one.class_ or "other") in classes
            wanted["class"] = f"{one.class_ or 'other'} is not {' or '.join(sorted(classes))}"
        if known.ports:
            ours = one.counts.get("interface_info", 0)
            agrees["interfaces"] = agree(ours, known.ports, AGREED_PORTS)
            wanted["interfaces"] = f"{ours} instead of {known.ports}"
        for claim, kind in SENSORS.items():
            theirs = known.sensors.get(kind.theirs, 0)
            if theirs and not (claim == "light" and known.os in RADIO_POWER):
                ours = sum(one.counts.get(metric, 0) for metric in kind.metrics)
                agrees[claim] = agree_about_sensors(ours, theirs) and not one.implausible
                wanted[claim] = f"{ours} instead of {theirs}; {'; '.join(one.implausible[:2])}"
    return Verdict(one, known, agrees, wanted)


def claims(verdicts: list[Verdict]) -> dict[str, tuple[int, int, float]]:
    """For each claim how many agree, of how many, and the share that was promised."""
    found = {}
    for claim, promised in CLAIMS.items():
        concerned = [v.agrees[claim] for v in verdicts if claim in v.agrees]
        if concerned:
            found[claim] = (sum(concerned), len(concerned), promised)
    return found


def show(verdicts: list[Verdict], misses: bool) -> None:
    """The tables, for people."""
    console = Console()
    for table in _tables(verdicts):
        console.print(table)
    if misses:
        for verdict in verdicts:
            for claim in (c for c, good in verdict.agrees.items() if not good):
                who = f"{verdict.one.profile} {verdict.known.os if verdict.known else ''}"
                console.print(
                    f"{claim}: {verdict.one.name} ({who}): {verdict.wanted[claim]}",
                    soft_wrap=True, highlight=False, markup=False,
                )  # fmt: skip


def _tables(verdicts: list[Verdict]) -> Iterator[Table]:
    held = Table("claim", "agree", "of", "share", "promised", "")
    for claim, (agreed, of, promised) in claims(verdicts).items():
        verdict = "holds" if agreed >= promised * of else "FAILS"
        held.add_row(claim, str(agreed), str(of), f"{agreed / of:.1%}", f"{promised:.0%}", verdict)
    yield held
    by_class = Table("class", "all", *CLAIMS, "seconds")
    for class_ in sorted({v.one.class_ for v in verdicts}):
        own = [v for v in verdicts if v.one.class_ == class_]
        cells = []
        for claim in CLAIMS:
            concerned = [v.agrees[claim] for v in own if claim in v.agrees]
            cells.append(f"{sum(concerned)}/{len(concerned)}" if concerned else "–")
        seconds = sorted(v.one.seconds for v in own)[len(own) // 2]
        by_class.add_row(class_ or "(not known)", str(len(own)), *cells, f"{seconds:.2f}")
    yield by_class


def main() -> int:
    """The command line; see the module's own words."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recordings")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tsv", type=Path, help="what another monitor found in each")
    parser.add_argument(
        "--json", action="store_true", help="one object a recording, then the claims"
    )
    parser.add_argument("--jobs", type=int, default=2, help="how many are polled at a time")
    parser.add_argument("--misses", action="store_true", help="a line for all that does not agree")
    options = parser.parse_args()
    paths = sorted(options.folder.rglob("*.snmprec"))
    if not paths or (options.tsv and not options.tsv.is_file()):
        print(f"no recordings in {options.folder}, or no such tsv", file=sys.stderr)
        return 2
    known = known_recordings(options.tsv) if options.tsv else {}
    spawned = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(options.jobs, mp_context=spawned) as pool:
        bar = Console(stderr=True)
        found = track(pool.map(polled, paths, chunksize=4), "recordings", len(paths), console=bar)
        verdicts = [judged(one, known.get(one.name)) for one in found]
    held = claims(verdicts)
    if options.json:
        for verdict in verdicts:
            print(json.dumps({**asdict(verdict.one), "agrees": dict(verdict.agrees)}))
        print(json.dumps({"claims": held}))
    else:
        show(verdicts, options.misses)
    return 0 if all(agreed >= promised * of for agreed, of, promised in held.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
