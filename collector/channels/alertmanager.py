"""Alertmanager: incidents as alerts of its API v2, for those who group and route there.

Alertmanager forgets an alert that nobody repeats: each gets a time until which it holds, and what is
open is repeated four times within it. An incident is one alert; its cause, site and severity are
labels to group and inhibit by, its words are annotations. What a device says of itself is only ever
a value.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
from pydantic import Field

from collector.channel import (
    Channel,
    ChannelSettings,
    Message,
    Outcome,
    SendFailure,
    WebAddress,
    http_failure,
)
from inventory.credentials import Secret
from inventory.document import Duration
from telemetry.labels import clean_text

REPEATS = 4
TIMEOUT_SECONDS = 20.0

Alert = dict[str, Any]


class AlertmanagerSettings(ChannelSettings):
    """Where Alertmanager is. expires: how long it believes an alert that is not repeated, which is
    how long it takes to see that a collector is gone. token, or user and password, where it or a
    proxy before it wants them.
    """

    url: WebAddress
    token: Secret | None = None
    user: str | None = None
    password: Secret | None = None
    expires: Duration = Field(default=300.0, ge=20)
    verify_tls: bool = True

    @property
    def standing_recipients(self) -> tuple[str, ...]:
        """One that stands for the program; it decides whom it tells."""
        return ("alertmanager",)

    @property
    def rationed(self) -> bool:
        """It groups and waits by itself."""
        return False

    @property
    def repeat_seconds(self) -> float:
        """Often enough that a repeat or two may fail."""
        return self.expires / REPEATS

    def open(self) -> Channel:
        """The channel that posts to this Alertmanager."""
        return AlertmanagerChannel(self)


class AlertmanagerChannel:
    """Posts every incident of a message as an alert that holds or has ended.

    clock: seconds since 1970, as Alertmanager's own.
    """

    def __init__(
        self, settings: AlertmanagerSettings, clock: Callable[[], float] = time.time
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._told: dict[str, dict[str, str]] = {}

    async def send(self, message: Message, to: str) -> Outcome:
        """Posts the alerts; sent means that Alertmanager took them all."""
        now = self._clock()
        incidents = message.data["incidents"]
        alerts = [alert for incident in incidents for alert in self._alerts(incident, now)]
        try:
            answer = await self._post(alerts)
        except httpx.HTTPError as error:
            return Outcome(SendFailure.UNREACHABLE, clean_text(f"{type(error).__name__}: {error}"))
        if not answer.is_success:
            detail = clean_text(f"{answer.status_code} {answer.reason_phrase}")
            return Outcome(http_failure(answer.status_code), detail)
        for incident in incidents:
            self._told[incident["id"]] = labels_of(incident)
            if incident["resolved_at"] is not None:
                del self._told[incident["id"]]
        return Outcome()

    async def _post(self, alerts: list[Alert]) -> httpx.Response:
        settings = self._settings
        headers = {"Authorization": f"Bearer {settings.token.reveal()}"} if settings.token else {}
        basic = None
        if settings.user is not None:
            password = settings.password.reveal() if settings.password else ""
            basic = httpx.BasicAuth(settings.user, password)
        async with httpx.AsyncClient(
            headers=headers, auth=basic, verify=settings.verify_tls, timeout=TIMEOUT_SECONDS
        ) as client:
            return await client.post(f"{settings.url.rstrip('/')}/api/v2/alerts", json=alerts)

    def _alerts(self, incident: Mapping[str, Any], now: float) -> Iterator[Alert]:
        """The incident's alert; before it the end of what it was called until now, because another
        label makes another alert.
        """
        labels = labels_of(incident)
        begun = min(incident["since"], now)
        before = self._told.get(incident["id"], labels)
        if before != labels:
            yield {"labels": before, "startsAt": _moment(begun), "endsAt": _moment(now)}
        resolved_at = incident["resolved_at"]
        ends = now + self._settings.expires
        if resolved_at is not None:
            ends = max(begun, min(resolved_at, now))
        yield {
            "labels": labels,
            "annotations": annotations_of(incident),
            "startsAt": _moment(begun),
            "endsAt": _moment(ends),
            **({"generatorURL": incident["url"]} if incident["url"] else {}),
        }


def labels_of(incident: Mapping[str, Any]) -> dict[str, str]:
    """What identifies the alert. The names are those of the alerting rules in `dashboards`, so that
    routes and inhibitions hold for both.
    """
    kind, _, name = incident["cause"].partition(":")
    return {
        "alertname": "Ltmon" + incident["rule"].title().replace("_", ""),
        "source": "collector",
        "incident": incident["id"],
        "rule": incident["rule"],
        "severity": incident["severity"],
        "cause": incident["cause"],
        "site": incident["site"],
        **({"device": name} if kind == "device" else {}),
    }


def annotations_of(incident: Mapping[str, Any]) -> dict[str, str]:
    """What people read, Vietnamese first, English with the suffix `_en`."""
    vietnamese, english = incident["words"]["vi"], incident["words"]["en"]
    found = {
        "summary": vietnamese["headline"],
        "description": vietnamese["reason"],
        "advice": vietnamese["advice"],
        "summary_en": english["headline"],
        "description_en": english["reason"],
        "advice_en": english["advice"],
        "affected": ", ".join(incident["affected"]),
        "acknowledged_by": incident["acknowledged_by"],
        "note": incident["note"],
        "link": incident["url"],
    }
    return {name: text for name, text in found.items() if text}


def _moment(at: float) -> str:
    """RFC 3339, as the API wants it."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
