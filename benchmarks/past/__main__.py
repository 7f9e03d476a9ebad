"""Judges labelled series against their own past, with the limits that ship.

    python -m benchmarks.past [--seeds 1 2 3] [--limits 0.15 0.2 0.25] [--folder DIR]

Points as in benchmarks/past/scoring.py; false alarms a month on the same kinds of series without any
fault. `--limits` tries other limits, and says what each kind, and each half of the kinds, scores with the
limit that the promise on the *others* would choose. `--folder`: a public benchmark's own series, for
whoever has them.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Collection, Iterable
from pathlib import Path

import collector.baseline
from benchmarks.past.kinds import corpus
from benchmarks.past.labelled import Labelled, read_folder
from benchmarks.past.scoring import Score, score
from collector.baseline import Baseline, observe

PROMISE = 2.0
"""Alarms that a month of a series without faults may have, over all kinds."""


class Tally:
    """What one limit was worth: points by kind, and alarms and months of series without faults."""

    def __init__(self) -> None:
        self.points: dict[str, Score] = defaultdict(Score)
        self.alarms: dict[str, int] = defaultdict(int)
        self.months: dict[str, float] = defaultdict(float)

    def judge(self, labelled: Iterable[Labelled], innocent: Iterable[Labelled]) -> None:
        """Judges the series of both sorts."""
        for series in labelled:
            said = score(len(series.values), series.windows, alarms(series))
            self.points[series.kind].add(said)
        for series in innocent:
            self.alarms[series.kind] += len(alarms(series))
            self.months[series.kind] += series.months

    def rate(self, without: Collection[str] = ()) -> float:
        """Alarms a month on series without faults, but for some kinds."""
        kinds = [kind for kind in self.months if kind not in without]
        return sum(self.alarms[k] for k in kinds) / sum(self.months[k] for k in kinds)

    def total(self) -> Score:
        """All kinds together."""
        return sum_of(self.points.values())


def sum_of(scores: Iterable[Score]) -> Score:
    """Several scores in one."""
    total = Score()
    for one in scores:
        total.add(one)
    return total


def alarms(series: Labelled) -> list[int]:
    """The rows at which the judge alarms."""
    baseline = Baseline()
    judged = (observe(baseline, *row) for row in zip(series.times, series.values, strict=True))
    return [place for place, verdict in enumerate(judged) if verdict.alarm]


def tell(limit: float, tally: Tally) -> None:
    """A line for all, and one for each kind."""
    total = tally.total()
    rate = f"{tally.rate():.1f} alarms a month without faults" if tally.months else ""
    print(
        f"limit {limit:.3f}: {total.points:.1f} points, {total.found} of {total.windows} windows, "
        f"{total.false} false. {rate}"
    )
    for kind, said in tally.points.items():
        months = tally.months.get(kind, 0.0)
        rate = f"{tally.alarms[kind] / months:.1f} a month without faults" if months else ""
        print(
            f"    {kind:24} {said.points:6.1f}  {said.found:3d}/{said.windows:<3d} "
            f"{said.false:4d} false  {rate}"
        )


def chosen_by_others(tallies: dict[float, Tally], parts: list[list[str]]) -> Score:
    """Each part of the kinds with the least limit that keeps the promise on all other kinds."""
    total = Score()
    for part in parts:
        kept = [limit for limit, tally in tallies.items() if tally.rate(part) <= PROMISE]
        chosen = min(kept, default=max(tallies))
        said = sum_of(tallies[chosen].points[kind] for kind in part)
        print(f"    {', '.join(part):40} judged with {chosen:.3f}: {said.points:.1f}")
        total.add(said)
    return total


def speed() -> float:
    """Microseconds of processor time that one sample costs."""
    series = corpus(0)[0]
    began = time.process_time()
    alarms(series)
    return (time.process_time() - began) / len(series.values) * 1e6


def main() -> None:
    """Prints what each limit is worth."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--limits", type=float, nargs="+", default=[collector.baseline.LIMIT])
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    if options.folder is not None:
        labelled, innocent = read_folder(options.folder), []
    else:
        labelled = [series for seed in options.seeds for series in corpus(seed)]
        innocent = [series for seed in options.seeds for series in corpus(seed, faults=False)]
    tallies: dict[float, Tally] = {}
    for limit in options.limits:
        collector.baseline.LIMIT = limit
        tallies[limit] = Tally()
        tallies[limit].judge(labelled, innocent)
        tell(limit, tallies[limit])
    if len(tallies) > 1 and innocent:
        kinds = list(next(iter(tallies.values())).points)
        alone = chosen_by_others(tallies, [[kind] for kind in kinds])
        print(f"each kind by the others: {alone.points:.1f} points")
        halves = chosen_by_others(tallies, [kinds[::2], kinds[1::2]])
        print(f"each half by the other: {halves.points:.1f} points")
    print(f"{speed():.1f} microseconds a sample")


if __name__ == "__main__":
    main()
