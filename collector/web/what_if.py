"""The page on which other limits are tried before they are taken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from collector.experiments import Experiment, Experiments
from collector.incident import Incident
from collector.phrases import Phrases
from collector.web.drawing import Span, stretch
from collector.web.form import Form, Upload, read_form
from collector.web.standing import Standing
from collector.what_if import parse_expectations
from collector.what_if_words import counts, fates
from collector.words import N_
from telemetry.errors import ConfigError

DAYS = (1, 7, 30)
RENEWED_SECONDS = 3

MAX_FILE_BYTES = 64 * 1024
"""The example district's expectations take a hundredth of it."""

MAX_FORM_BYTES = 4 * MAX_FILE_BYTES
"""A file somewhat too large is still read, so that a sentence can say so."""

EXAMPLE = """\
expectations:
  - for: {class: vc_endpoint}
    icmp_loss_ratio: {degraded: 0.02, clear: 0.01, for: 5m}
"""

Render = Callable[..., Response]
"""Renders a page: request, template, phrases, values."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the picture: the incidents of one fate, each with its place in time."""

    name: str
    words: str
    incidents: tuple[Incident, ...]
    bars: tuple[tuple[Span, Incident], ...]


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
        """Where limits are pasted or a file of them is chosen, and a period."""
        return self._form(request, EXAMPLE, 7)

    async def start(self, request: Request) -> Response:
        """The form was sent: the operator's token is in its body, so nothing rides on a cookie."""
        form = await read_form(request, MAX_FORM_BYTES)
        sent = _limits_of(form)
        text = sent.content.decode("utf-8", "replace")
        days = _days(form.text("days"))
        who = await run_in_threadpool(self._standing.operator_of, form.text("token").strip())
        if who is None:
            wrong = N_("This token is not known. Ask the district for yours.")
            return self._form(request, text, days, self._phrases().text(wrong), 403)
        if len(sent.content) > MAX_FILE_BYTES:
            wrong = self._phrases().text(
                N_("{file} is larger than {size} kB: that is no file of limits."),
                file=sent.name,
                size=MAX_FILE_BYTES // 1024,
            )
            return self._form(request, EXAMPLE, days, wrong, 413)
        inventory = self._standing.inventory
        try:
            tried = parse_expectations(sent.content, inventory, sent.name)
        except ConfigError as error:
            return self._form(request, text, days, str(error), 400)
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
        result = experiment.result
        return self._render(
            request,
            "what_if_trial.html",
            phrases,
            trial=experiment,
            headline=_headline(phrases, experiment),
            counts=counts(result, phrases) if result is not None else "",
            rows=_rows(phrases, experiment),
            begin=experiment.from_ms / 1000.0,
            end=experiment.until_ms / 1000.0,
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


def _limits_of(form: Form) -> Upload:
    """The file, if one was chosen; else what was pasted."""
    pasted = form.text("expectations").replace("\r\n", "\n").encode()
    return form.files.get("file", Upload("expectations.yaml", pasted))


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


def _rows(phrases: Phrases, experiment: Experiment) -> list[Row]:
    """The rows of the picture, from the beginning of the period to its end."""
    if experiment.result is None:
        return []
    begin, end = experiment.from_ms / 1000.0, experiment.until_ms / 1000.0
    rows = []
    for fate in fates(experiment.result):
        placed = (
            (stretch(fate.name, (i.since, i.resolved_at or end), begin, end), i)
            for i in fate.incidents
        )
        bars = tuple((span, incident) for span, incident in placed if span is not None)
        rows.append(Row(fate.name, phrases.text(fate.words), fate.incidents, bars))
    return rows
