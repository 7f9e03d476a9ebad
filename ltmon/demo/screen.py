"""The live table in the terminal: sites by state, open incidents with their cause, what happened last."""

from __future__ import annotations

import time
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from ltmon.demo.report import Line, Report
from ltmon.demo.watch import View

_COLOURS = {
    "up": "green",
    "degraded": "yellow",
    "down": "red",
    "unreachable": "magenta",
    "not_measured": "bright_black",
    "excused": "blue",
    "critical": "red",
    "warning": "yellow",
}
_STATES = {
    "up": ("tốt", "up"),
    "degraded": ("kém", "degraded"),
    "down": ("hỏng", "down"),
    "unreachable": ("không tới được", "unreachable"),
    "not_measured": ("không đo được", "not measured"),
    "excused": ("bảo trì", "excused"),
}
_MARKS = {
    "fault_applied": "yellow",
    "fault_mended": "cyan",
    "incident_opened": "bold red",
    "incident_resolved": "bold green",
    "mail": "blue",
}
_ROWS = 12


class Screen:
    """Draws while it is entered; `show` gives it something new. Without a terminal it draws nothing."""

    def __init__(self, console: Console, report: Report, page: str, language: str) -> None:
        self._report = report
        self._page = page
        self._english = language == "en"
        self._live = Live(console=console, auto_refresh=False, screen=False, transient=False)

    def __enter__(self) -> Screen:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def show(self, view: View) -> None:
        """Draws how things stand now."""
        self._live.update(self.picture(view), refresh=True)

    def picture(self, view: View) -> Group:
        """The whole picture."""
        return Group(
            self._head(view),
            self._sites(view.sites),
            self._incidents(view.incidents),
            self._said(),
        )

    def _word(self, vietnamese: str, english: str) -> str:
        return english if self._english else vietnamese

    def _head(self, view: View) -> Panel:
        seconds = int(time.time() - self._report.began)
        states = "  ".join(
            f"[{_COLOURS[state]}]{count} {_STATES[state][self._english]}[/]"
            for state, count in view.states.items()
            if count
        )
        title = self._word("Huyện Lập Thạch – bản demo", "Lập Thạch district – demo")
        body = f"{escape(self._page)}   {seconds // 60:02d}:{seconds % 60:02d}   {states}"
        return Panel(body, title=title)

    def _sites(self, sites: list[dict[str, Any]]) -> Table:
        """Only the sites that are not well; the others are one figure."""
        table = Table(expand=True, box=None, title_justify="left")
        ill = [site for site in sites if site["state"] != "up"]
        well = self._word("nơi tốt", "sites well")
        table.add_column(f"{len(sites) - len(ill)}/{len(sites)} {well}")
        table.add_column("")
        for site in ill[:_ROWS]:
            colour = _COLOURS[site["state"]]
            counts = ", ".join(
                f"{count} {_STATES[state][self._english]}"
                for state, count in site["devices"].items()
                if count
            )
            table.add_row(f"[{colour}]● {escape(site['name'])}[/]", counts)
        return table

    def _incidents(self, incidents: list[dict[str, Any]]) -> Table:
        table = Table(expand=True, title=self._word("Sự cố đang mở", "Open incidents"))
        for column in (("Nguyên nhân", "Cause"), ("Sự cố", "Incident"), ("Vì sao", "Why")):
            table.add_column(self._word(*column))
        for incident in incidents[:_ROWS]:
            colour = _COLOURS.get(incident["severity"], "white")
            table.add_row(
                f"[{colour}]{escape(incident['cause'])}[/]",
                escape(incident["headline"]),
                escape(incident["reason"]),
            )
        return table

    def _said(self) -> Panel:
        lines = "\n".join(_coloured(line) for line in self._report.lines)
        return Panel(lines or " ", title=self._word("Diễn biến", "What happened"))


def _coloured(line: Line) -> str:
    moment = time.strftime("%H:%M:%S", time.localtime(line.at))
    colour = _MARKS.get(line.event, "white")
    return f"{moment} [{colour}]{escape(line.text)}[/]"
