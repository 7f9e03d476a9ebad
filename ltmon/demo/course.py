"""The course of the show: it begins when all is green, and then follows its timetable."""

from __future__ import annotations

import time
from collections.abc import Callable

from inventory.inventory import Inventory
from ltmon.demo.report import Report
from ltmon.demo.watch import View
from simulator.district import SimulatedDistrict
from simulator.scenario import Timetable

PATIENCE_SECONDS = 40.0
"""How long the timetable waits for all to be green before it begins anyway."""


class Course:
    """A district and what is to happen in it. `clock`: seconds since 1970."""

    def __init__(
        self,
        district: SimulatedDistrict,
        timetable: Timetable,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._district = district
        self._timetable = timetable
        self._clock = clock
        self._waiting_since = clock()
        self._opened: float | None = None

    def advance(self, view: View, report: Report) -> None:
        """Takes what is due, in the light of what the collector says."""
        now = self._clock()
        if self._opened is None and not self._opens(view, now, report):
            return
        assert self._opened is not None  # noqa: S101 - set by _opens
        for step in self._timetable.play(self._district, now - self._opened, now):
            report.step(step)

    def _opens(self, view: View, now: float, report: Report) -> bool:
        """Whether the timetable begins now; told once."""
        waited = now - self._waiting_since
        if not view.all_green and waited < PATIENCE_SECONDS:
            return False
        self._opened = now
        if view.all_green:
            report.tell("green", seconds=round(waited, 1))
        else:
            report.tell("not_green", seconds=round(waited, 1), states=dict(view.states))
        return True


def site_of_cause(inventory: Inventory, cause: str) -> str:
    """The site of `device:ID`, `link:ID` (its lower end), `site:ID` or `agent:ID`; else empty."""
    kind, _, id_ = cause.partition(":")
    if kind in ("site", "agent"):
        return id_
    if kind == "link":
        link = inventory.link(id_)
        id_ = link.end_devices[1] if link else ""
    device = inventory.device(id_)
    return device.site if device else ""
