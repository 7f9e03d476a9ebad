"""The whole demo, as a user starts it: real processes, real packets, one incident for one fault."""

from __future__ import annotations

import contextlib
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

pytestmark = [
    pytest.mark.alone,
    pytest.mark.usefixtures("requires_root"),
    pytest.mark.timeout(170),
]

ICMP_INTERVAL = 5.0
ALLOWED_SECONDS = 2 * ICMP_INTERVAL + 15
Event = dict[str, Any]


class Demo:
    """A running demo. `events`: what it said so far."""

    def __init__(self, process: subprocess.Popen[str], page: str) -> None:
        self.process, self.page = process, page
        self.events: list[Event] = []
        self._unclaimed: list[Event] = []

    def until(self, event: str, **facts: Any) -> Event:
        """The next event with these facts that nobody has waited for yet; fails when the demo ends
        before. The mail about an incident and the incident itself may come in either order.
        """
        wanted = {"event": event, **facts}.items()
        for said in self._said():
            if said.items() >= wanted:
                self._unclaimed.remove(said)
                return said
        raise AssertionError(f"no {event} among {[e['event'] for e in self.events]}")

    def _said(self) -> Iterator[Event]:
        """What nobody has waited for yet, then what is said from now on."""
        assert self.process.stdout is not None
        yield from list(self._unclaimed)
        for line in self.process.stdout:
            self.events.append(json.loads(line))
            self._unclaimed.append(self.events[-1])
            yield self.events[-1]

    def devices(self, site: str) -> dict[str, str]:
        """The state of each of a site's devices, as the API says it."""
        answer = httpx.get(f"{self.page}/api/v1/devices", params={"site": site}, trust_env=False)
        return {device["id"]: device["state"] for device in answer.json()}

    def stop(self) -> list[Event]:
        """Ends it as a terminal that closes does; returns all that it said."""
        self.process.send_signal(signal.SIGTERM)
        rest, _ = self.process.communicate(timeout=40)
        self.events += [json.loads(line) for line in rest.splitlines()]
        assert self.process.returncode == 0
        return self.events


@contextmanager
def demo(scenario: str, *options: str) -> Iterator[Demo]:
    """Starts the demo without this machine, whose own troubles are not the scenario's."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "ltmon", "demo", "--port", str(port), "--json", "--no-machine"]
    process = subprocess.Popen(
        [*command, "--scenario", scenario, *options], stdout=subprocess.PIPE, text=True
    )
    try:
        yield Demo(process, f"http://127.0.0.1:{port}")
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=40)


def children_of(pid: int) -> set[Path]:
    """The processes that a process has started, as folders of /proc."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                stat = (entry / "stat").read_text()
                if int(stat.rpartition(")")[2].split()[1]) == pid:
                    found.add(entry)
    return found


def test_switch_death_is_one_incident() -> None:
    """The dead switch is named within two intervals and 15 s, what is behind it is unreachable, the
    mail arrives, and its recovery makes no new incident. Afterwards nothing is left behind.
    """
    with demo("switch-death") as running:
        running.until("green")
        fault = running.until("fault_applied")
        switch = fault["cause"].partition(":")[2]
        opened = running.until("incident_opened")
        assert opened["cause"] == fault["cause"]
        assert opened["seconds"] <= ALLOWED_SECONDS
        assert len(opened["affected"]) == 4
        # What stands behind it is unreachable as soon as it has been asked in vain itself.
        ends = time.monotonic() + 2 * ICMP_INTERVAL
        expected = dict.fromkeys(opened["affected"], "unreachable") | {switch: "down"}
        while not running.devices(opened["site"]).items() >= expected.items():
            assert time.monotonic() < ends, running.devices(opened["site"])
            time.sleep(0.3)
        running.until("mail")
        running.until("fault_mended")
        resolved = running.until("incident_resolved")
        assert resolved["incident"] == opened["incident"]
        children = children_of(running.process.pid)
        assert len(children) == 5
        events = running.stop()
    assert [event["incident"] for event in events if event["event"] == "incident_opened"] == [
        opened["incident"]
    ]
    assert events[-1]["event"] == "summary"
    assert not any(child.exists() for child in children)


def test_power_cut_is_one_incident() -> None:
    """A commune on battery and then dark is one incident of the site. Its devices stop being shown as
    up when what was measured before is too old to be believed, and stay so while it is dark.
    """
    with demo("power-cut") as running:
        opened = running.until("incident_opened")
        site = opened["site"]
        assert opened["cause"] == f"site:{site}"
        assert running.until("agent_killed")["site"] == site
        dark_since = time.monotonic()
        running.until("incident_updated", severity="critical")
        while "up" in (states := set(running.devices(site).values())):
            assert time.monotonic() < dark_since + 40, states
            time.sleep(0.5)
        for _ in range(5):
            states = set(running.devices(site).values())
            assert states <= {"down", "unreachable", "not_measured"}
            time.sleep(1)
        events = running.stop()
    assert sum(event["event"] == "incident_opened" for event in events) == 1


def test_duration_ends_it() -> None:
    """After its duration it ends by itself, with a summary and code 0."""
    with demo("quiet", "--duration", "3", "--loopback") as running:
        summary = running.until("summary")
        assert running.process.wait(30) == 0
    assert summary["faults"] == summary["opened"] == 0
    assert [event["event"] for event in running.events[:2]] == ["loopback", "started"]
