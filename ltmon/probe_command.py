"""`ltmon probe`: checks devices and services once, now, and explains each step."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from telemetry.errors import ConfigError

if TYPE_CHECKING:
    from rich.console import Console

    from agent.probe import Result
    from agent.resolve import Assignment
    from telemetry.sample import Sample

    Finding = tuple[Assignment, Result, list[Sample]]

AT_ONCE = 32
"""How many checks are under way at the same time."""
MANY = 5
"""From how many checks on a progress bar is shown on standard error."""


def register(app: typer.Typer) -> None:
    """Adds `probe` to the tree."""
    app.command("probe")(probe)


def probe(
    inventory: Annotated[
        Path, typer.Option(help="Folder of the inventory.", envvar="LTMON_INVENTORY")
    ],
    devices: Annotated[
        list[str] | None, typer.Argument(metavar="DEVICE…", help="Ids of devices or services.")
    ] = None,
    check: Annotated[
        str | None, typer.Option(help="Only this kind of check, also where none is configured.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Every device and service of the inventory.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a line per device and check.")
    ] = False,
) -> None:
    """Checks devices once, now, and explains each step: what was sent, what came, which samples.

    Kiểm tra thiết bị một lần, ngay bây giờ, giải thích từng bước.

    Example: ltmon probe bac-binh-router --inventory inventory/lap-thach
    """
    from rich.console import Console

    from inventory.load import load_inventory
    from ltmon.probe_choice import chosen

    if not devices and not everything:
        raise ConfigError("Name the devices to check, or ask for every one of them with --all.")
    assignments = chosen(load_inventory(inventory), devices or [], check)
    console = Console(highlight=False, soft_wrap=True)
    failed = asyncio.run(_report(assignments, console, as_json))
    if not as_json:
        console.print(
            f"{len(assignments)} phép kiểm tra, {failed} không đạt "
            f"({len(assignments)} checks, {failed} failed)."
        )
    raise typer.Exit(1 if failed else 0)


async def _report(assignments: Sequence[Assignment], console: Console, as_json: bool) -> int:
    """Runs and prints the checks in their order, each as soon as it may; how many failed."""
    from rich.console import Console
    from rich.progress import Progress

    failed = 0
    with Progress(
        console=Console(stderr=True), transient=True, disable=len(assignments) < MANY
    ) as progress:
        bar = progress.add_task("ltmon probe", total=len(assignments))
        async for finding in run_all(assignments):
            failed += not finding[1].ok
            if as_json:
                typer.echo(json.dumps(as_object(*finding), ensure_ascii=False))
            else:
                show(console, *finding)
            progress.advance(bar)
    return failed


async def run_all(assignments: Sequence[Assignment]) -> AsyncIterator[Finding]:
    """The findings in the order of the assignments; up to AT_ONCE checks are under way at once."""
    from agent.measure import Measurer
    from agent.probes import PROBES

    probes = {kind: PROBES[kind]() for kind in dict.fromkeys(one.kind for one in assignments)}
    measurer = Measurer("", probes)
    slots = asyncio.Semaphore(AT_ONCE)

    async def run(one: Assignment) -> Finding:
        async with slots:
            return (one, *await measurer.measure(one))

    tasks = [asyncio.create_task(run(one)) for one in assignments]
    try:
        for task in tasks:
            yield await task
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for probe in probes.values():
            await probe.close()


def as_object(assignment: Assignment, result: Result, samples: Sequence[Sample]) -> dict[str, Any]:
    """The line of `--json` (contract section 1), with site, start and working besides.

    class: what the device was recognised as; where it was not, what the inventory says.
    unproven: the metrics among the samples that are shown but never alarm.
    """
    from inventory.profile import doubted

    target = assignment.target
    return {
        "device": target.id,
        "check": assignment.kind,
        "ok": result.ok,
        "reason": result.reason.value if result.reason else None,
        "seconds": round(result.seconds, 6),
        "profile": result.profile,
        "class": result.class_ or target.class_,
        "vendor": result.vendor,
        "model": result.model,
        "site": target.site,
        "started_at": round(result.started_at, 3),
        "working": list(result.working),
        "samples": [
            {
                "metric": sample.series.name,
                "labels": dict(sample.series.labels),
                "value": sample.value,
            }
            for sample in samples
        ],
        "unproven": sorted(
            {
                s.name
                for s in (sample.series for sample in samples)
                if doubted(result.profile, s.name, dict(s.labels))
            }
        ),
    }


def show(
    console: Console, assignment: Assignment, result: Result, samples: Sequence[Sample]
) -> None:
    """The same for people. What devices say is printed as text, never as markup."""
    from rich.text import Text

    from agent.words import ENGLISH, VIETNAMESE
    from inventory.profile import doubted

    target = assignment.target
    head = Text(f"{target.id} · {assignment.kind} · {target.address or '-'}: ", style="bold")
    if result.reason is None:
        head.append("ĐẠT (ok)", style="green")
    else:
        key = f"reason_{result.reason}"
        head.append(f"KHÔNG ĐẠT: {VIETNAMESE[key]} ({ENGLISH[key]})", style="red")
    head.append(f" · {result.seconds:.3f} s", style="not bold")
    console.print(head)
    for line in result.working:
        console.print(Text(f"  → {line}"))
    identity = {"site", "device", "class"}
    for sample in samples:
        own = ", ".join(f'{k}="{v}"' for k, v in sample.series.labels if k not in identity)
        labels = f"{{{own}}}" if own else ""
        unsure = doubted(result.profile, sample.series.name, dict(sample.series.labels))
        doubt = "  (chưa kiểm chứng, unproven)" if unsure else ""
        line = f"    {sample.series.name}{labels} {sample.value:.10g}{doubt}"
        console.print(Text(line, style="dim"))
