"""A Prometheus and a VictoriaMetrics that hold the example district; started once for a module."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
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
def filled(folder: Path, *, victoria: bool = True) -> Iterator[Stores]:
    """The stores with the last minutes of the example; it ended five minutes ago. victoria: both."""
    # VictoriaMetrics answers nothing about the last half minute.
    until = (int(time.time()) // 60 - 5) * 60
    requests = bodies(record(until, TAPE_MINUTES, SITES))
    late = "storage: {tsdb: {out_of_order_time_window: 1d}}\n"
    window = Window(until - SHOWN_MINUTES * 60, until)
    with ExitStack() as stack:
        running = {"prometheus": stack.enter_context(prometheus(folder, late))}
        if victoria:
            running["victoria-metrics"] = stack.enter_context(victoria_metrics(folder))
        for store in running.values():
            feed(store.url, requests)
        if victoria:
            running["victoria-metrics"].get("/internal/force_flush")
        urls = {name: store.url for name, store in running.items()}
        sources = {name: stack.enter_context(Source(url)) for name, url in urls.items()}
        yield Stores(sources, urls, window)
