"""Judges one series in a file against its own past and prints what the engine would think of it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from math import isfinite
from pathlib import Path

from collector.baseline import Baseline, observe
from collector.series_file import Row, RowReader, line_batches, named, opened
from collector.surprise import Verdict

COLUMNS = "timestamp,value,score,alarm"


def baseline_command(file: Path, as_json: bool) -> int:
    """Prints a row for each row of `file` (`-`: standard input) as soon as it has come; returns 0.

    Rows before a bad one are printed before the SeriesFileError is raised.
    """
    reader = RowReader(named(file))
    told = _as_json if as_json else _as_csv
    if not as_json:
        _print([COLUMNS])
    with opened(file) as stream:
        baseline = Baseline()
        for lines in line_batches(stream):
            _judge(baseline, reader, lines, told)
    return 0


def _judge(
    baseline: Baseline, reader: RowReader, lines: list[str], told: Callable[[Row, Verdict], str]
) -> None:
    """Judges the lines and prints all that was judged, also when one of them is bad."""
    out: list[str] = []
    try:
        for line in lines:
            row = reader.read(line)
            if row is not None:
                out.append(told(row, observe(baseline, row.at, row.value)))
    finally:
        _print(out)


def _print(lines: list[str]) -> None:
    """In one piece: a write for each row would be most of the work."""
    if lines:
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()


def _as_csv(row: Row, verdict: Verdict) -> str:
    return f"{row.timestamp},{row.text},{verdict.score:.6f},{verdict.alarm:d}"


def _as_json(row: Row, verdict: Verdict) -> str:
    return json.dumps(
        {
            "timestamp": row.timestamp,
            "value": row.value if isfinite(row.value) else None,
            "score": round(verdict.score, 6),
            "alarm": int(verdict.alarm),
            "surprise": verdict.surprise.value,
            "expected": verdict.expected,
            "spread": verdict.spread,
            "accepted": verdict.accepted,
        },
        ensure_ascii=False,
    )
