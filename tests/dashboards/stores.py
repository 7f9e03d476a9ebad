"""A Prometheus and a VictoriaMetrics that hold the example district; started once for a module."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dashboards.example.district import record
from dashboards.example.feed import bodies, feed
from dashboards.preview.source import Source
from dashboards.preview.window import Window
from tests.programs import prometheus, victoria_metrics

TAPE_MINUTES = 155
SHOWN_MINUTES = 90
SITES = (
    "district-office", "party-committee", "bac-binh", "hoa-son", "tien-lu", "quang-son", "lien-son",
    "dinh-chu", "dong-ich", "xuan-hoa", "van-truc", "lap-thach-town", "tu-du", "station-tu-du",
    "station-ngoc-my",
)  # fmt: skip
"""The sites of the district where something happens, and some where nothing does."""


@dataclass(frozen=True, slots=True)
class Stores:
    """Both stores by name, and the time that the example covers and boards show."""

    sources: dict[str, Source]
    urls: dict[str, str]
    window: Window


@contextmanager
def filled(folder: Path) -> Iterator[Stores]:
    """Both stores with the last minutes of the example; it ended five minutes ago."""
    # VictoriaMetrics answers nothing about the last half minute.
    until = (int(time.time()) // 60 - 5) * 60
    requests = bodies(record(until, TAPE_MINUTES, SITES))
    late = "storage: {tsdb: {out_of_order_time_window: 1d}}\n"
    with prometheus(folder, late) as first, victoria_metrics(folder) as second:
        for store in (first, second):
            feed(store.url, requests)
        second.get("/internal/force_flush")
        with Source(first.url) as one, Source(second.url) as other:
            yield Stores(
                {"prometheus": one, "victoria-metrics": other},
                {"prometheus": first.url, "victoria-metrics": second.url},
                Window(until - SHOWN_MINUTES * 60, until),
            )
