"""`ltmon record`: writes down what a device says over SNMP, for a new profile."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from telemetry.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.probe import Target
    from agent.snmp.pysnmp import PysnmpSession
    from agent.snmp.recorder import Cut
    from agent.snmp.recording import Entry, RecordingFile

PATIENCE = (5.0, 3)
"""Seconds to wait for an answer, and how often a question is repeated."""
SLOWLY = 10.0
"""Requests a second: old switches bear no more for long."""

HELP = """Records a device as a walk (.snmprec) for a new profile, slowly and without changing anything.

Communities and passwords are never written. With --blank neither are names, serial numbers, addresses, names
of networks and phone numbers. A recording that was stopped goes on where it ended when asked again.

Ghi lại những gì thiết bị trả lời qua SNMP, để làm hồ sơ thiết bị mới.

Example: ltmon record bac-binh-router --inventory inventory/lap-thach --blank
"""

Folder = Annotated[Path, typer.Option(help="Folder of the inventory.", envvar="LTMON_INVENTORY")]
Output = Annotated[
    Path | None, typer.Option("--output", metavar="FILE", help="Where to, else DEVICE.snmprec.")
]
Blank = Annotated[bool, typer.Option("--blank", help="Without what is nobody's business.")]
Subtrees = Annotated[
    list[str] | None,
    typer.Option("--subtree", metavar="OID", help="Only what lies below; may be given again."),
]
ProfileOnly = Annotated[
    bool, typer.Option("--profile-only", help="Only what a poll of its profile asks for.")
]
Rows = Annotated[
    int | None, typer.Option("--rows", min=1, help="With --profile-only: so many of a column.")
]
Ports = Annotated[
    int | None, typer.Option("--ports", min=1, help="With --profile-only: so many ports.")
]
GetNext = Annotated[bool, typer.Option("--getnext", help="One object at a time, the humblest way.")]
Rate = Annotated[
    float, typer.Option("--requests-per-second", min=0.1, max=1000, help="At most so many.")
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object instead of sentences.")]


def register(app: typer.Typer) -> None:
    """Adds this part's command to the tree."""
    app.command("record", help=HELP)(record)


