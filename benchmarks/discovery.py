"""How long `ltmon inventory discover` takes for 1,024 addresses where 50 answer, and what it sends to others.

    python -m benchmarks.discovery [--rounds 3] [--json]

The real program in a network namespace of its own (Linux, root or a user namespace, the program `ip`): 50
addresses of the network belong to the namespace and run simulated SNMP agents, everything sent to the others
goes into a TUN device, where it is read and counted. Exit code 1 when a claim of benchmarks/README.md does
not hold.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import select
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

from rich.console import Console
from rich.progress import track

from benchmarks.snmp_switch import SimulatedAgent, switch_tree
from simulator.network import open_office

NETWORK = IPv4Network("10.201.0.0/22")
ADDRESSES = list(NETWORK.hosts())
LIVING = [str(one) for one in ADDRESSES[::20][:50]]
MOST_SECONDS = 20.0
HOME = "10.9.0.1"
ICMP, UDP = 1, 17
INVENTORY = """
district: {id: d, name: D}
sites: [{id: office, name: Office, kind: commune}]
credentials:
  - {id: first, version: 2c, community: not-this-one}
  - {id: second, version: 2c, community: this-one}
"""


@dataclass(frozen=True, slots=True)
class Found:
    """One run. to_silent: datagrams of SNMP to addresses that did not answer; outside: packets to others."""

    seconds: float
    hosts: int
    identified: int
    to_silent: int
    outside: int


def run_once() -> Found:
    """One discovery in a namespace of its own."""
    office = open_office("discovery", HOME)
    sent: Counter[tuple[IPv4Address, int]] = Counter()
    done = threading.Event()
    reader = threading.Thread(target=_read, args=(office.tun, sent, done), daemon=True)
    reader.start()
    try:
        process = office.start(
            [sys.executable, "-m", "benchmarks.discovery", "--inside"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=Path.cwd(),
        )  # fmt: skip
        out, _ = process.communicate()
    finally:
        done.set()
        reader.join()
        office.close()
    if process.returncode:
        raise RuntimeError("the discovery did not come to an end")
    told = json.loads(out)
    return Found(
        told["seconds"],
        told["hosts"],
        told["identified"],
        sum(n for (_, protocol), n in sent.items() if protocol == UDP),
        sum(n for (to, protocol), n in sent.items() if to not in NETWORK and protocol == ICMP),
    )


def _read(tun: int, sent: Counter[tuple[IPv4Address, int]], done: threading.Event) -> None:
    """Counts the IPv4 packets that nobody answers, by destination and protocol."""
    while not done.is_set():
        if select.select([tun], [], [], 0.1)[0]:
            packet = os.read(tun, 65_536)
            if packet[0] >> 4 == 4:
                sent[IPv4Address(packet[16:20]), packet[9]] += 1


async def inside() -> None:
    """What runs in the namespace: the devices, and the program that looks for them."""
    routes = "".join(f"route add local {address}/32 dev lo\n" for address in LIVING)
    subprocess.run(["ip", "-batch", "-"], input=routes, text=True, check=True)  # noqa: ASYNC221
    loop = asyncio.get_running_loop()
    for number, address in enumerate(LIVING[:45], 1):  # five answer echo requests only
        tree = switch_tree(time.time() - 86_400, 8, number)
        await loop.create_datagram_endpoint(
            lambda tree=tree: SimulatedAgent(tree, "this-one"),  # type: ignore[misc]
            local_addr=(address, 161),
        )
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "base.yaml").write_text(INVENTORY)  # noqa: ASYNC240 - nothing else runs yet
        began = time.perf_counter()
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "ltmon", "inventory", "discover", str(NETWORK), "--json",
            "--credentials", "first", "--credentials", "second", "--inventory", folder,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        out, _ = await process.communicate()
        seconds = time.perf_counter() - began
    hosts = [json.loads(line) for line in out.splitlines()]
    identified = sum(host["snmp"] is not None for host in hosts)
    print(json.dumps({"seconds": seconds, "hosts": len(hosts), "identified": identified}))


def claims(runs: Sequence[Found]) -> dict[str, tuple[float, bool]]:
    """What benchmarks/README.md promises: each with the value measured and whether it holds."""
    worst = max(run.seconds for run in runs)
    hosts, identified = min(run.hosts for run in runs), min(run.identified for run in runs)
    silent, outside = sum(run.to_silent for run in runs), sum(run.outside for run in runs)
    return {
        f"seconds for {len(ADDRESSES)} addresses, worst": (worst, worst < MOST_SECONDS),
        "hosts found": (hosts, hosts == len(LIVING)),
        "identified over SNMP, by the second credentials": (identified, identified == 45),
        "datagrams with a community to hosts that did not answer": (silent, silent == 0),
        "packets outside of the network named": (outside, outside == 0),
    }


def main() -> int:
    """The command line; see the module's own words."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.discovery")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        asyncio.run(inside())
        return 0
    if shutil.which("ip") is None:
        print("not installed: iproute2", file=sys.stderr)
        return 2
    runs = [run_once() for _ in track(range(options.rounds), "runs", console=Console(stderr=True))]
    promised = claims(runs)
    if options.json:
        held = {name: {"value": value, "holds": holds} for name, (value, holds) in promised.items()}
        print(json.dumps({"seconds": [run.seconds for run in runs], "claims": held}))
    else:
        print(f"median {statistics.median(run.seconds for run in runs):.1f} s")
        for claim, (value, holds) in promised.items():
            print(f"{'holds' if holds else 'FAILS'}: {claim}: {value:.3g}")
    return 0 if all(holds for _, holds in promised.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
