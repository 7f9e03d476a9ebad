"""Remote-write: what goes in comes out, what others send is read, attacks are refused."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cramjam
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telemetry import remote_pb2, remotewrite
from telemetry.errors import WireError
from telemetry.labels import make_labels
from telemetry.remotewrite import Decoded, Rejection, SeriesCache, decode, decode_message
from telemetry.sample import Batch, Sample, Series, SeriesPoints, batch_of

GOLDEN = Path(__file__).parent / "golden"
NOW_MS = 1_795_368_377_743


def rendered(decoded: Decoded) -> dict[str, Any]:
    """What was decoded, as JSON can hold it; values as text, for NaN and infinity."""
    batch = [
        {
            "metric": {"__name__": points.series.name, **dict(points.series.labels)},
            "values": [repr(value) for value in points.values],
            "timestamps": list(points.timestamps_ms),
        }
        for points in decoded.batch.points
    ]
    return {"batch": batch, "rejected": {str(key): n for key, n in decoded.rejected.items()}}


def message_of(*series: tuple[list[tuple[str, str]], list[tuple[float, int]]]) -> bytes:
    """A WriteRequest with just these labels and samples, however wrong they are."""
    request = remote_pb2.WriteRequest()
    for labels, samples in series:
        request.timeseries.add(
            labels=[remote_pb2.Label(name=name, value=value) for name, value in labels],
            samples=[remote_pb2.Sample(value=value, timestamp=at) for value, at in samples],
        )
    return request.SerializeToString()


def read(message: bytes) -> Decoded:
    return decode_message(message, SeriesCache())


def refusal(reader: Callable[[bytes, SeriesCache], Decoded], body: bytes) -> str:
    """The sentence with which the body is refused, or nothing; any other exception fails."""
    try:
        reader(body, SeriesCache())
    except WireError as error:
        return str(error)
    return ""


names = st.from_regex(r"[a-zA-Z_:][a-zA-Z0-9_:]{0,20}", fullmatch=True)
label_names = st.from_regex(r"[a-zA-Z_][a-zA-Z0-9_]{0,20}", fullmatch=True).filter(
    lambda name: name != "__name__"
)
label_values = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
series_of_any = st.builds(
    lambda name, labels: Series(name, make_labels(labels)),
    names,
    st.dictionaries(label_names, label_values, max_size=6),
)
values = st.floats(allow_nan=False)
samples_of_any = st.builds(Sample, series_of_any, st.integers(-(2**63), 2**63 - 1), values)


@settings(max_examples=60)
@given(st.lists(samples_of_any, max_size=12))
def test_round_trip(samples: list[Sample]) -> None:
    """Any batch comes back as it was, oldest first within each series."""
    batch = batch_of(sorted(samples, key=lambda sample: sample.timestamp_ms))
    decoded = decode(remotewrite.compress(remotewrite.encode(batch)), SeriesCache())
    assert decoded.batch == batch
    assert not decoded.rejected


@settings(max_examples=30)
@given(st.lists(samples_of_any, max_size=4), st.lists(samples_of_any, max_size=4))
def test_concatenated_messages_are_one_request(left: list[Sample], right: list[Sample]) -> None:
    """What the agent's push relies on."""
    one = batch_of(sorted(left, key=lambda sample: sample.timestamp_ms))
    other = batch_of(sorted(right, key=lambda sample: sample.timestamp_ms))
    message = remotewrite.encode(one) + remotewrite.encode(other)
    assert read(message).batch.points == one.points + other.points


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_in_one_sentence(body: bytes) -> None:
    """Nothing but WireError ever comes out, for bodies and for messages."""
    for reader in (decode, decode_message):
        assert "\n" not in refusal(reader, body)


@given(st.data())
def test_any_damage_is_read_or_refused(data: st.DataObject) -> None:
    """One byte of a good body changed, or its tail cut off."""
    body = bytearray((GOLDEN / "prometheus.bin").read_bytes())
    body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(body)))
    assert "\n" not in refusal(decode, bytes(body[:cut]))


@pytest.mark.parametrize("name", ["prometheus", "prometheus_stale"])
def test_golden_requests_of_a_real_prometheus(name: str) -> None:
    """Bodies recorded from Prometheus 2.42 read as the JSON beside them says."""
    decoded = decode((GOLDEN / f"{name}.bin").read_bytes(), SeriesCache())
    assert rendered(decoded) == json.loads((GOLDEN / f"{name}.json").read_text())


