"""What happens in the demo, told: one JSON object a line for machines, one sentence a line for people."""

from __future__ import annotations

import json
import sys
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TextIO

from ltmon.demo.watch import News
from simulator.faults import Fault
from simulator.scenario import Step
from simulator.smtp_sink import Mail

SENTENCES = {
    "started": (
        "Bản demo đang chạy: mở {page} trong trình duyệt ({devices} thiết bị, {agents} agent)",
        "The demo runs: open {page} in a browser ({devices} devices, {agents} agents)",
    ),
    "loopback": (
        "Máy này không cho tạo mạng riêng (namespace): bản demo chạy trên 127.x.y.z, chỉ hỏi bằng "
        "SNMP, HTTP, DNS; chạy bằng quyền root để xem đầy đủ",
        "This machine allows no network namespaces: the demo runs on 127.x.y.z and asks by SNMP, "
        "HTTP and DNS only; run it as root to see everything",
    ),
    "green": ("Tất cả đều tốt sau {seconds} giây", "All is well after {seconds} s"),
    "not_green": (
        "Sau {seconds} giây vẫn còn thiết bị chưa tốt: {states}",
        "After {seconds} s some devices are not well yet: {states}",
    ),
    "fault_applied": ("Gây hỏng: {words}", "Breaks: {words}"),
    "fault_mended": ("Đã sửa: {words}", "Mended: {words}"),
    "agent_killed": ("Agent tại {site} mất điện (kill -9)", "The agent at {site} loses its power"),
    "agent_restarted": ("Agent tại {site} khởi động lại", "The agent at {site} starts again"),
    "incident_opened": (
        "SỰ CỐ sau {seconds} giây: {headline} [{cause}] {reason}",
        "INCIDENT after {seconds} s: {headline} [{cause}] {reason}",
    ),
    "incident_updated": ("Cập nhật: {headline} [{cause}]", "Updated: {headline} [{cause}]"),
    "incident_resolved": (
        "ĐÃ HẾT sau {seconds} giây: {headline} [{cause}]",
        "OVER after {seconds} s: {headline} [{cause}]",
    ),
    "mail": ("Thư tới {to}: {subject}", "Mail to {to}: {subject}"),
    "summary": (
        "Kết thúc: {faults} lần gây hỏng, {opened} sự cố được báo, {resolved} đã hết, {mails} thư",
        "The end: {faults} faults, {opened} incidents flagged, {resolved} over, {mails} mails",
    ),
}
"""What each event says, in Vietnamese and in English; the names are those of the JSON lines."""

LINES_KEPT = 14


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence and when it was said, in seconds since 1970."""

    at: float
    event: str
    text: str


@dataclass(slots=True)
class Broken:
    """A fault that was applied: when it began and ended, and when something was flagged for it."""

    fault: Fault
    began: float
    ended: float | None = None
    flagged: float | None = None


@dataclass(slots=True)
class Tally:
    """What the summary counts."""

    opened: int = 0
    resolved: int = 0
    mails: int = 0
    first_flagged: float | None = None
    broken: list[Broken] = field(default_factory=list)


class Report:
    """Tells events as they come. `clock`: seconds since 1970. json: machine's lines on `out`.

    quiet: people's lines are kept in `lines` for a screen, not printed.
    """

    def __init__(
        self,
        *,
        language: str,
        json_lines: bool,
        quiet: bool = False,
        out: TextIO | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._english = language == "en"
        self._json = json_lines
        self._quiet = quiet
        self._out = out or sys.stdout
        self._clock = clock
        self.began = clock()
        self.tally = Tally()
        self.lines: deque[Line] = deque(maxlen=LINES_KEPT)

    def tell(self, event: str, **facts: Any) -> None:
        """One event, with what there is to say about it."""
        now = self._clock()
        sentence = SENTENCES[event][self._english].format(**_readable(facts))
        self.lines.append(Line(now, event, sentence))
        if self._json:
            document = {"event": event, "at": round(now, 3), **facts}
            print(json.dumps(document, ensure_ascii=False), file=self._out, flush=True)
        elif not self._quiet:
            moment = time.strftime("%H:%M:%S", time.localtime(now))
            print(f"{moment}  {sentence}", file=self._out, flush=True)

    def step(self, step: Step) -> None:
        """A fault was applied or mended."""
        now = self._clock()
        words = step.fault.words[self._english]
        if step.begins:
            self.tally.broken.append(Broken(step.fault, now))
            self.tell("fault_applied", cause=step.fault.cause, words=words)
            return
        for broken in self.tally.broken:
            if broken.fault == step.fault and broken.ended is None:
                broken.ended = now
        self.tell("fault_mended", cause=step.fault.cause, words=words)

    def news(self, news: News, site_of: Callable[[str], str]) -> None:
        """The collector flagged, updated or resolved an incident. `site_of` tells a cause's site."""
        now = self._clock()
        incident = news.incident
        broken = self._behind(incident, site_of)
        opened, resolved = news.what == "incident_opened", news.what == "incident_resolved"
        self.tally.opened += opened
        self.tally.resolved += resolved
        if opened:
            self.tally.first_flagged = self.tally.first_flagged or now
        if broken is not None and not resolved:
            broken.flagged = broken.flagged or now
        since = None if broken is None else broken.ended if resolved else broken.began
        self.tell(
            news.what,
            incident=incident["id"],
            cause=incident["cause"],
            site=incident["site"],
            severity=incident["severity"],
            rule=incident["rule"],
            headline=incident["headline"],
            reason=incident["reason"],
            affected=incident["affected"],
            late=incident["late"],
            fault=None if broken is None else broken.fault.cause,
            seconds=None if since is None else round(now - since, 1),
        )

    def mail(self, mail: Mail) -> None:
        """A mail arrived in our sink."""
        self.tally.mails += 1
        self.tell("mail", to=", ".join(mail.to), subject=mail.subject)

    def summary(self) -> None:
        """The end."""
        tally = self.tally
        first = tally.first_flagged
        self.tell(
            "summary",
            seconds=round(self._clock() - self.began, 1),
            faults=len(tally.broken),
            opened=tally.opened,
            resolved=tally.resolved,
            mails=tally.mails,
            first_incident_seconds=None if first is None else round(first - self.began, 1),
            flagged=[
                {
                    "cause": broken.fault.cause,
                    "seconds": None
                    if broken.flagged is None
                    else round(broken.flagged - broken.began, 1),
                }
                for broken in tally.broken
            ],
        )

    def _behind(self, incident: dict[str, Any], site_of: Callable[[str], str]) -> Broken | None:
        """The fault that an incident most likely tells of: same cause, else same site, newest first."""
        newest_first = self.tally.broken[::-1]
        for broken in newest_first:
            if broken.fault.cause == incident["cause"]:
                return broken
        sites = {incident["site"], site_of(incident["cause"])} - {""}
        for broken in newest_first:
            if site_of(broken.fault.cause) in sites:
                return broken
        return None


def _readable(facts: dict[str, Any]) -> dict[str, Any]:
    """The facts as a sentence shows them."""
    return {key: "?" if value is None else value for key, value in facts.items()}
