"""The agent's own small web server: `/metrics`, `/-/healthy`, `/-/ready` and the page for people."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import uvicorn
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agent.exposition import CONTENT_TYPE
from agent.page import Page
from agent.words import Words, words_in
from telemetry.errors import ConfigError

TEMPLATES = Path(__file__).parent / "templates"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class SafeHeaders:
    """Puts the same protective headers on every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._headers = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *self._headers]
            await send(message)

        await self._app(scope, receive, send_with_headers)


def status_app(
    page: Callable[[Words], Page], metrics: Callable[[], bytes], ready: Callable[[], bool]
) -> Starlette:
    """The web application. Everything that devices said is escaped by the template."""
    templates = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )

    def show_page(request: Request) -> Response:
        say = words_in(request.query_params.get("lang", "vi"))
        return HTMLResponse(templates.get_template("page.html").render(page=page(say), say=say))

    def show_metrics(request: Request) -> Response:
        return Response(metrics(), headers={"Content-Type": CONTENT_TYPE})

    def show_ready(request: Request) -> Response:
        if ready():
            return PlainTextResponse("ready\n")
        return PlainTextResponse("waiting for the first inventory\n", status_code=503)

    def route(path: str, answer: Callable[[Request], Response]) -> Route:
        # A coroutine: Starlette would run a plain function in a thread, while the loop changes
        # what is being shown.
        async def endpoint(request: Request) -> Response:
            return answer(request)

        return Route(path, endpoint)

    return Starlette(
        routes=[
            route("/", show_page),
            route("/metrics", show_metrics),
            route("/-/healthy", lambda request: PlainTextResponse("healthy\n")),
            route("/-/ready", show_ready),
            route("/style.css", lambda request: FileResponse(TEMPLATES / "style.css")),
        ],
        middleware=[Middleware(SafeHeaders)],
    )


class StatusServer:
    """Serves the application on one address; `port` tells which one the system chose for port 0."""

    def __init__(self, app: Starlette, host: str, port: int) -> None:
        self._socket = _listening_socket(host, port)
        self.port: int = self._socket.getsockname()[1]
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            server_header=False,
            limit_concurrency=100,
            timeout_graceful_shutdown=1,
        )
        self._server = _Server(config)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Answers from now on."""
        self._task = asyncio.create_task(self._server.serve(sockets=[self._socket]))

    async def stop(self) -> None:
        """Answers nothing more; requests under way have a second to end."""
        self._server.should_exit = True
        if self._task is not None:
            await self._task
        self._socket.close()


class _Server(uvicorn.Server):
    """Signals belong to the agent, not to its web server."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _listening_socket(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        sock.listen(100)
    except OSError as error:
        sock.close()
        raise ConfigError(f"listen {host}:{port}: cannot be used: {error.strerror}.") from error
    return sock
