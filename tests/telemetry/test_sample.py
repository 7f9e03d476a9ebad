"""Series, samples and batches are values: equal when their contents are, and never change."""

from __future__ import annotations

import copy
import pickle

import pytest

from telemetry.catalogue import ICMP_LOSS_RATIO, INTERFACE_UP
from telemetry.sample import Batch, Sample, Series, SeriesPoints, batch_of

LABELS = (("device", "bac-binh-router"), ("site", "bac-binh"))


def test_series_are_equal_by_name_and_labels() -> None:
    """… and may be keys, copied and pickled."""
    series = Series("up", LABELS)
    assert series == Series("up", LABELS)
    assert hash(series) == hash(Series("up", LABELS))
    assert series != Series("up", ())
    assert series != Series("down", LABELS)
    assert series != "up"
    assert copy.deepcopy(series) == pickle.loads(pickle.dumps(series)) == series


def test_series_never_change() -> None:
    """Nobody can pull the key from under a dictionary."""
    series = Series("up", LABELS)
    with pytest.raises(AttributeError, match="immutable"):
        series.name = "down"


def test_label_of_a_series() -> None:
    """An absent label is the empty string."""
    series = Series("up", LABELS)
    assert series.label("site") == "bac-binh"
    assert series.label("agent") == ""
    assert repr(series) == 'up{device="bac-binh-router",site="bac-binh"}'


def test_batch_of_groups_by_series_in_order() -> None:
    """Order of first appearance among series, given order within one."""
    up, down = Series("up", LABELS), Series("down", LABELS)
    batch = batch_of([Sample(up, 2, 1.0), Sample(down, 1, 0.0), Sample(up, 1, 0.5)])
    assert batch == Batch((SeriesPoints(up, (2, 1), (1.0, 0.5)), SeriesPoints(down, (1,), (0.0,))))
    assert batch.sample_count() == 3


def test_a_reading_becomes_a_sample_of_its_target() -> None:
    """Instance labels and identity together, sorted."""
    identity = {"site": "bac-binh", "device": "bac-binh-router", "class": "router", "agent": "a"}
    sample = INTERFACE_UP.reading(1, interface="ge1").sample(identity, 1000)
    assert sample == Sample(
        Series(
            "interface_up",
            (
                ("agent", "a"),
                ("class", "router"),
                ("device", "bac-binh-router"),
                ("interface", "ge1"),
                ("site", "bac-binh"),
            ),
        ),
        1000,
        1.0,
    )


def test_a_reading_takes_the_declared_labels_only() -> None:
    """A forgotten or an invented label is a mistake in a probe, found at once."""
    with pytest.raises(ValueError, match="interface_up takes the labels"):
        INTERFACE_UP.reading(1)
    with pytest.raises(ValueError, match="icmp_loss_ratio takes the labels"):
        ICMP_LOSS_RATIO.reading(0.1, interface="ge1")
