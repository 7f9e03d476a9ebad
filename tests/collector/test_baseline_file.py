"""`ltmon collector baseline`: any export in, one judged row out, as it comes."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from collector.series_file import CHUNK_BYTES, RowReader, SeriesFileError, line_batches, read_time
from tests.collector.test_baseline import ordinary, told
from tests.ltmon.test_query_commands import ltmon

MORNING = 1_795_478_400.0  # 2026-11-24T00:00:00Z


def rows(text: str | bytes) -> list[tuple[float, float]]:
    """The (time, value) pairs that are read from a file's content."""
    reader = RowReader("series.csv")
    stream = io.BufferedReader(io.BytesIO(text.encode() if isinstance(text, str) else text))
    found = [reader.read(line) for lines in line_batches(stream) for line in lines]
    return [(row.at, row.value) for row in found if row is not None]


@pytest.mark.parametrize(
    "text",
    [
        "timestamp,value\n2026-11-24 00:00:00,20.5\n",
        "2026-11-24T00:00:00Z,20.5",
        "2026-11-24T07:00:00+07:00,20.5,note\n",
        "2026/11/24 00:00:00,20.5",
        "2026-11-24 00:00:00.000000,20.5",
        "1795478400,20.5\n",
        "1795478400000,20.5\n",
        "1795478400000000000,20.5\n",
        "\ufefftime;dBm\r\n\r\n2026-11-24 00:00;20,5\r\n\r\n",
        "sep=;\r\n2026-11-24 00:00;20.5",
        "sep=|\r\ntime|value\r\n2026-11-24 00:00|20.5",
        '"Time"\t"Value"\n"2026-11-24"\t"20.5"',
        '"timestamp","value"\n"2026-11-24 00:00:00","20.5",\n',
        "# exported by hand\nvalue,time\n20.5,1795478400\n",
        "name,time,host,value\nrtt,1795478400,ignored,20.5\n",
        "\ufefftimestamp,value\n2026-11-24,20.5\n".encode("utf-16"),
    ],
)
def test_any_export(text: str | bytes) -> None:
    """With or without header, zone, BOM, blank lines; comma, semicolon or tab; s, ms or ns."""
    assert rows(text) == [(MORNING, 20.5)]


@pytest.mark.parametrize("missing", ["", "nan", "NaN", "null", "None", "N/A", "-"])
def test_not_measured(missing: str) -> None:
    """What exports write for a gap is a row without a number, not an error."""
    ((_, value),) = rows(f"1795478400,{missing}")
    assert value != value


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "timestamp,value\n2026-11-24,1\n2026-11-25\n",
            "series.csv, line 3: expected a timestamp and a value such as 2026-11-24T12:00:00,20.5, "
            'found "2026-11-25".',
        ),
        (
            "yesterday,1\n",
            "series.csv, line 1: expected an ISO 8601 time such as 2026-11-24T12:00:00+07:00 or unix "
            'seconds, found "yesterday".',
        ),
        (
            "\n2026-11-24,1\n2026-11-25,broken\n",
            'series.csv, line 3: expected a number as the value such as 20.5, found "broken".',
        ),
        (
            "2026-11-24,1\n2026-11-21,1\n",
            "series.csv, line 2: expected the rows oldest first, this one is a day too late, "
            'found "2026-11-21".',
        ),
        (
            "timestamp,value\n2026-11-24,20,5\n",
            "series.csv, line 2: expected 2 columns as in the first line (decimals with a point, or "
            'semicolons between the columns), found "2026-11-24,20,5".',
        ),
        ("2026-11-24,20\n2026-11-25,20,5\n", "series.csv, line 2: expected 2 columns"),
        (
            '2026-11-24,"20,5"\n',
            'series.csv, line 1: expected a number as the value such as 20.5, found "20,5".',
        ),
        ("7" * (3 << 20), "series.csv, line 1: expected a row of two columns such as 2026-11-24T"),
        ("2026-11-24,1\n\x00\x00\x00\n", "series.csv, line 2: expected a timestamp and a value"),
    ],
)
def test_bad_rows(text: str, sentence: str) -> None:
    """One sentence with file, line and what was expected."""
    with pytest.raises(SeriesFileError) as caught:
        rows(text)
    assert str(caught.value).startswith(sentence)


