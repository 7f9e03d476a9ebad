"""`ltmon probe`: checks devices and services once, now, and explains each step."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from telemetry.errors import ConfigError

if TYPE_CHECKING:
    from rich.console import Console

    from agent.probe import Result
    from agent.resolve import Assignment

logger = logging.getLogger(__name__)

AT_ONCE = 32
"""How many checks are under way at the same time."""
MANY = 5
"""From how many checks on a progress bar is shown on standard error."""
PATIENCE_SECONDS = 30.0
"""How long a check of many requests (SNMP) may take by hand; others end after their own timeout."""

REASON_WORDS = {
    "timeout": "không có trả lời trong thời gian chờ (nothing came back in time)",
    "refused": "máy có đó nhưng cổng đóng (the port is closed)",
    "unreachable": "mạng báo không có đường tới (the network has no way there)",
    "name": "không phân giải được tên (the name cannot be resolved)",
    "tls": "chứng thư hoặc kết nối mã hóa có lỗi (the certificate or the handshake is bad)",
    "auth": "thông tin đăng nhập không được chấp nhận (our credentials were not accepted)",
    "status": "có trả lời nhưng trạng thái khác mong đợi (not the status that was expected)",
    "content": "có trả lời nhưng nội dung khác mong đợi (not the content that was expected)",
    "malformed": "trả lời sai giao thức (the answer breaks its protocol)",
    "misbehaving": "trả lời không có điểm dừng, đã ngắt (an endless answer, ended by us)",
    "forbidden": "không được phép hỏi (we may not ask this)",
    "internal": "lỗi của chính chương trình này (a fault of our own)",
}


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
    """Kiểm tra thiết bị một lần, ngay bây giờ, giải thích từng bước.

    Checks devices once, now, explained step by step: what was sent, what came, which samples.

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
        async for assignment, result in run_all(assignments):
            failed += not result.ok
            if as_json:
                typer.echo(json.dumps(as_object(assignment, result), ensure_ascii=False))
            else:
                show(console, assignment, result)
            progress.advance(bar)
    return failed


async def run_all(assignments: Sequence[Assignment]) -> AsyncIterator[tuple[Assignment, Result]]:
    """The results in the order of the assignments; up to AT_ONCE checks are under way at once."""
    from agent.probes import PROBES

    probes = {kind: PROBES[kind]() for kind in dict.fromkeys(one.kind for one in assignments)}
    slots = asyncio.Semaphore(AT_ONCE)

    async def run(one: Assignment) -> Result:
        async with slots:
            return await _run_once(probes[one.kind], one)

    tasks = [asyncio.create_task(run(one)) for one in assignments]
    try:
        for one, task in zip(assignments, tasks, strict=True):
            yield one, await task
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for probe in probes.values():
            await probe.close()


async def _run_once(probe: Any, one: Assignment) -> Result:
    from agent.probe import Reason
    from agent.trial import Trial

    trial = Trial()
    deadline = max(one.options.lasts(), PATIENCE_SECONDS)
    try:
        result: Result = await probe.check(one.target, one.options, deadline)
    except Exception as error:
        # One broken probe must not take the report on all the others with it.
        logger.exception("a check broke", extra={"device": one.target.id, "check": one.kind})
        return trial.result(Reason.INTERNAL, f"{type(error).__name__}: {error}")
    return result


def as_object(assignment: Assignment, result: Result) -> dict[str, Any]:
    """The line of `--json` (contract section 1), with site, start and working besides."""
    from agent.samples import samples_of

    target = assignment.target
    return {
        "device": target.id,
        "check": assignment.kind,
        "ok": result.ok,
        "reason": result.reason.value if result.reason else None,
        "seconds": round(result.seconds, 6),
        "profile": result.profile,
        "class": target.class_,
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
            for sample in samples_of(target, assignment.kind, result)
        ],
    }


def show(console: Console, assignment: Assignment, result: Result) -> None:
    """The same for people. What devices say is printed as text, never as markup."""
    from rich.text import Text

    from agent.samples import samples_of

    target = assignment.target
    head = Text(f"{target.id} · {assignment.kind} · {target.address or '-'}: ", style="bold")
    if result.reason is None:
        head.append("ĐẠT (ok)", style="green")
    else:
        head.append(f"KHÔNG ĐẠT: {REASON_WORDS[result.reason]}", style="red")
    head.append(f" · {result.seconds:.3f} s", style="not bold")
    console.print(head)
    for line in result.working:
        console.print(Text(f"  → {line}"))
    identity = {"site", "device", "class"}
    for sample in samples_of(target, assignment.kind, result):
        own = ", ".join(f'{k}="{v}"' for k, v in sample.series.labels if k not in identity)
        labels = f"{{{own}}}" if own else ""
        console.print(Text(f"    {sample.series.name}{labels} {sample.value:.10g}", style="dim"))
