"""How well the judging judges: weeks with a known truth, ours beside the defaults of others.

    python -m benchmarks.judging [--seeds 1 2 3] [--days 14] [--devices 60] [--jobs 2] [--misses] [--json]

`--fresh` takes the seeds that no limit was ever chosen by. `--misses` prints every missed fault, wrong
cause, doubled and false incident with what was said: what to read before changing a rule. Exit code 1
when a claim does not hold.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from queue import Empty, Queue

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from benchmarks.peers import PEERS
from benchmarks.peers.peer import Peer
from benchmarks.yardstick.claims import broken_claims
from benchmarks.yardstick.document import write_measured
from benchmarks.yardstick.match import Matched, match
from benchmarks.yardstick.ours import Ours
from benchmarks.yardstick.score import Score, score
from benchmarks.yardstick.tables import headline, misses, print_headlines, print_kinds
from benchmarks.yardstick.told import Told
from simulator.scenarios.seeds import FRESH_SEEDS, START, TUNING_SEEDS
from simulator.scenarios.weeks import Weeks

DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Task:
    """One seed to be judged."""

    seed: int
    days: float
    devices: int
    peers: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of one seed: matches by monitor, and how many samples there were."""

    seed: int
    samples: int
    matched: dict[str, Matched]


def judge(task: Task, progress: Queue[tuple[int, float]] | None = None) -> Judged:
    """Lets all monitors judge the same weeks. progress: gets (seed, share done) every simulated hour."""
    weeks = Weeks(task.seed, task.days, task.devices)
    monitors: list[Ours | Peer] = [
        Ours(weeks.inventory),
        *(Peer(kind) for kind in PEERS if task.peers),
    ]
    samples, hour = 0, START
    for at, batch in weeks.batches():
        samples += batch.sample_count()
        for monitor in monitors:
            monitor.take(at, batch)
        if progress is not None and at - hour >= 3600.0:
            hour = at
            progress.put((task.seed, (at - START) / (task.days * DAY)))
    return Judged(
        task.seed,
        samples,
        {m.name: match(weeks.truths, weeks.innocents, _unexcused(weeks, m)) for m in monitors},
    )


def _unexcused(weeks: Weeks, monitor: Ours | Peer) -> list[Told]:
    """What was told but for planned work: a downtime can be entered in all of them."""
    told = list(monitor.told.values())
    if isinstance(monitor, Ours):
        return told
    excused = weeks.inventory.excused
    return [t for t in told if excused(t.cause.partition(":")[2], t.opened_at) is None]


def judge_all(tasks: Sequence[Task], jobs: int, console: Console) -> list[Judged]:
    """Every seed, several at once, with a bar for each."""
    with multiprocessing.Manager() as manager, ProcessPoolExecutor(jobs) as pool:
        queue: Queue[tuple[int, float]] = manager.Queue()
        running = [pool.submit(judge, task, queue) for task in tasks]
        columns = (
            TextColumn("seed {task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:.0f} %"),
        )
        with Progress(*columns, TimeRemainingColumn(), console=console) as bars:
            rows = {task.seed: bars.add_task(str(task.seed), total=1.0) for task in tasks}
            while not all(future.done() for future in running):
                try:
                    seed, share = queue.get(timeout=0.5)
                except Empty:
                    continue
                bars.update(rows[seed], completed=share)
            for row in rows.values():
                bars.update(row, completed=1.0)
        return [future.result() for future in running]


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; 1 when a claim does not hold."""
    options = _options(arguments)
    seeds = FRESH_SEEDS[:5] if options.fresh else tuple(options.seeds)
    console = Console(stderr=True)
    tasks = [Task(seed, options.days, options.devices, options.peers) for seed in seeds]
    judged = judge_all(tasks, options.jobs, console)
    device_days = options.devices * options.days * len(tasks)
    names = list(judged[0].matched)
    scores = [score(name, [one.matched[name] for one in judged], device_days) for name in names]
    broken = broken_claims(scores[0])
    if options.write_docs:
        write_measured(seeds, sum(one.samples for one in judged), scores, broken)
    if options.json:
        print(json.dumps(_document(judged, scores, broken), indent=2))
    else:
        _print(judged, scores, broken, options.misses)
    return 1 if broken else 0


def _print(
    judged: Sequence[Judged], scores: Sequence[Score], broken: Sequence[str], missed_by: str | None
) -> None:
    console = Console(width=None if sys.stdout.isatty() else 160)
    for one in judged if missed_by else ():
        for line in misses(one.seed, one.matched[missed_by or "ours"]):
            print(line)
    print_kinds(console, scores[0])
    print_headlines(console, scores)
    samples = sum(one.samples for one in judged)
    print(f"{len(judged)} seeds, {samples} samples, {scores[0].device_days:.0f} device-days")
    for sentence in broken:
        print(f"DOES NOT HOLD: {sentence}")


def _document(
    judged: Sequence[Judged], scores: Sequence[Score], broken: Sequence[str]
) -> dict[str, object]:
    return {
        "seeds": [one.seed for one in judged],
        "samples": sum(one.samples for one in judged),
        "monitors": [headline(one) for one in scores],
        "kinds": {kind.kind: [kind.faults, kind.found, kind.right] for kind in scores[0].kinds},
        "broken": list(broken),
    }


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.judging", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--seeds", type=int, nargs="+", default=list(TUNING_SEEDS), metavar="N")
    parser.add_argument("--fresh", action="store_true", help="five seeds never used for tuning")
    parser.add_argument("--days", type=float, default=14.0)
    parser.add_argument("--devices", type=int, default=60)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--peers", action="store_true", help="the others as well")
    parser.add_argument("--misses", nargs="?", const="ours", metavar="MONITOR",
                        help="everything that went wrong with a monitor, ours by default")  # fmt: skip
    parser.add_argument(
        "--write-docs", action="store_true", help="put the table into docs/judging.md"
    )
    parser.add_argument("--json", action="store_true")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
