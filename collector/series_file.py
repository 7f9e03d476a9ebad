"""Reads one series from any export: a time and a value a row, comma, semicolon or tab between them.

Streaming: a row is handed on as soon as its line is complete, so a pipe may go on for ever, in the
memory that one line takes. What gzip has packed is unpacked on the way.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import math
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from io import BufferedReader
from pathlib import Path
from typing import NamedTuple

from telemetry.errors import ConfigError
from telemetry.labels import clean_text

STANDARD_INPUT = Path("-")
CHUNK_BYTES = 1 << 16
GZIP_MARK = b"\x1f\x8b"

LONGEST_LINE = 1 << 20
"""A line of more characters is no row of a series: what has no lines at all must not fill the memory."""

TIME_NAMES = ("timestamp", "time", "datetime", "date", "ts", "_time")
VALUE_NAMES = ("value", "_value")

MISSING = frozenset({"", "null", "none", "na", "n/a", "-"})
"""What exports write where nothing was measured, apart from NaN."""

_EXAMPLE = "2026-11-24T12:00:00,20.5"
_EPOCH = datetime(1970, 1, 1)
"""A time without a zone is taken as it stands, as UTC."""
_UNITS = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3))
"""From which size on a number is nano-, micro- or milliseconds; no date of ours is that late."""


Readable = BufferedReader | gzip.GzipFile


class SeriesFileError(ConfigError):
    """A row of a series cannot be read; the text names file, line and what was expected."""


class Row(NamedTuple):
    """One sample: its time and value as they were written, and as numbers (NaN: not measured)."""

    timestamp: str
    text: str
    at: float
    value: float


@contextmanager
def opened(path: Path) -> Iterator[Readable]:
    """The bytes of a file, or of standard input for `-`, unpacked. Raises SeriesFileError."""
    try:
        if path == STANDARD_INPUT:
            yield _unpacked(sys.stdin.buffer)  # type: ignore[arg-type]  # always a BufferedReader
        else:
            with path.open("rb") as stream:
                yield _unpacked(stream)
    except BrokenPipeError:  # who reads what is printed has gone; nothing is wrong with the file
        raise
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise SeriesFileError(f"{named(path)} cannot be unpacked: cut off or damaged.") from None
    except OSError as error:
        raise SeriesFileError(f"{named(path)} cannot be read: {error.strerror}.") from None


def named(path: Path) -> str:
    """What a file is called in a sentence."""
    return "standard input" if path == STANDARD_INPUT else str(path)


def _unpacked(stream: BufferedReader) -> Readable:
    packed = stream.peek(len(GZIP_MARK)).startswith(GZIP_MARK)
    return gzip.GzipFile(fileobj=stream) if packed else stream


def line_batches(stream: Readable) -> Iterator[list[str]]:
    """All lines that have come so far, again and again until the end; UTF-8 or UTF-16 with a BOM.

    A line that never ends is handed on in pieces, each too long to be a row.
    """
    chunk = stream.read1(CHUNK_BYTES)
    utf16 = chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    decoder = codecs.getincrementaldecoder("utf-16" if utf16 else "utf-8-sig")("replace")
    begun = ""
    while chunk:
        *lines, begun = (begun + decoder.decode(chunk)).split("\n")
        if len(begun) > LONGEST_LINE:
            lines.append(begun)
            begun = ""
        yield lines
        chunk = stream.read1(CHUNK_BYTES)
    yield [begun + decoder.decode(b"", final=True)]


class RowReader:
    """Understands the lines of one file one after the other; learns its columns from the first."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._line = 0
        self._delimiter = ""
        self._headed = False
        self._time_column = 0
        self._value_column = 1
        self._columns = 0
        self._newest = -math.inf

    def read(self, line: str) -> Row | None:
        """The row in a line; None for a blank line, a comment or the header. Raises SeriesFileError."""
        self._line += 1
        if len(line) > LONGEST_LINE:
            raise self._wrong(f"expected a row of two columns such as {_EXAMPLE}", line)
        line = line.strip()
        if not line or line[0] == "#":
            return None
        if not self._headed and self._is_header(line):
            return None
        cells = self._cells(line)
        self._check_columns(cells, line)
        timestamp = cells[self._time_column].strip()
        text = cells[self._value_column].strip()
        at = self._time(timestamp)
        try:
            return Row(timestamp, text, at, float(text))
        except ValueError:
            value = self._unusual_value(text)
        return Row(timestamp, text if math.isnan(value) else repr(value), at, value)

    def _check_columns(self, cells: list[str], line: str) -> None:
        """Refuses a row without a value, and one that a decimal comma has cut into more columns than
        the first line has: half of its value would be taken for the whole.
        """
        if len(cells) <= max(self._time_column, self._value_column):
            raise self._wrong(f"expected a timestamp and a value such as {_EXAMPLE}", line)
        if len(cells) > self._columns and any(cells[self._columns :]):
            raise self._wrong(
                f"expected {self._columns} columns as in the first line (decimals with a point, or "
                "semicolons between the columns)",
                line,
            )

    def _cells(self, line: str) -> list[str]:
        if '"' in line:
            return next(csv.reader([line], delimiter=self._delimiter))
        return line.split(self._delimiter)

    def _is_header(self, line: str) -> bool:
        """Learns the delimiter, and from a header which columns to take; whether it was one."""
        if line.lower().startswith("sep=") and len(line) == 5:
            self._delimiter = line[4]
            return True
        self._headed = True
        if not self._delimiter:
            self._delimiter = next((mark for mark in ";\t" if mark in line), ",")
        names = [cell.strip().lower() for cell in self._cells(line)]
        self._columns = len(names)
        if _is_row(names):
            return False
        self._time_column = next((names.index(name) for name in TIME_NAMES if name in names), 0)
        others = [place for place in range(len(names)) if place != self._time_column]
        named = [place for place in others if names[place] in VALUE_NAMES]
        self._value_column = next(iter([*named, *others]), 1)
        return True

    def _time(self, text: str) -> float:
        at = read_time(text)
        if at is None:
            raise self._wrong(
                "expected an ISO 8601 time such as 2026-11-24T12:00:00+07:00 or unix seconds", text
            )
        if at < self._newest - 86_400.0:
            raise self._wrong("expected the rows oldest first, this one is a day too late", text)
        self._newest = max(self._newest, at)
        return at

    def _unusual_value(self, text: str) -> float:
        """A decimal comma, where the comma does not part the columns, or a sign for 'not measured'."""
        if text.lower() in MISSING:
            return math.nan
        if self._delimiter != ",":
            try:
                return float(text.replace(",", "."))
            except ValueError:
                pass
        raise self._wrong("expected a number as the value such as 20.5", text)

    def _wrong(self, expected: str, found: str) -> SeriesFileError:
        shown = clean_text(found, 60)
        return SeriesFileError(f'{self._name}, line {self._line}: {expected}, found "{shown}".')


def read_time(text: str) -> float | None:
    """Seconds since 1970 of an ISO 8601 time or of unix seconds, milli-, micro- or nanoseconds.

    A time without a zone is taken for UTC; None for what is no time.
    """
    try:
        if "-" in text or ":" in text or "/" in text:
            return _seconds(datetime.fromisoformat(text.replace("/", "-")))
        number = float(text)
    except (ValueError, OverflowError):
        return None
    if not math.isfinite(number):
        return None
    return number / next((unit for least, unit in _UNITS if abs(number) >= least), 1.0)


def _seconds(time: datetime) -> float:
    return (time - _EPOCH).total_seconds() if time.tzinfo is None else time.timestamp()


def _is_row(cells: list[str]) -> bool:
    """Whether the first line is data: its first cell is a time, or its second a number."""
    if read_time(cells[0]) is not None:
        return True
    try:
        float(cells[1])
    except (IndexError, ValueError):
        return False
    return True
