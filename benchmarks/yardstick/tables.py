"""The scores as tables, for the terminal and for docs/judging.md."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table

from benchmarks.yardstick.match import Matched, Named
from benchmarks.yardstick.score import Score, quantile
from benchmarks.yardstick.told import Told
from simulator.scenarios.seeds import START

LINES_OF_A_TOLD = 4


def headline(score: Score) -> dict[str, float | str]:
    """One monitor's figures, as they stand in the table and in the JSON."""
    minutes = score.minutes
    return {
        "monitor": score.name,
        "faults": score.faults,
        "recall": round(score.recall, 4),
        "right_cause": round(score.right_cause, 4),
        "false_per_1000_device_days": round(score.false_per_1000, 2),
        "incidents_per_fault": round(score.incidents_per_fault, 3),
        "minutes_median": round(quantile(minutes, 0.5), 1),
        "minutes_p90": round(quantile(minutes, 0.9), 1),
        "down_in_time": round(score.down_in_time, 4),
        "shortest_lead_days": round(score.shortest_lead_days, 2),
    }


def print_headlines(console: Console, scores: Sequence[Score]) -> None:
    """The monitors side by side."""
    table = Table("monitor", "faults", "recall", "right cause", "false/1000 dev-days", "inc/fault",
                  "min to detect p50", "p90", "down in time", "shortest lead, days")  # fmt: skip
    for score in scores:
        table.add_row(*(str(value) for value in headline(score).values()))
    console.print(table)


def print_kinds(console: Console, score: Score) -> None:
    """One monitor by kind of fault."""
    table = Table(
        "kind", "faults", "found", "right", "inc/fault", "min p50", "p90", "lead days (least)"
    )
    for kind in score.kinds:
        table.add_row(
            kind.kind,
            str(kind.faults),
            _mark(kind.found, kind.faults),
            _mark(kind.right, kind.found),
            f"{kind.incidents / max(1, kind.found):.2f}",
            f"{quantile(sorted(kind.minutes), 0.5):.1f}",
            f"{quantile(sorted(kind.minutes), 0.9):.1f}",
            f"{min(kind.lead_days):.1f}" if kind.lead_days else "",
        )
    console.print(table)


def _mark(part: int, whole: int) -> str:
    return str(part) if part == whole else f"[red]{part}[/red]"


def misses(seed: int, matched: Matched) -> Iterator[str]:
    """Everything that went wrong with one seed, a line each with what was said."""
    for named in matched.named:
        if named.by is None:
            yield f"MISSED   seed {seed}  {_truth(named)}"
        elif not named.right:
            yield f"CAUSE    seed {seed}  {_truth(named)}"
            yield from _lines([named.by])
        if len(named.incidents) > 1:
            yield f"DOUBLED  seed {seed}  {_truth(named)}: {len(named.incidents)} incidents"
            yield from _lines(named.incidents)
        late = named.at is not None and named.truth.down and named.at - named.truth.onset
        if late and late > 2 * named.truth.interval + 15:
            yield f"LATE     seed {seed}  {_truth(named)}: after {late:.0f} s"
    for told in matched.false:
        yield f"FALSE    seed {seed}  opened {when(told.opened_at)}"
        yield from _lines([told])


def _truth(named: Named) -> str:
    truth = named.truth
    also = f" (or {', '.join(truth.also)})" if truth.also else ""
    return f"{truth.kind} {truth.cause}{also}, {when(truth.onset)} to {when(truth.end)}"


def _lines(incidents: Iterable[Told]) -> Iterator[str]:
    for told in incidents:
        closed = "open" if told.resolved_at is None else when(told.resolved_at)
        yield f"         {told.id} cause {told.cause}, {when(told.opened_at)} to {closed}"
        for mention in told.mentions[:LINES_OF_A_TOLD]:
            yield f"           {when(mention.at)} {mention.rule} {mention.target} {mention.reason}"
        if len(told.mentions) > LINES_OF_A_TOLD:
            yield f"           … and {len(told.mentions) - LINES_OF_A_TOLD} more"


def when(t: float) -> str:
    """Day and local time of the generated weeks: `3d 14:05`."""
    local = datetime.fromtimestamp(t + 7 * 3600, UTC)
    return f"{int((t - START) // 86_400)}d {local:%H:%M:%S}"
