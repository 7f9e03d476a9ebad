"""Times, durations, numbers and states as people say them, in the reader's language and zone.

A `Phrases` is made for one page or one message: one language, one zone, one `now`. Everything that
it returns is plain text; whoever writes HTML escapes it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from collector.incident import Incident
from collector.rule import Finding, Question, Severity
from collector.state import HealthState
from collector.words import N_, Sentence, Speaker
from telemetry.catalogue import CATALOGUE

STATE_WORDS = {
    HealthState.UP: N_("Working"),
    HealthState.DEGRADED: N_("Working badly"),
    HealthState.DOWN: N_("Not working"),
    HealthState.UNREACHABLE: N_("Cannot be reached"),
    HealthState.NOT_MEASURED: N_("Not measured"),
    HealthState.EXCUSED: N_("Planned work"),
}
STATE_SYMBOLS = {
    HealthState.UP: "✓",
    HealthState.DEGRADED: "!",
    HealthState.DOWN: "✕",
    HealthState.UNREACHABLE: "→",
    HealthState.NOT_MEASURED: "?",
    HealthState.EXCUSED: "‖",
}
SEVERITY_WORDS = {
    Severity.INFO: N_("For information"),
    Severity.WARNING: N_("Warning"),
    Severity.CRITICAL: N_("Serious"),
}
QUESTION_WORDS = {
    Question.LIMIT: N_("measured against its limit"),
    Question.PAST: N_("measured against its own past"),
    Question.TWINS: N_("measured against others of its kind"),
}
CLASS_WORDS = {
    "router": N_("Router"),
    "firewall": N_("Firewall"),
    "lan_switch": N_("Network switch"),
    "fiber_onu": N_("Fibre box (ONU)"),
    "fiber_olt": N_("Fibre head-end (OLT)"),
    "media_converter": N_("Fibre media converter"),
    "wifi_ap": N_("Wi-Fi access point"),
    "cell_station": N_("3G/4G station"),
    "lte_cpe": N_("4G router"),
    "power_system": N_("Power system"),
    "ups": N_("Battery backup (UPS)"),
    "vc_endpoint": N_("Video-conference device"),
    "server": N_("Server"),
    "workstation": N_("Computer"),
    "printer": N_("Printer"),
    "camera": N_("Camera"),
    "other": N_("Other device"),
    "service": N_("Service"),
}
WEEKDAYS = (
    N_("Monday"),
    N_("Tuesday"),
    N_("Wednesday"),
    N_("Thursday"),
    N_("Friday"),
    N_("Saturday"),
    N_("Sunday"),
)

NOTHING = "–"

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_LAST_MOMENT = 250_000_000_000.0  # in the year 9892: later ones do not fit into a date


@dataclass(frozen=True, slots=True)
class Phrases:
    """How one reader is spoken to. now: seconds since 1970."""

    speaker: Speaker
    language: str
    zone: ZoneInfo
    now: float

    def text(self, template: str, **values: object) -> str:
        """A template of ours with its values, in the reader's language."""
        return self.speaker.text(template, self.language, values)

    def say(self, sentence: Sentence | None) -> str:
        """A sentence in the reader's language; nothing for None."""
        return "" if sentence is None else self.speaker.say(sentence, self.language)

    def reason(self, told: Finding | Incident) -> str:
        """What was measured and what was expected, and against what: one sentence."""
        return self.text(
            N_("{reason} – {question}."),
            reason=self.say(told.reason).removesuffix("."),
            question=self.text(QUESTION_WORDS[told.question]),
        )

    def finding(self, told: Finding | Incident) -> str:
        """The same, and since when: all that there is to a finding in one sentence."""
        return self.text(
            N_("{reason}, {since}."),
            reason=self.reason(told).removesuffix("."),
            since=self.since(told.since),
        )

    def state(self, state: HealthState) -> str:
        """The state in words."""
        return self.text(STATE_WORDS[state])

    def device_class(self, class_: str) -> str:
        """A device class, or `service`, in words."""
        return self.text(CLASS_WORDS[class_])

    def severity(self, severity: Severity) -> str:
        """The severity in words."""
        return self.text(SEVERITY_WORDS[severity])

    def clock(self, at: float) -> str:
        """A moment as people name it: "08:12 today", "08:12 yesterday", "08:12 Monday 23/11"."""
        moment, now = self._local(at), self._local(self.now)
        time = f"{moment:%H:%M}"
        if moment.date() == now.date():
            return self.text(N_("{time} today"), time=time)
        if moment.date() == now.date() - timedelta(days=1):
            return self.text(N_("{time} yesterday"), time=time)
        if abs(now - moment) < timedelta(days=300):
            day = self.text(WEEKDAYS[moment.weekday()])
            return self.text(
                N_("{time} on {day} {date}"), time=time, day=day, date=f"{moment:%d/%m}"
            )
        return self.text(N_("{time} on {date}"), time=time, date=f"{moment:%d/%m/%Y}")

    def ago(self, at: float) -> str:
        """How long ago: "25 minutes ago", or "just now" within the last minute."""
        seconds = self.now - at
        if seconds < _MINUTE:
            return self.text(N_("just now"))
        return self.text(N_("{duration} ago"), duration=self.duration(seconds))

    def since(self, at: float) -> str:
        """Since when and for how long: "since 08:12 today (25 minutes)"."""
        if self.now - at < _MINUTE:
            return self.text(N_("since {clock}"), clock=self.clock(at))
        return self.text(
            N_("since {clock} ({duration})"),
            clock=self.clock(at),
            duration=self.duration(self.now - at),
        )

    def duration(self, seconds: float) -> str:
        """A span in its two largest units: "45 seconds", "25 minutes", "2 hours 5 minutes"."""
        whole = max(0, round(seconds))
        if whole < _MINUTE:
            return self._counted(whole, N_("1 second"), N_("{count} seconds"))
        if whole < _HOUR:
            return self._minutes(whole // _MINUTE)
        if whole < _DAY:
            hours, rest = divmod(whole, _HOUR)
            return self._pair(self._hours(hours), self._minutes(rest // _MINUTE), rest // _MINUTE)
        days, rest = divmod(whole, _DAY)
        larger = self._counted(days, N_("1 day"), N_("{count} days"))
        return self._pair(larger, self._hours(rest // _HOUR), rest // _HOUR)

    def percent(self, ratio: float) -> str:
        """A share: "12%", "0.4%"; one digit after the point below ten."""
        share = ratio * 100
        return f"{self.number(share, 0 if share >= 10 or share == int(share) else 1)}%"

    def number(self, value: float, digits: int) -> str:
        """A number as the reader's language writes it, as in the sentences of the rules."""
        return self.speaker.figure(f"{value:.{digits}f}", self.language)

    def measurement(self, metric: str, value: float) -> str:
        """A value of the catalogue's metric with a unit that people use for it; a dash for what is
        no value at all, whatever device claims it.
        """
        if not math.isfinite(value):
            return NOTHING
        known = CATALOGUE.get(metric)
        unit = known.unit if known else ""
        if unit == "ratio":
            return self.percent(value)
        if metric.endswith("_timestamp_seconds"):
            return self.clock(value) if 0 <= value < _LAST_MOMENT else NOTHING
        if unit == "seconds":
            return self._seconds(value)
        if unit in _SCALED:
            return self._scaled(value, _SCALED[unit])
        sign = _SIGNS.get(unit, "")
        digits = 0 if value == int(value) else 1
        return f"{self.number(value, digits)} {sign}".strip()

    def _seconds(self, value: float) -> str:
        if value >= _MINUTE:
            return self.duration(value)
        if value >= 1:
            return f"{self.number(value, 1)} s"
        return f"{self.number(value * 1000, 1 if value < 0.1 else 0)} ms"

    def _scaled(self, value: float, sign: str) -> str:
        for prefix in ("", "k", "M", "G", "T"):
            if abs(value) < 1000 or prefix == "T":
                digits = 0 if prefix == "" or value == int(value) else 1
                return f"{self.number(value, digits)} {prefix}{sign}"
            value /= 1000
        raise AssertionError("the largest prefix ends the loop")

    def _local(self, at: float) -> datetime:
        return datetime.fromtimestamp(at, self.zone)

    def _counted(self, count: int, one: str, many: str) -> str:
        return self.text(one) if count == 1 else self.text(many, count=count)

    def _minutes(self, count: int) -> str:
        return self._counted(count, N_("1 minute"), N_("{count} minutes"))

    def _hours(self, count: int) -> str:
        return self._counted(count, N_("1 hour"), N_("{count} hours"))

    def _pair(self, larger: str, smaller: str, count: int) -> str:
        return f"{larger} {smaller}" if count else larger


_SCALED = {"bytes": "B", "bits_per_second": "bit/s"}
_SIGNS = {"celsius": "°C", "volts": "V", "amperes": "A", "dbm": "dBm", "db": "dB"}
