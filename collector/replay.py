"""Runs the judging engine over recorded samples and tells what it would have said.

The same input gives the same bytes; the live collector uses the very same engine.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from operator import attrgetter
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from collector.evaluate import Engine
from collector.events import Event
from collector.phrases import Phrases
from collector.rule import Finding
from collector.sample_files import Recording
from collector.state import HealthState
from collector.what_if import Comparison, Tally, compare, with_expectations
from collector.what_if_words import difference
from collector.words import Speaker
from inventory.expectation_file import read_expectations
from inventory.inventory import Inventory
from inventory.load import load_inventory

Line = dict[str, Any]


def replay(
    inventory: Inventory, recording: Recording, tally: Tally | None = None
) -> Iterator[Line]:
    """What the engine says about the recording, in order of event time; the summary comes last.

    tally: counts what is said, if given.
    """
    engine = Engine(inventory)
    speaker = Speaker()
    incidents = 0
    for seq, (end, rows) in enumerate(recording.slices(), 1):
        events = engine.take_rows(end / 1000.0, rows, seq)
        if tally is not None:
            tally.take(events)
        # Silence is judged at the end of a slice, what was measured within it at its own time.
        for event in sorted(events, key=attrgetter("at")):
            line = _line(event, speaker, inventory)
            incidents += line["event"] == "incident_opened"
            yield line
    yield _summary(engine, recording, incidents)


def replay_command(
    inventory_dir: Path, sample_files: Sequence[Path], expectations_file: Path | None, as_json: bool
) -> int:
    """Prints the replay and returns the exit code, 0: what was found is the output, not a failure.

    For people, expectations that are tried are compared with those of the inventory at the end.
    """
    inventory = load_inventory(inventory_dir)
    tried = read_expectations(expectations_file, inventory) if expectations_file is not None else ()
    then = Tally()
    with Recording(sample_files) as recording:
        for line in replay(with_expectations(inventory, tried), recording, then):
            print(json.dumps(line, ensure_ascii=False) if as_json else _in_words(line))  # noqa: T201 - the command's output
        if tried and not as_json:
            now = Tally()
            for _ in replay(inventory, recording, now):
                pass
            print(_in_short(compare(now, then), inventory, recording.last_ms / 1000.0))  # noqa: T201 - the command's output
    return 0


def _in_short(result: Comparison, inventory: Inventory, until: float) -> str:
    """What the tried limits change, in the district's language."""
    zone = ZoneInfo(inventory.district.timezone)
    phrases = Phrases(Speaker(), inventory.district.language, zone, until)
    return "\n".join(difference(result, phrases))


def _line(event: Event, speaker: Speaker, inventory: Inventory) -> Line:
    """One event as the contract spells it."""
    zone = ZoneInfo(inventory.district.timezone)
    ours, english = (
        Phrases(speaker, language, zone, event.at)
        for language in (inventory.district.language, "en")
    )
    notification = event.notification
    incident = event.incident or (notification.incidents[0] if notification else None)
    if incident is None:
        raise AssertionError(f"an event of kind {event.kind} speaks of nothing")
    body = _finding_fields(event.finding or incident.lead, ours, english)
    body |= {"incident": incident.id, "cause": incident.cause}
    if event.finding is None:
        kind, _, name = incident.cause.partition(":")
        body |= {
            "device": name if kind == "device" else body["device"],
            "severity": incident.severity.value,
            "since": incident.since,
            "reason": ours.finding(incident),
            "reason_en": english.finding(incident),
            "affected": list(incident.affected),
            "late": incident.late,
        }
    if notification is not None:
        body |= {"about": notification.about, "incidents": [i.id for i in notification.incidents]}
    return {"at": event.at, "event": event.kind.value, **body}


def _finding_fields(finding: Finding, ours: Phrases, english: Phrases) -> Line:
    about_device = finding.subject.startswith("device:")
    return {
        "incident": "",
        "device": finding.target if about_device else "",
        "site": finding.site,
        "cause": "",
        "state": _state_meant(finding).value,
        "severity": finding.severity.value,
        "rule": finding.rule,
        "instance": finding.instance,
        "since": finding.since,
        "question": finding.question.value,
        "reason": ours.finding(finding),
        "reason_en": english.finding(finding),
        "affected": [],
    }


def _state_meant(finding: Finding) -> HealthState:
    """The state into which a finding puts its target."""
    if finding.rule == "reachability":
        return HealthState.DOWN
    if finding.rule == "agent_silent":
        return HealthState.NOT_MEASURED
    return HealthState.DEGRADED


def _summary(engine: Engine, recording: Recording, incidents: int) -> Line:
    inventory = engine.inventory
    return {
        "event": "summary",
        "samples": recording.sample_count,
        "from": recording.first_ms / 1000.0,
        "until": recording.last_ms / 1000.0,
        "incidents": incidents,
        "devices": {d.id: engine.view.seconds_in_states(d.id) for d in inventory.devices},
    }


def _in_words(line: Line) -> str:
    """One line for a person at a terminal."""
    if line["event"] == "summary":
        return (
            f"{line['samples']} samples, {line['incidents']} incidents, "
            f"{len(line['devices'])} devices"
        )
    return (
        f"{line['at']:.0f}  {line['event']:<18} {line['cause'] or line['device']}  "
        f"{line['state']}  {line['reason']}"
    )
