"""The table of docs/devices.md: what is made of every recording of snmpsim-data.

`python -m tests.agent.snmp.devices_table --write` writes it anew.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from agent.snmp.session import SnmpFailure
from inventory.profile import shipped_profiles, unproven
from tests.agent.snmp.recorded import RECORDINGS
from tests.agent.snmp.replay import polled, replayed

PAGE = Path(__file__).parents[3] / "docs" / "devices.md"
NOT_SENSORS = ("interface_", "snmp_response", "device_info", "device_uptime")
HEAD = """# Equipment that is known

This page is made by a test out of 116 recordings of real devices (the package snmpsim-data, a test
dependency): every one is polled as the agent polls, and this is what came out. `sensors` counts every
reading beyond the interfaces: processors, memory, temperatures, fans, light, batteries, clients. A `+` behind
a figure means that the recording is so large that the test reads only its beginning.

`python -m tests.agent.snmp.devices_table --write` writes it anew. `ltmon identify` says the same for a device
that stands before you, and [adding.md](adding.md) how to add a family.

"""


@dataclass(frozen=True, slots=True)
class Row:
    """What one recording is taken for. failure: what went wrong while it was polled, empty for nothing."""

    recording: str
    class_: str
    profile: str
    vendor: str
    interfaces: int
    sensors: int
    cut: bool
    failure: SnmpFailure | None

    def line(self) -> str:
        more = "+" if self.cut else ""
        return (
            f"| {self.recording} | {self.class_} | {self.profile} | {self.vendor.replace('|', ' ')} "
            f"| {self.interfaces}{more} | {self.sensors}{more} |"
        )


def names() -> list[str]:
    """Every recording of snmpsim-data by its path without the endings."""
    paths = RECORDINGS.rglob("*.snmprec*")
    return sorted(p.relative_to(RECORDINGS).as_posix().split(".snmprec")[0] for p in paths)


def row_of(name: str) -> Row:
    """Polls one recording once."""
    path = RECORDINGS / f"{name}.snmprec.bz2"
    session, cut = replayed(path if path.exists() else path.with_suffix(""))
    poll = asyncio.run(polled(session))
    counts = Counter(reading.metric for reading in poll.readings)
    sensors = sum(n for metric, n in counts.items() if not metric.startswith(NOT_SENSORS))
    who = poll.identity
    return Row(
        name,
        who.class_.value,
        who.profile,
        who.vendor,
        counts["interface_info"],
        sensors,
        cut,
        poll.poll.failure,
    )


def page(rows: list[Row]) -> str:
    """The page as it is kept."""
    table = "\n".join(row.line() for row in rows)
    titles = "| recording | class | profile | vendor | interfaces | sensors |\n|---|---|---|---|---|---|\n"
    return f"{HEAD}## Recordings\n\n{titles}{table}\n\n{_families()}"


def _families() -> str:
    """Every profile, and what of it no real device has proven."""
    lines = [
        f"| {p.id} | {p.text} | {len(p.metrics)} | {', '.join(sorted(unproven(p.id))) or '–'} |"
        for p in shipped_profiles()
    ]
    return (
        "## Families\n\n"
        "`objects` are asked beyond the standard MIBs. What is *unproven* was never seen on a real "
        "device with a value that only fits this meaning: it is shown and stored, but never alarms.\n\n"
        "| profile | family | objects | unproven |\n|---|---|---|---|\n" + "\n".join(lines) + "\n"
    )


def main() -> None:
    """Prints the page, or writes it with --write."""
    made = page([row_of(name) for name in names()])
    if "--write" in sys.argv:
        PAGE.write_text(made, encoding="utf-8")
    else:
        print(made)


if __name__ == "__main__":
    main()
