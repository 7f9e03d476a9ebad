"""The generated weeks as files: an inventory, the samples as `ltmon collector replay` reads them, the truth.

A sample file tells when something was measured, not when it arrived: a backlog and an agent that was
cut off cannot be seen in it.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import asdict
from pathlib import Path
from typing import IO

import yaml

from simulator.scenarios.rhythm import HOUR
from simulator.scenarios.seeds import START
from simulator.scenarios.weeks import Weeks
from telemetry.sample import Series

CHUNK_SECONDS = 6 * HOUR
"""A series gets a line for each stretch of this length, so that memory stays bounded."""

Columns = dict[Series, tuple[list[int], list[float]]]


def record(weeks: Weeks, folder: Path) -> None:
    """Writes `inventory/district.yaml`, `samples.jsonl.gz` and `truth.json` into a folder.

    The same weeks give the same bytes.
    """
    (folder / "inventory").mkdir(parents=True, exist_ok=True)
    content = json.loads(weeks.inventory.to_json())
    (folder / "inventory" / "district.yaml").write_text(
        yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8"
    )
    with (
        (folder / "samples.jsonl.gz").open("wb") as raw,
        gzip.GzipFile(filename="", mode="wb", fileobj=raw, compresslevel=3, mtime=0) as packed,
    ):
        _write_samples(weeks, packed)
    truth = {
        "truths": [asdict(truth) for truth in weeks.truths],
        "innocents": [asdict(innocent) for innocent in weeks.innocents],
    }
    (folder / "truth.json").write_text(json.dumps(truth, indent=1) + "\n", encoding="utf-8")


def _write_samples(weeks: Weeks, into: IO[bytes] | gzip.GzipFile) -> None:
    columns: Columns = {}
    written = START
    for at, batch in weeks.batches():
        for series, stamps, values in batch.points:
            known = columns.setdefault(series, ([], []))
            known[0].extend(stamps)
            known[1].extend(values)
        if at - written >= CHUNK_SECONDS:
            written = at
            _write_lines(columns, into)
    _write_lines(columns, into)


def _write_lines(columns: Columns, into: IO[bytes] | gzip.GzipFile) -> None:
    """One line a series, then forgets them."""
    for series, (stamps, values) in columns.items():
        metric = {"__name__": series.name, **dict(series.labels)}
        row = {"metric": metric, "values": values, "timestamps": stamps}
        into.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
    columns.clear()
