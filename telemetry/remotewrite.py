"""Batches to bytes and back: Prometheus remote-write 1.0 (protobuf `WriteRequest`, snappy block).

The specification is https://prometheus.io/docs/specs/prw/remote_write_spec/. Whoever sends is not
trusted: what a body may cost is bounded before it is spent, a malformed body is a `WireError`, and
a bad series inside a good body is left out and counted by reason.
"""

from __future__ import annotations

import re
import struct
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from operator import itemgetter

import cramjam
from google.protobuf.message import DecodeError

from telemetry import remote_pb2
from telemetry.errors import WireError
from telemetry.labels import make_labels
from telemetry.sample import Batch, Sample, Series, SeriesPoints

MAX_DECODED_BYTES = 32 << 20
"""Longest message that is unpacked, in bytes: the limit Prometheus settled on (#18642)."""
MAX_SAMPLES = 500_000
"""Most samples in one request; Prometheus sends 2,000, VictoriaMetrics' agent 10,000."""
MAX_LABELS = 40
MAX_LABEL_NAME = 128
MAX_LABEL_VALUE = 1024
"""Longest label value, in characters."""
MAX_LABEL_BYTES = 8192
"""Longest label set of one series, in bytes on the wire."""
STALE_NAN = struct.pack("<Q", 0x7FF0000000000002)
"""The value by which a scraper says that a series has ended (remote-write 1.0)."""

# Parsed messages take some twenty times the room of their bytes when the series are empty, so long
# messages are parsed piece by piece.
_PIECE_BYTES = 1 << 20
_METRIC_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")

_DOUBLE = struct.Struct("<d").pack
_ZERO = bytes(8)
_INT64 = (1 << 64) - 1
_LENGTHS: list[bytes] = []

RawLabels = tuple[bytes, ...]


class Rejection(StrEnum):
    """Why a series, or some of its samples, was left out of a request that was otherwise good."""

    NO_NAME = "no_name"
    INVALID_NAME = "invalid_name"
    INVALID_LABEL = "invalid_label"
    REPEATED_LABEL = "repeated_label"
    LABEL_TOO_LONG = "label_too_long"
    TOO_MANY_LABELS = "too_many_labels"
    SERIES_TOO_LARGE = "series_too_large"
    NO_SAMPLES = "no_samples"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class Decoded:
    """What a request held. `rejected` counts samples by reason (a series without any counts 1)."""

    batch: Batch
    rejected: Counter[str]