def test_golden_bytes_of_ours() -> None:
    """The bytes of the published schema, written out by hand: field 1 of 1 of 1, fields 1 and 2."""
    batch = Batch((SeriesPoints(Series("up", (("Z", "z"), ("job", "é"))), (300,), (1.5,)),))
    expected = bytes.fromhex("0a31") + b"".join(
        (
            b"\x0a\x06\x0a\x01Z\x12\x01z",  # upper case sorts before __name__
            b"\x0a\x0e\x0a\x08__name__\x12\x02up",
            b"\x0a\x09\x0a\x03job\x12\x02\xc3\xa9",
            b"\x12\x0c\x09" + struct.pack("<d", 1.5) + b"\x10\xac\x02",
        )
    )
    assert remotewrite.encode(batch) == expected
    assert remotewrite.encode(batch) == expected  # and again, from the bytes remembered


@pytest.mark.parametrize(
    ("labels", "reason"),
    [
        ([("site", "a")], Rejection.NO_NAME),
        ([("__name__", ""), ("site", "a")], Rejection.NO_NAME),
        ([("__name__", "bad-name")], Rejection.INVALID_NAME),
        ([("__name__", "up\n")], Rejection.INVALID_NAME),
        ([("__name__", "up"), ("a b", "x")], Rejection.INVALID_LABEL),
        ([("__name__", "up"), ("", "x")], Rejection.INVALID_LABEL),
        ([("__name__", "up"), ("a\n", "x")], Rejection.INVALID_LABEL),
        ([("__name__", "up"), ("a" * 129, "x")], Rejection.INVALID_LABEL),
        ([("__name__", "up"), ("a", "x"), ("a", "y")], Rejection.REPEATED_LABEL),
        ([("__name__", "up"), ("__name__", "up")], Rejection.REPEATED_LABEL),
        ([("__name__", "up"), ("a", "x" * 1025)], Rejection.LABEL_TOO_LONG),
        ([("__name__", "u" * 1025)], Rejection.LABEL_TOO_LONG),
        ([("__name__", "up"), ("a", "x" * (1 << 20))], Rejection.SERIES_TOO_LARGE),
        ([("__name__", "up"), *((f"l{n}", "x" * 900) for n in range(10))], "label_too_long"),
        ([("__name__", "up"), *((f"l{n}", "x") for n in range(40))], Rejection.TOO_MANY_LABELS),
    ],
)
def test_a_bad_series_is_counted_and_the_good_kept(
    labels: list[tuple[str, str]], reason: str
) -> None:
    """… wherever it stands among the good ones, and it is counted by samples."""
    good = ([("__name__", "up"), ("site", "a")], [(1.0, NOW_MS)])
    decoded = read(message_of(good, (labels, [(1.0, NOW_MS), (2.0, NOW_MS + 1)]), good))
    assert [points.series.name for points in decoded.batch.points] == ["up", "up"]
    # a series that is never parsed cannot be counted by its samples
    assert decoded.rejected == {reason: 1 if reason == Rejection.SERIES_TOO_LARGE else 2}


def test_label_bytes_that_are_no_label() -> None:
    """Invalid UTF-8 and torn labels cost their series, not the request."""
    request = remote_pb2.RawWriteRequest()
    good = [b"\x0a\x08__name__\x12\x02up"]
    for labels in ([b"\x0a\x08__name__\x12\x02\xff\xfe"], [b"\x0a\x7f"], good):
        request.timeseries.add(labels=labels).samples.add(value=1, timestamp=NOW_MS)
    decoded = read(request.SerializeToString())
    assert decoded.rejected == {Rejection.INVALID_LABEL: 2}
    assert decoded.batch.sample_count() == 1


def test_unsorted_labels_are_sorted_and_empty_ones_left_out() -> None:
    """Two spellings of one series are one series."""
    decoded = read(
        message_of(
            ([("site", "a"), ("device", "b"), ("x", ""), ("__name__", "up")], [(1.0, 1)]),
            ([("__name__", "up"), ("device", "b"), ("site", "a")], [(1.0, 2)]),
        )
    )
    first, second = decoded.batch.points
    assert first.series == second.series == Series("up", (("device", "b"), ("site", "a")))


def test_samples_come_oldest_first() -> None:
    """Whatever order the sender chose."""
    labels = [("__name__", "up")]
    decoded = read(message_of((labels, [(3.0, 30), (1.0, 10), (2.0, 20)])))
    assert decoded.batch.points == (SeriesPoints(Series("up", ()), (10, 20, 30), (1.0, 2.0, 3.0)),)


def test_stale_markers_are_counted_and_other_nan_kept() -> None:
    """0x7ff0000000000002 says that the series ended; an ordinary NaN is a value."""
    (stale,) = struct.unpack("<d", remotewrite.STALE_NAN)
    labels = [("__name__", "up")]
    decoded = read(
        message_of((labels, [(stale, 1), (math.nan, 2), (5.0, 3)]), (labels, [(stale, 4)]))
    )
    assert decoded.rejected == {Rejection.STALE: 2}
    (points,) = decoded.batch.points
    assert points.timestamps_ms == (2, 3)
    assert math.isnan(points.values[0])
    assert points.values[1] == 5.0


