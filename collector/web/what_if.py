"""The page on which other limits are tried before they are taken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from collector.experiments import Experiment, Experiments
from collector.phrases import Phrases
from collector.web.body import read_body
from collector.web.standing import Standing
from collector.what_if import parse_expectations
from collector.words import N_
from telemetry.errors import ConfigError

DAYS = (1, 7, 30)
RENEWED_SECONDS = 3

EXAMPLE = """\
expectations:
  - for: {class: vc_endpoint}
    icmp_loss_ratio: {degraded: 0.02, clear: 0.01, for: 5m}
"""

Render = Callable[..., Response]
"""Renders a page: request, template, phrases, values."""


class WhatIfPages:
    """The form, and each trial with its progress and result, in one language."""

    def __init__(
        self,
        standing: Standing,
        experiments: Experiments,
        render: Render,
        language: str,
        prefix: str,
    ) -> None:
        self._standing = standing
        self._experiments = experiments
        self._render = render
        self._language = language
        self._prefix = prefix

    def routes(self) -> list[Route]:
        """The addresses of this language."""
        return [
            Route(f"{self._prefix}/what-if", self.form, methods=["GET"]),
            Route(f"{self._prefix}/what-if", self.start, methods=["POST"]),
            Route(f"{self._prefix}/what-if/{{id}}", self.trial, methods=["GET"]),
        ]

    async def form(self, request: Request) -> Response:
        """Where limits are pasted and a period is chosen."""
        return self._form(request, EXAMPLE, 7)

    async def start(self, request: Request) -> Response:
        """The form was sent: the operator's token is in its body, so nothing rides on a cookie."""
        fields = parse_qs((await read_body(request)).decode("utf-8", "replace"))
        text = fields.get("expectations", [""])[0].replace("\r\n", "\n")
        days = _days(fields.get("days", [""])[0])
        token = fields.get("token", [""])[0].strip()
        who = await run_in_threadpool(self._standing.operator_of, token)
        if who is None:
            wrong = N_("This token is not known. Ask the district for yours.")
            return self._form(request, text, days, self._phrases().text(wrong), 403)
        try:
            tried = parse_expectations(text)
        except ConfigError as error:
            return self._form(request, text, days, str(error), 400)
        inventory = self._standing.inventory
        experiment = await run_in_threadpool(
            self._experiments.start, inventory, tried, text, days, who
        )
        if experiment is None:
            wrong = N_("Other limits are being tried already; one at a time, please.")
            return self._form(request, text, days, self._phrases().text(wrong), 409)
        return RedirectResponse(f"{self._prefix}/what-if/{experiment.id}", 303)

    async def trial(self, request: Request) -> Response:
        """How far it is, or what came out."""
        try:
            experiment = await run_in_threadpool(self._experiments.look, request.path_params["id"])
        except KeyError:
            raise HTTPException(404) from None
        phrases = self._phrases()
        return self._render(
            request,
            "what_if_trial.html",
            phrases,
            trial=experiment,
            headline=_headline(phrases, experiment),
            refresh=RENEWED_SECONDS if experiment.is_running else 0,
        )

    def _form(
        self, request: Request, text: str, days: int, wrong: str = "", status: int = 200
    ) -> Response:
        values: dict[str, Any] = {"text": text, "days": days, "choices": DAYS, "wrong": wrong}
        return self._render(
            request, "what_if.html", self._phrases(), status=status, refresh=0, **values
        )

    def _phrases(self) -> Phrases:
        return self._standing.phrases(self._language)


def _days(text: str) -> int:
    return next((days for days in DAYS if text == str(days)), DAYS[1])


def _headline(phrases: Phrases, experiment: Experiment) -> str:
    """The verdict in one line: what comes of the messages."""
    result = experiment.result
    if result is None:
        return ""
    return phrases.text(
        N_("With these limits in the last {days} days: {now} messages → {then}."),
        days=experiment.days,
        now=result.messages_now,
        then=result.messages_then,
    )
