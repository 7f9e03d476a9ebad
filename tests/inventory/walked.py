"""The small walks and what must be read out of them.

`python -m tests.inventory.walked NAME…` prints what the agent reads of a walk, as a file of expected samples
is written; hold every line against the MIB before you keep it.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from agent.snmp.polling import Polling
from telemetry.sample import Reading
from tests.agent.snmp.replay import ReplaySession, objects, polled

WALKS = Path(__file__).parent / "walks"
NOT_COMPARED = frozenset({"snmp_response_seconds", "device_info"})
"""How long it took, and what stands in the head of the file."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a walk must yield. head: source, class, profile, vendor, model; samples: value by series."""

    head: dict[str, str]
    samples: dict[str, float] = field(default_factory=dict)


def walk_names() -> list[str]:
    """Every walk of the folder."""
    return sorted(path.stem for path in WALKS.glob("*.snmprec"))


def read_expected(path: Path) -> Expected:
    """A file of expected samples: a head, an empty line, then series, value and what stands in the device."""
    head, _, body = path.read_text(encoding="utf-8").partition("\n\n")
    rows = [line.split("\t") for line in body.splitlines() if line]
    return Expected(
        dict(line.split("\t", 1) for line in head.splitlines()),
        {row[0]: float(row[1]) for row in rows},
    )


def poll_of(path: Path) -> Polling:
    """The agent's first poll of a walk."""
    session = ReplaySession(dict(objects(path.read_bytes().splitlines())))
    return asyncio.run(polled(session))


def head_of(poll: Polling, source: str) -> dict[str, str]:
    """The head as the agent would write it."""
    who = poll.identity
    return {
        "source": source,
        "class": who.class_.value,
        "profile": who.profile,
        "vendor": who.vendor,
        "model": who.model,
    }


def samples_of(readings: Iterable[Reading]) -> dict[str, float]:
    """Value by series, written as Prometheus writes it."""
    return {series(r): r.value for r in readings if r.metric not in NOT_COMPARED}


def series(reading: Reading) -> str:
    """A reading's name and labels."""
    labels = ",".join(f'{name}="{value}"' for name, value in sorted(reading.labels.items()))
    return f"{reading.metric}{{{labels}}}" if labels else reading.metric


def written(poll: Polling, source: str) -> str:
    """The file of expected samples that this poll would make."""
    head = "\n".join("\t".join(pair) for pair in head_of(poll, source).items())
    rows = "\n".join(f"{s}\t{v:.10g}" for s, v in sorted(samples_of(poll.readings).items()))
    return f"{head}\n\n{rows}\n"


if __name__ == "__main__":
    for name in sys.argv[1:]:
        print(written(poll_of(WALKS / f"{name}.snmprec"), "?"))
