"""Sockets and the HTTP server on them."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator, Sequence

import uvicorn
from starlette.types import ASGIApp

from collector.config import Listen
from telemetry.errors import ConfigError

GRACE_SECONDS = 5


def open_socket(listen: Listen) -> socket.socket:
    """A listening socket. Raises ConfigError when the address cannot be used."""
    try:
        if listen.fd is not None:
            return socket.socket(fileno=listen.fd)
        if ":" in listen.host or (not listen.host and socket.has_dualstack_ipv6()):
            return socket.create_server(
                (listen.host or "::", listen.port),
                family=socket.AF_INET6,
                dualstack_ipv6=listen.host in ("", "::") and socket.has_dualstack_ipv6(),
            )
        return socket.create_server((listen.host, listen.port))
    except OSError as error:
        where = f"socket {listen.fd}" if listen.fd is not None else f"{listen.host}:{listen.port}"
        raise ConfigError(f"cannot listen on {where}: {error.strerror}.") from error


class _Server(uvicorn.Server):
    """Leaves signals to the app, which has more to stop than this."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Captures nothing."""
        yield


@contextlib.asynccontextmanager
async def serving(application: ASGIApp, sockets: Sequence[socket.socket]) -> AsyncIterator[None]:
    """Serves the application on the sockets for as long as the block lasts."""
    config = uvicorn.Config(
        application,
        log_config=None,
        access_log=False,
        lifespan="off",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        timeout_keep_alive=30,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=list(sockets)))
    try:
        while not server.started and not task.done():  # noqa: ASYNC110 - uvicorn has only this flag
            await asyncio.sleep(0.005)
        if task.done():
            task.result()
            raise ConfigError("the HTTP server did not start; its log says why.")
        yield
    finally:
        server.should_exit = True
        await task