def test_series_without_samples() -> None:
    """A hundred thousand empty series are counted, not stored."""
    decoded = read(b"\x0a\x00" * 100_000 + message_of(([("__name__", "up")], [])))
    assert decoded.batch.points == ()
    assert decoded.rejected == {Rejection.NO_NAME: 100_000, Rejection.NO_SAMPLES: 1}


def test_unknown_fields_are_ignored() -> None:
    """Metadata (field 3), exemplars and histograms (3 and 4 of a series), fields of tomorrow."""
    series = message_of(([("__name__", "up")], [(1.0, NOW_MS)]))[2:]
    series += b"\x1a\x02ab\x22\x02cd"
    unknown = b"\x1a\x03abc" + b"\x28\x01" + b"\x31" + b"8" * 8 + b"\x3d" + b"4" * 4
    message = unknown + b"\x0a" + bytes([len(series)]) + series
    assert read(message).batch.sample_count() == 1
    long = message_of(([("__name__", "up"), ("a", "x" * (1 << 20))], [(1.0, 1)])) + message
    assert read(long).batch.sample_count() == 1


def test_long_messages_are_read_in_pieces_and_whole() -> None:
    """3 MiB of series come out as they went in."""
    points = tuple(
        SeriesPoints(Series("up", (("a", f"{n:0900d}"),)), (NOW_MS,), (float(n),))
        for n in range(3500)
    )
    message = remotewrite.encode(Batch(points))
    assert len(message) > 3 << 20
    assert read(message).batch.points == points


@pytest.mark.parametrize(
    "tail", [b"\x0b", b"\x0a\xff\xff\x7f", b"\x0a" + b"\xff" * 11, b"\x0a\x80", b"\x31abc"]
)
def test_long_messages_that_are_torn(tail: bytes) -> None:
    """The same refusal as for short ones."""
    long = message_of(*[([("__name__", "up"), ("a", "x" * 1000)], [(1.0, 1)])] * 1100)
    for message in (tail, long + tail):
        with pytest.raises(WireError):
            read(message)


def test_too_many_samples() -> None:
    """The most that one request may hold is bounded, whatever the bytes are."""
    request = remote_pb2.RawWriteRequest()
    request.timeseries.add(labels=[b"\x0a\x08__name__\x12\x02up"])
    message = request.SerializeToString()
    series = message[2:] + b"\x12\x00" * 60_000
    length = bytes([len(series) & 127 | 128, len(series) >> 7 & 127 | 128, len(series) >> 14])
    with pytest.raises(WireError, match="more than 500000 samples"):
        read((b"\x0a" + length + series) * 9)


def test_a_head_that_lies_is_refused_before_unpacking() -> None:
    """4 GB declared by six bytes, and a true bomb of 21 to 1: both stop at the head."""
    bomb = bytes(cramjam.snappy.compress_raw(b"\x0a\x00" * (17 << 20)))
    for body in (b"\xff\xff\xff\xff\x0f\x00", bomb):
        with pytest.raises(WireError, match="more than the limit"):
            decode(body, SeriesCache())
    with pytest.raises(WireError, match="more than the limit 10"):
        decode(remotewrite.compress(b"x" * 11), SeriesCache(), max_decoded_bytes=10)


@pytest.mark.parametrize("body", [b"", b"\xff" * 5, b"\x05abc", b"\x80", b"{'a': 1}"])
def test_bodies_that_are_no_snappy(body: bytes) -> None:
    """One sentence, whatever cramjam said."""
    with pytest.raises(WireError, match="the body"):
        decode(body, SeriesCache())


def test_the_cache_forgets_what_is_not_asked_for() -> None:
    """Never more than its size, and what is used survives."""
    cache = SeriesCache(max_series=10)
    kept = Series("kept", ())
    cache.put((b"kept",), kept)
    for number in range(100):
        cache.put((b"%d" % number,), Series("x", ()))
        assert cache.get((b"kept",)) is kept
        assert len(cache) <= 10
    assert cache.get((b"0",)) is None


def test_the_cache_is_bounded_in_bytes() -> None:
    """Long labels fill it sooner."""
    cache = SeriesCache(max_series=1000, max_bytes=1000)
    for number in range(100):
        cache.put((b"%0100d" % number,), Series("x", ()))
    assert len(cache) <= 10


def test_a_known_series_is_the_same_object() -> None:
    """So that whoever keeps state by series compares by identity first."""
    cache = SeriesCache()
    message = message_of(([("__name__", "up")], [(1.0, 1)]))
    first = decode_message(message, cache).batch.points[0].series
    assert decode_message(message, cache).batch.points[0].series is first
