"""Samples to bytes by hand: what the protobuf library makes of them."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from telemetry.remotewrite import SeriesCache, decode_message, encode, encode_samples
from telemetry.sample import Sample, Series, batch_of

WORDS = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=200)
SERIES = st.builds(
    lambda name, value: Series(name, (("device", value),)),
    st.sampled_from(["up", "a_rather_long_name_of_a_metric_total"]),
    WORDS,
)
STAMPS = st.integers(-(1 << 63), (1 << 63) - 1)
SAMPLES = st.lists(
    st.builds(Sample, SERIES, STAMPS, st.floats(allow_nan=False)),
    unique_by=lambda sample: sample.series,
)


@given(SAMPLES)
def test_the_same_as_the_batch_of_them(samples: list[Sample]) -> None:
    assert encode_samples(samples) == encode(batch_of(samples))


@given(SAMPLES)
def test_what_comes_out_is_what_went_in(samples: list[Sample]) -> None:
    batch = decode_message(encode_samples(samples), SeriesCache()).batch
    found = [(points.series, *points.timestamps_ms, *points.values) for points in batch.points]
    assert found == [tuple(sample) for sample in samples]


def test_zeros_are_told_apart() -> None:
    """A value of zero is left out on the wire, as protobuf does; minus zero is not zero."""
    series = Series("up", (("device", "x"),))
    for value in (0.0, -0.0):
        message = encode_samples([Sample(series, 0, value)])
        (points,) = decode_message(message, SeriesCache()).batch.points
        assert math.copysign(1, points.values[0]) == math.copysign(1, value)
