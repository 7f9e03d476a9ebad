"""The whole web side as one ASGI application: ingest, API, pages, metrics, probes for a supervisor."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from collector.experiments import Experiments
from collector.web.agents import AgentApi
from collector.web.api import Api
from collector.web.exposition import CONTENT_TYPE, Exposition
from collector.web.pages import Pages, make_environment, prefix_of
from collector.web.problem import answer_problem, problem
from collector.web.silences import SilenceApi
from collector.web.standing import Standing
from collector.web.what_if import WhatIfPages

STATIC = Path(__file__).parent / "static"

# Nothing inline, nothing from outside, nothing embedded: what a device calls itself stays text even
# if an escape were forgotten somewhere.
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class WebParts:
    """What the web side is made of. ready: why the collector is not ready yet, or empty."""

    standing: Standing
    agents: AgentApi
    exposition: Exposition
    experiments: Experiments
    write: Endpoint
    ready: Callable[[], str]


def make_web(parts: WebParts) -> ASGIApp:
    """The ASGI application."""
    standing = parts.standing
    templates = make_environment()
    own = standing.inventory.district.language
    pages = {
        language: Pages(standing, templates, language, prefix_of(language, own))
        for language in standing.speaker.languages
    }

    trials = [
        WhatIfPages(standing, parts.experiments, page.render, language, page.prefix)
        for language, page in pages.items()
    ]

    async def lost(request: Request, error: Exception) -> Response:
        """A page for people, a problem document for programs."""
        assert isinstance(error, HTTPException)  # noqa: S101 - registered for nothing else
        if request.url.path.startswith(("/api/", "/metrics", "/-/")) or error.status_code != 404:
            return await answer_problem(request, error)
        asked = request.url.path.split("/")[1]
        return pages[asked if asked in pages else own].lost(request)

    application = Starlette(
        routes=[
            Route("/api/v1/write", parts.write, methods=["POST"]),
            *parts.agents.routes(),
            *SilenceApi(standing).routes(),
            *Api(standing).routes(),
            *_machine_routes(parts),
            Mount("/static", StaticFiles(directory=STATIC)),
            *(route for page in pages.values() for route in page.routes()),
            *(route for trial in trials for route in trial.routes()),
        ],
        exception_handlers={HTTPException: lost, Exception: _broken},
    )
    return SecureHeaders(application)


def _machine_routes(parts: WebParts) -> list[BaseRoute]:
    async def metrics(request: Request) -> Response:
        return Response(parts.exposition.render(), media_type=CONTENT_TYPE)

    async def healthy(request: Request) -> Response:
        return PlainTextResponse("healthy\n")

    async def ready(request: Request) -> Response:
        why_not = parts.ready()
        return problem(503, why_not) if why_not else PlainTextResponse("ready\n")

    return [
        Route("/metrics", metrics, methods=["GET"]),
        Route("/-/healthy", healthy, methods=["GET"]),
        Route("/-/ready", ready, methods=["GET"]),
    ]


async def _broken(request: Request, error: Exception) -> Response:
    """The traceback goes to the log, never to the caller."""
    return problem(500, "Something broke inside the collector; its log says what.")


class SecureHeaders:
    """Puts SECURITY_HEADERS on every answer."""

    def __init__(self, application: ASGIApp) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._application(scope, receive, send_with_headers)
