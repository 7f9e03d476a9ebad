"""The measured table in docs/judging.md, between two markers; the rest of the file is written by hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.yardstick.score import Score
from benchmarks.yardstick.tables import headline

GUIDE = Path(__file__).parents[2] / "docs" / "judging.md"
BEGIN = "<!-- measured: python -m benchmarks.judging --fresh --peers --write-docs -->"
END = "<!-- end of what was measured -->"
_HEADS = (
    "monitor", "faults", "recall", "right cause", "false incidents / 1,000 device-days",
    "incidents / fault", "minutes until named, median", "90 %", "down-type in time", "least lead, days",
)  # fmt: skip


def write_measured(
    seeds: Sequence[int], samples: int, scores: Sequence[Score], broken: Sequence[str]
) -> None:
    """Puts the figures of a run into the guide."""
    text = GUIDE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    lines = [BEGIN, "", *_lines(seeds, samples, scores, broken), "", END]
    GUIDE.write_text(before + "\n".join(lines) + after, encoding="utf-8")


def _lines(
    seeds: Sequence[int], samples: int, scores: Sequence[Score], broken: Sequence[str]
) -> Iterator[str]:
    ours = scores[0]
    yield (
        f"Measured {datetime.now(UTC):%Y-%m-%d %H:%M} UTC over the seeds {', '.join(map(str, seeds))}: "
        f"{samples / 1e6:.0f} million samples, {ours.device_days:,.0f} device-days, {ours.faults} faults."
    )
    yield ""
    yield from _table(_HEADS, [list(headline(score).values()) for score in scores])
    yield ""
    if broken:
        yield "What was promised and does not hold yet:"
        yield ""
        yield from (f"- {sentence};" for sentence in broken)
    else:
        yield "Every claim holds."
    yield ""
    yield "Ours by kind of fault, and how many of each the others found:"
    yield ""
    others = scores[1:]
    rows = []
    for number, kind in enumerate(ours.kinds):
        lead = f"{min(kind.lead_days):.1f}" if kind.lead_days else ""
        found = [f"{other.kinds[number].found}" for other in others]
        rows.append(
            [kind.kind.replace("_", " "), kind.faults, kind.found, kind.right, lead, *found]
        )
    heads = ("kind", "faults", "found", "right cause", "least lead, days")
    yield from _table((*heads, *(other.name for other in others)), rows)


def _table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> Iterator[str]:
    yield "| " + " | ".join(heads) + " |"
    yield "|" + "---|" * len(heads)
    for row in rows:
        yield "| " + " | ".join(str(cell) for cell in row) + " |"