def record(
    device: Annotated[str, typer.Argument(metavar="DEVICE", help="Id of the device.")],
    inventory: Folder,
    output: Output = None,
    blank: Blank = False,
    subtrees: Subtrees = None,
    profile_only: ProfileOnly = False,
    rows: Rows = None,
    ports: Ports = None,
    getnext: GetNext = False,
    rate: Rate = SLOWLY,
    as_json: AsJson = False,
) -> None:
    """Records, blanks and writes. Exit code 1 when the device did not answer to the end."""
    from agent.snmp.recorder import EVERYTHING, Cut
    from agent.snmp.recording import RecordingFile

    if (rows or ports) and not profile_only:
        raise ConfigError(
            "--rows and --ports cut what a poll asks for: give --profile-only as well."
        )
    if profile_only and subtrees:
        raise ConfigError("--profile-only and --subtree name two different things to record.")
    target = _target(device, inventory)
    plan = Plan(
        target=target,
        recording=RecordingFile(output or Path(f"{device}.snmprec")),
        blank=blank,
        subtrees=tuple(_sorted_oids(subtrees)) if subtrees else EVERYTHING,
        profile_only=profile_only,
        cut=Cut(rows, ports),
        getnext=getnext,
        rate=rate,
    )
    outcome = asyncio.run(_record(plan))
    _tell(plan, outcome, as_json)
    if outcome.stopped:
        raise typer.Exit(130)
    raise typer.Exit(0 if outcome.failure == "" else 1)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is recorded, how and where to."""

    target: Target
    recording: RecordingFile
    blank: bool
    subtrees: tuple[str, ...]
    profile_only: bool
    cut: Cut
    getnext: bool
    rate: float

    @property
    def secrets(self) -> list[str]:
        """What we ask with: never written down."""
        credentials = self.target.credentials
        return [secret.reveal() for _, secret in credentials.secrets()] if credentials else []


@dataclass(slots=True)
class Outcome:
    """What came of it. failure: one sentence; stopped: by a signal; blanked: words replaced, by kind."""

    objects: int = 0
    seconds: float = 0.0
    failure: str = ""
    stopped: bool = False
    complaints: list[str] = field(default_factory=list)
    blanked: dict[str, int] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        """Whether the file was written."""
        return not (self.failure or self.stopped)


def _target(device: str, folder: Path) -> Target:
    from agent.resolve import target_of
    from inventory.load import load_inventory
    from inventory.problem import did_you_mean

    inventory = load_inventory(folder)
    found = inventory.device(device)
    if found is None:
        hint = did_you_mean(device, [one.id for one in inventory.devices]) or "."
        raise ConfigError(f'The inventory has no device "{device}"{hint}')
    target = target_of(inventory, found, (found.site,))
    if not target.address:
        raise ConfigError(f"{device} has no address in the inventory.")
    if target.credentials is None:
        raise ConfigError(f"{device} has no snmp access in the inventory.")
    return target


def _sorted_oids(words: Sequence[str]) -> list[str]:
    """The subtrees in rising order, none inside another."""
    from agent.snmp.oid import arcs, under

    oids = []
    for word in words:
        oid = word.strip().strip(".")
        try:
            arcs(oid)
        except ValueError:
            raise ConfigError(
                f'--subtree: expected an object identifier in figures such as 1.3.6.1.2.1, found "{word}".'
            ) from None
        oids.append(oid)
    return sorted({oid for oid in oids if not any(under(oid, other) for other in oids)}, key=arcs)


async def _record(plan: Plan) -> Outcome:
    """Records until the end, a failure or a signal; the file is there only when it is whole."""
    outcome, began = Outcome(), time.monotonic()
    task = asyncio.ensure_future(_work(plan, outcome))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel)
    await asyncio.wait([task])
    outcome.stopped = task.cancelled()
    if not task.cancelled():
        task.result()
    outcome.seconds = time.monotonic() - began
    return outcome


async def _work(plan: Plan, outcome: Outcome) -> None:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from agent.snmp.session import SnmpFailure

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed} objects"),
               TimeElapsedColumn())  # fmt: skip
    console = Console(stderr=True)
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        bar = progress.add_task("ltmon record", total=None)

        def came(count: int, where: str) -> None:
            progress.update(bar, advance=count, description=where[:60])

        try:
            session = await _session(plan)
            try:
                await (_poll if plan.profile_only else _walk)(plan, session, outcome, came)
            finally:
                session.close()
        except SnmpFailure as failure:
            outcome.failure = str(failure)


async def _session(plan: Plan) -> PysnmpSession:
    """A session with the device, asked no faster than the plan says."""
    from agent.address import Lookup
    from agent.snmp.budget import Budget
    from agent.snmp.paced import turns
    from agent.snmp.pysnmp import PysnmpEngine
    from agent.snmp.session import Access, SnmpFailure
    from agent.trial import CheckFailed

    target = plan.target
    if target.credentials is None:
        raise ConfigError(f"{target.id} has no snmp access in the inventory.")
    try:
        addresses = await Lookup().permitted(target.address)
    except CheckFailed as failed:
        raise SnmpFailure(failed.reason, str(failed)) from failed
    forever = float("inf")
    turn = turns(Budget(plan.rate), time.monotonic)
    access = Access(addresses[0], target.snmp_port, target.credentials, *PATIENCE, forever, turn)
    return await PysnmpEngine(time.monotonic).open(access)


async def _poll(
    plan: Plan, session: PysnmpSession, outcome: Outcome, came: Callable[[int, str], None]
) -> None:
    from agent.snmp.recorder import what_a_poll_asks

    found, polling = await what_a_poll_asks(session, time.monotonic, plan.target.profile, plan.cut)
    came(len(found), polling.identity.profile)
    if polling.poll.ended:
        outcome.failure = str(polling.poll.failure)
        return
    if polling.poll.failure is not None:
        outcome.complaints.append(str(polling.poll.failure))
    _finish(plan, outcome, found)


async def _walk(
    plan: Plan, session: PysnmpSession, outcome: Outcome, came: Callable[[int, str], None]
) -> None:
    from agent.snmp.blank import harmless
    from agent.snmp.oid import arcs, under
    from agent.snmp.recorder import Recorder

    entries = plan.recording.begun()
    last = entries[-1].oid if entries else ""
    came(len(entries), "ltmon record")
    recorder = Recorder(session, plan.getnext)
    for subtree in plan.subtrees:
        behind = last if last and under(last, subtree) else ""
        if last and not behind and arcs(last) > arcs(subtree):
            continue
        async for some in recorder.walk(subtree, behind):
            kept = [entry for entry in some if harmless(entry, plan.secrets)]
            plan.recording.append(kept)
            entries += kept
            came(len(kept), some[-1].oid)
    outcome.complaints += recorder.complaints
    _finish(plan, outcome, entries)


def _finish(plan: Plan, outcome: Outcome, entries: Sequence[Entry]) -> None:
    """Writes the file, without secrets, blanked where that is wanted."""
    from agent.snmp.blank import Blanker, harmless

    kept = [entry for entry in entries if harmless(entry, plan.secrets)]
    if plan.blank:
        blanker = Blanker()
        kept = blanker.blanked(kept)
        outcome.blanked = dict(blanker.counts)
    plan.recording.finish(kept)
    outcome.objects = len(kept)


def _tell(plan: Plan, outcome: Outcome, as_json: bool) -> None:
    if as_json:
        print(json.dumps(_verdict(plan, outcome), ensure_ascii=False))
        return
    for complaint in outcome.complaints:
        print(f"warning: {complaint}", file=sys.stderr)
    if outcome.failure:
        print(f"{plan.target.id}: {outcome.failure}.", file=sys.stderr)
    if not outcome.whole:
        if plan.recording.part.exists():
            print(
                f"What came so far is in {plan.recording.part}; the same command goes on from there.",
                file=sys.stderr,
            )
        return
    print(f"{plan.recording.path}: {outcome.objects} objects in {outcome.seconds:.0f} s.")
    if plan.blank:
        words = ", ".join(f"{kind} {count}" for kind, count in sorted(outcome.blanked.items()))
        print(f"Blanked: {words or 'nothing'}. Look it through before you give it away.")


def _verdict(plan: Plan, outcome: Outcome) -> dict[str, Any]:
    return {
        "device": plan.target.id,
        "ok": outcome.whole,
        "file": str(plan.recording.path) if outcome.whole else None,
        "objects": outcome.objects,
        "seconds": round(outcome.seconds, 3),
        "failure": outcome.failure or None,
        "complaints": outcome.complaints,
        "blanked": outcome.blanked,
    }