class SeriesCache:
    """Remembers the series of label bytes seen lately, never more than `max_series` or 64 MiB.

    Holds two generations: what was not asked for while the younger one filled up is forgotten.
    """

    def __init__(self, max_series: int = 100_000, max_bytes: int = 64 << 20) -> None:
        self._half_series = max(1, max_series // 2)
        self._half_bytes = max(1, max_bytes // 2)
        self._young: dict[RawLabels, Series] = {}
        self._old: dict[RawLabels, Series] = {}
        self._young_bytes = 0

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def get(self, labels: RawLabels) -> Series | None:
        """The series of these label bytes, or None when it was never seen or is forgotten."""
        series = self._young.get(labels)
        if series is None:
            series = self._old.pop(labels, None)
            if series is not None:
                self.put(labels, series)
        return series

    def put(self, labels: RawLabels, series: Series) -> None:
        """Remembers a series under its label bytes."""
        size = sum(map(len, labels))
        if len(self._young) >= self._half_series or self._young_bytes + size > self._half_bytes:
            self._old, self._young, self._young_bytes = self._young, {}, 0
        self._young[labels] = series
        self._young_bytes += size


def encode(batch: Batch) -> bytes:
    """A serialised WriteRequest, not compressed.

    The results of several calls may be concatenated: that is the request with all their series.
    """
    wire: list[bytes] = []
    for series, timestamps, values in batch.points:
        labels = series._wire or _wire_labels(series)
        samples = b"".join(
            [_wire_sample(*_stamp(at), value) for at, value in zip(timestamps, values, strict=True)]
        )
        wire += (b"\x0a", _length(len(labels) + len(samples)), labels, samples)
    return b"".join(wire)


def encode_samples(samples: Iterable[Sample]) -> bytes:
    """As `encode`, every sample as an entry of its own: for samples of as many series.

    The message is put together by hand: with objects of the protobuf library for each label and sample it
    costs eight times as much, and an agent does little else.
    """
    wire: list[bytes] = []
    last: int | None = None
    head = stamp = b""
    for series, timestamp, value in samples:
        if timestamp != last:
            last, (head, stamp) = timestamp, _stamp(timestamp)
        labels = series._wire or _wire_labels(series)
        sample = _wire_sample(head, stamp, value)
        wire += (b"\x0a", _length(len(labels) + len(sample)), labels, sample)
    return b"".join(wire)


def _stamp(timestamp: int) -> tuple[bytes, bytes]:
    """Field 2 (int64) of a Sample, and how the sample begins, whose value is not zero."""
    stamp = b"\x10" + _length(timestamp & _INT64) if timestamp else b""
    return b"\x12" + bytes((9 + len(stamp),)) + b"\x09", stamp


def _wire_sample(head: bytes, stamp: bytes, value: float) -> bytes:
    """Field 2 of TimeSeries: a Sample of a double (1) and a timestamp (2), without those that are zero."""
    packed = _DOUBLE(value)
    if packed == _ZERO:
        return b"\x12" + bytes((len(stamp),)) + stamp
    return head + packed + stamp


def _length(number: int) -> bytes:
    """A number that is not negative, in base 128."""
    if number < len(_LENGTHS):
        return _LENGTHS[number]
    octets = bytearray()
    while number >= 0x80:
        octets.append(number & 0x7F | 0x80)
        number >>= 7
    octets.append(number)
    return bytes(octets)


_LENGTHS += [_length(number) for number in range(1024)]


def compress(message: bytes) -> bytes:
    """The message as one snappy block: the body of a remote-write 1.0 request."""
    return bytes(cramjam.snappy.compress_raw(message))


def decompress(body: bytes, max_decoded_bytes: int = MAX_DECODED_BYTES) -> bytes:
    """The message in a snappy block. Raises WireError when it is none or declares too much."""
    declared = _declared_length(body)
    if declared > max_decoded_bytes:
        raise WireError(
            f"the body declares {declared} bytes unpacked, more than the limit {max_decoded_bytes}"
        )
    try:
        message = bytes(cramjam.snappy.decompress_raw(body))
    except cramjam.DecompressionError as error:
        raise WireError("the body is not a snappy block") from error
    if len(message) != declared:
        raise WireError("the body does not unpack to the length that it declares")
    return message


def decode(
    body: bytes, cache: SeriesCache, *, max_decoded_bytes: int = MAX_DECODED_BYTES
) -> Decoded:
    """The samples of a remote-write 1.0 body. Raises WireError with one sentence."""
    return decode_message(decompress(body, max_decoded_bytes), cache)


def decode_message(message: bytes, cache: SeriesCache) -> Decoded:
    """The samples of a serialised WriteRequest that is not compressed. Raises WireError."""
    rejected: Counter[str] = Counter()
    points: list[SeriesPoints] = []
    count = 0
    for raw_series in _raw_series(message, rejected):
        samples = raw_series.samples
        number = len(samples)
        count += number
        if count > MAX_SAMPLES:
            raise WireError(f"the request holds more than {MAX_SAMPLES} samples")
        raw_labels = tuple(raw_series.labels)
        series = cache.get(raw_labels) or _new_series(raw_labels, cache)
        if isinstance(series, Rejection):
            rejected[series] += max(1, number)
        elif number == 0:
            rejected[Rejection.NO_SAMPLES] += 1
        else:
            _add_points(points, series, samples, rejected)
    return Decoded(Batch(tuple(points)), rejected)


def _add_points(
    points: list[SeriesPoints],
    series: Series,
    samples: Sequence[remote_pb2.Sample],
    rejected: Counter[str],
) -> None:
    """Puts the samples down oldest first, without the markers of staleness."""
    if len(samples) == 1:  # by far the commonest, and half as dear this way
        sample = samples[0]
        value = sample.value
        if value == value:
            points.append(SeriesPoints(series, (sample.timestamp,), (value,)))
            return
    pairs = [(sample.timestamp, sample.value) for sample in samples]
    kept = [pair for pair in pairs if pair[1] == pair[1] or not _is_stale(pair[1])]
    if len(kept) < len(pairs):
        rejected[Rejection.STALE] += len(pairs) - len(kept)
    if len(kept) > 1:
        kept.sort(key=itemgetter(0))
    if kept:
        points.append(SeriesPoints(series, *zip(*kept, strict=True)))


def _is_stale(value: float) -> bool:
    return struct.pack("<d", value) == STALE_NAN


def _new_series(raw_labels: RawLabels, cache: SeriesCache) -> Series | Rejection:
    series = _parse_labels(raw_labels)
    if isinstance(series, Series):
        cache.put(raw_labels, series)
    return series


def _parse_labels(raw_labels: RawLabels) -> Series | Rejection:
    if len(raw_labels) > MAX_LABELS:
        return Rejection.TOO_MANY_LABELS
    if sum(map(len, raw_labels)) > MAX_LABEL_BYTES:
        return Rejection.LABEL_TOO_LONG
    try:
        labels = [remote_pb2.Label.FromString(raw) for raw in raw_labels]
    except DecodeError:
        return Rejection.INVALID_LABEL
    return _check_labels([(label.name, label.value) for label in labels])


def _check_labels(labels: list[tuple[str, str]]) -> Series | Rejection:
    pairs = dict(labels)
    if len(pairs) != len(labels):
        return Rejection.REPEATED_LABEL
    name = pairs.pop("__name__", "")
    if not name:
        return Rejection.NO_NAME
    if not _METRIC_NAME.fullmatch(name):
        return Rejection.INVALID_NAME
    if not all(len(key) <= MAX_LABEL_NAME and _LABEL_NAME.fullmatch(key) for key in pairs):
        return Rejection.INVALID_LABEL
    if any(len(value) > MAX_LABEL_VALUE for value in (name, *pairs.values())):
        return Rejection.LABEL_TOO_LONG
    return Series(name, make_labels(pairs))


def _raw_series(message: bytes, rejected: Counter[str]) -> Iterable[remote_pb2.RawTimeSeries]:
    for piece in _pieces(message, rejected):
        try:
            request = remote_pb2.RawWriteRequest.FromString(piece)
        except DecodeError as error:
            raise WireError("the body is not a remote-write 1.0 request (protobuf)") from error
        yield from request.timeseries


def _pieces(message: bytes, rejected: Counter[str]) -> Iterator[bytes]:
    """The message cut between series into pieces of bounded length."""
    if len(message) <= _PIECE_BYTES:
        yield message
        return
    start = end = 0
    while end < len(message):
        next_end = _field_end(message, end)
        if next_end - start > _PIECE_BYTES:
            yield message[start:end]
            start = end
        if next_end - end > _PIECE_BYTES:
            rejected[Rejection.SERIES_TOO_LARGE] += 1
            start = next_end
        end = next_end
    yield message[start:end]


def _field_end(message: bytes, at: int) -> int:
    """Where the protobuf field that begins at `at` ends (wire types 0, 1, 2 and 5)."""
    tag, at = _varint(message, at)
    match tag & 7:
        case 0:
            _, at = _varint(message, at)
        case 1:
            at += 8
        case 2:
            length, at = _varint(message, at)
            at += length
        case 5:
            at += 4
        case _:
            raise WireError("the body is not a remote-write 1.0 request (protobuf)")
    if at > len(message):
        raise WireError("the body is cut off in the middle of a series")
    return at


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """The base-128 number at `at` and the place after it (ten bytes at most)."""
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            break
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise WireError("the body ends, or goes astray, in the middle of a number")


def _declared_length(body: bytes) -> int:
    """What the head of a snappy block says of its length unpacked, before any of it is unpacked."""
    try:
        return _varint(body[:5], 0)[0]
    except WireError as error:
        raise WireError("the body is not a snappy block") from error


def _wire_labels(series: Series) -> bytes:
    """Field 1 of TimeSeries, for each label in order of its name; kept with the series."""
    pairs = sorted((("__name__", series.name), *series.labels))
    raw = [remote_pb2.Label(name=name, value=value).SerializeToString() for name, value in pairs]
    wire = b"".join([b"\x0a" + _length(len(label)) + label for label in raw])
    object.__setattr__(series, "_wire", wire)
    return wire
