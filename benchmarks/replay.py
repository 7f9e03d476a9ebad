"""How many recorded samples a second `ltmon collector replay` judges, and in how much memory.

    python -m benchmarks.replay [--samples 10000000] [--recording FILE] [--json]

Writes a recording of 60 devices (or keeps it as FILE for the next time), runs the command over it in a
process of its own and reads that process' clock and memory. Exit code 1 when a claim of
benchmarks/README.md does not hold.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

LEAST_SAMPLES_PER_SECOND = 100_000
MOST_BYTES_PER_SERIES = 64 << 10
"""What the replay may hold for each series, over what Python and its libraries take."""

START_MS = 1_700_000_000_000
OFFICES = 12
PING_MS = 30_000
POLL_MS = 60_000

_OFFICE = (("onu", "fiber_onu", "core-olt"), ("router", "router", "onu"))
_OFFICE += (("switch", "lan_switch", "router"), ("room", "vc_endpoint", "switch"))
_OFFICE += (("ups", "ups", "switch"),)
_PORTS = ("ge1", "ge2")

Metric = tuple[str, dict[str, str]]


def write_inventory(folder: Path) -> list[dict[str, Any]]:
    """A district of 12 offices with 5 devices each; returns the devices."""
    sites = [{"id": "core", "name": "UBND huyện", "kind": "district"}]
    devices: list[dict[str, Any]] = []
    for office in range(OFFICES):
        site = f"xa-{office:02}"
        sites.append({"id": site, "name": f"UBND xã {office}", "kind": "commune", "parent": "core"})
        for place, (name, class_, parent) in enumerate(_OFFICE, 1):
            above = [] if parent == "core-olt" else [f"{site}-{parent}"]
            device = {"id": f"{site}-{name}", "site": site, "class": class_, "parents": above}
            devices.append(device | {"address": f"10.20.{office}.{place}"})
    district = {"id": "lap-thach", "name": "Huyện Lập Thạch", "timezone": "Asia/Ho_Chi_Minh"}
    document = {"district": district | {"language": "vi"}, "sites": sites, "devices": devices}
    (folder / "district.yaml").write_text(json.dumps(document, ensure_ascii=False))
    return devices


def write_recording(path: Path, devices: list[dict[str, Any]], wanted: int) -> None:
    """About `wanted` samples, a series a line, as an export has them."""
    per_device_minute = 2 * len(list(_ping_metrics())) + len(list(_poll_metrics()))
    minutes = max(10, round(wanted / per_device_minute / len(devices)))
    chance = random.Random(7)
    with path.open("w", encoding="utf-8") as lines:
        for number, device in enumerate(devices):
            identity = {"site": device["site"], "device": device["id"], "class": device["class"]}
            identity["agent"] = device["site"]
            dead = _dead_spans(chance, minutes)
            for metrics, every in ((_ping_metrics(), PING_MS), (_poll_metrics(), POLL_MS)):
                begin = START_MS + (number * 487 + every) % every
                stamps = list(range(begin, START_MS + minutes * 60_000, every))
                for name, labels in metrics:
                    values = _values(chance, name, stamps, dead)
                    row = {"metric": {"__name__": name, **identity, **labels}}
                    lines.write(json.dumps(row | {"values": values, "timestamps": stamps}) + "\n")


def _dead_spans(chance: random.Random, minutes: int) -> list[tuple[int, int]]:
    """When the device does not answer: about once a day for ten minutes."""
    starts = [chance.randrange(minutes) for _ in range(max(1, minutes // 1440))]
    return [(START_MS + m * 60_000, START_MS + (m + 10) * 60_000) for m in starts]


def _ping_metrics() -> Iterator[Metric]:
    yield "icmp_loss_ratio", {}
    for part in ("min", "median", "p90", "max"):
        yield f"icmp_rtt_{part}_seconds", {}
    yield "icmp_jitter_seconds", {}
    yield "icmp_packets_sent_total", {}
    yield "icmp_packets_received_total", {}
    yield "check_up", {"check": "icmp"}
    yield "check_duration_seconds", {"check": "icmp"}


def _poll_metrics() -> Iterator[Metric]:
    yield "check_up", {"check": "snmp"}
    yield "check_duration_seconds", {"check": "snmp"}
    yield "snmp_response_seconds", {}
    yield "device_uptime_seconds", {}
    yield "device_cpu_utilization_ratio", {"cpu": "1"}
    yield "device_memory_utilization_ratio", {"pool": "ram"}
    yield "device_temperature_celsius", {"sensor": "board"}
    for port in _PORTS:
        yield "interface_up", {"interface": port}
        for way in ("receive", "transmit"):
            for what in ("bytes", "packets", "errors", "discards"):
                yield f"interface_{way}_{what}_total", {"interface": port}


def _values(
    chance: random.Random, name: str, stamps: list[int], dead: list[tuple[int, int]]
) -> list[float]:
    """Believable values: rates for counters, noise for the rest, nothing answered while dead."""
    if name.startswith("interface_") and name.endswith("_total"):
        step = {"bytes": 90_000, "packets": 300}.get(name.split("_")[2], 0)
        return [step * n + int(step * chance.random()) for n in range(len(stamps))]
    if name == "check_up" or name == "icmp_loss_ratio":
        lost = [any(a <= s < b for a, b in dead) for s in stamps]
        return [float(one == (name == "icmp_loss_ratio")) for one in lost]
    if name.endswith("_total") or name == "device_uptime_seconds":
        return [float(10 * n) for n in range(len(stamps))]
    if name == "interface_up":
        return [1.0] * len(stamps)
    middle = {"device_temperature_celsius": 41.0, "device_memory_utilization_ratio": 0.5}
    base = middle.get(name, 0.004)
    swing = [1.0 + 0.1 * math.sin(h / 24.0 * math.tau) for h in range(24)]
    return [
        round(base * swing[s // 3_600_000 % 24] * (0.95 + 0.1 * chance.random()), 6) for s in stamps
    ]


@dataclass(frozen=True, slots=True)
class Figures:
    """What one replay took. cpu_seconds: of one core, reading the JSON included."""

    samples: int
    series: int
    incidents: int
    seconds: float
    cpu_seconds: float
    peak_bytes: int
    resting_bytes: int

    @property
    def samples_per_second(self) -> float:
        """Samples judged in a second of one core."""
        return self.samples / self.cpu_seconds

    @property
    def bytes_per_series(self) -> float:
        """Memory over that of a replay of nothing, for each series."""
        return (self.peak_bytes - self.resting_bytes) / self.series

    @property
    def holds(self) -> bool:
        """Whether it is as good as benchmarks/README.md says."""
        quick = self.samples_per_second >= LEAST_SAMPLES_PER_SECOND
        return quick and self.bytes_per_series <= MOST_BYTES_PER_SERIES


def measure(inventory: Path, recording: Path) -> Figures:
    """Replays nothing, then the recording, each in a process of its own."""
    empty = inventory / "empty.jsonl"
    empty.touch()
    resting = _run(inventory, empty)
    taken = _run(inventory, recording)
    with recording.open("rb") as lines:
        series = sum(1 for _ in lines)
    return Figures(
        samples=taken.summary["samples"],
        series=series,
        incidents=taken.summary["incidents"],
        seconds=taken.seconds,
        cpu_seconds=taken.cpu_seconds,
        peak_bytes=taken.peak_bytes,
        resting_bytes=resting.peak_bytes,
    )


@dataclass(frozen=True, slots=True)
class _Run:
    summary: dict[str, Any]
    seconds: float
    cpu_seconds: float
    peak_bytes: int


def _run(inventory: Path, recording: Path) -> _Run:
    command = [sys.executable, "-m", "ltmon", "collector", "replay", "--json"]
    command += ["--inventory", str(inventory), "--samples", str(recording)]
    begin = time.perf_counter()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, stdout=output)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - begin
        if process.returncode:
            raise SystemExit(f"the replay ended with exit code {process.returncode}")
        output.seek(0)
        *_, last = output
    cpu_seconds = usage.ru_utime + usage.ru_stime
    return _Run(json.loads(last), seconds, cpu_seconds, usage.ru_maxrss * 1024)


def main() -> int:
    """Prints the figures; 1 when they are worse than what is claimed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=10_000_000)
    parser.add_argument("--recording", type=Path)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        devices = write_inventory(folder)
        recording = options.recording or folder / "recording.jsonl"
        if not recording.exists():
            write_recording(recording, devices, options.samples)
        figures = measure(folder, recording)
    _show(figures, options.json)
    return 0 if figures.holds else 1


def _show(figures: Figures, as_json: bool) -> None:
    shown = {
        "samples": figures.samples,
        "series": figures.series,
        "incidents": figures.incidents,
        "seconds": round(figures.seconds, 2),
        "cpu_seconds": round(figures.cpu_seconds, 2),
        "samples_per_second": round(figures.samples_per_second),
        "peak_mib": round(figures.peak_bytes / 2**20, 1),
        "kib_per_series": round(figures.bytes_per_series / 1024, 1),
        "holds": figures.holds,
    }
    if as_json:
        print(json.dumps(shown))
        return
    table = Table("figure", "value")
    for figure, value in shown.items():
        table.add_row(
            figure.replace("_", " "), f"{value:,}" if value != figures.holds else str(value)
        )
    Console().print(table)


if __name__ == "__main__":
    sys.exit(main())