@pytest.mark.parametrize("text", ["noon", "", "inf", "2026-13-01", "1e400", "12:00", "9" * 400])
def test_no_time(text: str) -> None:
    """What is no time is said to be none."""
    assert read_time(text) is None


@pytest.fixture
def jump(tmp_path: Path) -> Path:
    """A series of two days that jumps at its 577th row."""
    values = [*ordinary(576), *[80.0] * 24]
    lines = [f"{MORNING + place * 300:.0f},{value}" for place, value in enumerate(values)]
    file = tmp_path / "jump.csv"
    file.write_text("\n".join(["timestamp,value", *lines]) + "\n")
    return file


def test_judged_as_in_the_engine(jump: Path) -> None:
    """Row by row the same score and alarm that `observe` gives, the time and value echoed."""
    printed = ltmon("collector", "baseline", "--csv", str(jump), code=0).splitlines()
    given = jump.read_text().splitlines()
    assert printed[0] == "timestamp,value,score,alarm"
    expected = told([float(line.split(",")[1]) for line in given[1:]], first_at=MORNING)
    for line, judged, verdict in zip(given[1:], printed[1:], expected, strict=True):
        assert judged == f"{line},{verdict.score:.6f},{verdict.alarm:d}"
    assert [place for place, line in enumerate(printed) if line.endswith(",1")] == [577]


def test_as_json(jump: Path) -> None:
    """One object a line, with what kind of surprise it is and what was expected."""
    objects = [
        json.loads(line)
        for line in ltmon(
            "collector", "baseline", "--csv", str(jump), "--json", code=0
        ).splitlines()
    ]
    assert len(objects) == 600
    assert objects[576]["alarm"] == 1
    assert objects[576]["score"] > 0.5
    assert objects[576]["surprise"]
    assert objects[576]["expected"] < 30


def test_wrong_use(tmp_path: Path) -> None:
    """A file that is not there: one sentence, exit code 2."""
    done = piped("", "--csv", str(tmp_path / "nowhere.csv"))
    assert done.returncode == 2
    assert done.stderr.strip().endswith("nowhere.csv cannot be read: No such file or directory.")


@pytest.mark.parametrize("kept", [10_000, 60])
def test_packed(kept: int, tmp_path: Path) -> None:
    """What gzip has packed is read as it is; one that is cut off is told of in one sentence."""
    file = tmp_path / "packed.csv"
    file.write_bytes(
        gzip.compress("".join(f"{MORNING + row},{row}\n" for row in range(99)).encode())[:kept]
    )
    done = piped("", "--csv", str(file))
    if kept < 100:
        assert done.returncode == 2
        assert done.stderr.strip().endswith("packed.csv cannot be unpacked: cut off or damaged.")
    else:
        assert done.returncode == 0
        assert done.stdout.splitlines()[-1] == f"{MORNING + 98},98,0.000000,0"


def test_beginning_is_judged_alike(jump: Path, tmp_path: Path) -> None:
    """What is printed of the first rows is the same, byte for byte, whether more rows follow or not."""
    whole = ltmon("collector", "baseline", "--csv", str(jump), code=0)
    rows = jump.read_text().splitlines(keepends=True)
    for count in (1, 300, 578):
        first = tmp_path / f"first-{count}.csv"
        first.write_text("".join(rows[:count]))
        said = ltmon("collector", "baseline", "--csv", str(first), code=0)
        assert said == "".join(whole.splitlines(keepends=True)[:count])


def test_memory_does_not_grow() -> None:
    """Of a file the lines of one chunk are held at a time, never the rows before them."""
    batches = line_batches(io.BufferedReader(io.BytesIO(b"1795478400,20.5\n" * 100_000)))
    assert max(len(lines) for lines in batches) <= CHUNK_BYTES // 16 + 1


def test_pipe() -> None:
    """Standard input is judged too; rows before a bad one are printed, then the sentence is said."""
    done = piped("1795478400,1\n1795478460,2\noops,3\n", "--csv", "-")
    assert done.returncode == 2
    assert done.stdout == (
        "timestamp,value,score,alarm\n1795478400,1,0.000000,0\n1795478460,2,0.000000,0\n"
    )
    assert done.stderr.startswith("standard input, line 3: expected an ISO 8601 time")


def piped(text: str, *options: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, with `text` on its standard input."""
    return subprocess.run(
        [sys.executable, "-m", "ltmon", "collector", "baseline", *options],
        input=text,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
