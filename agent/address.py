"""Which numeric addresses a host name has, and which of them a probe may ask.

The inventory is the list of what may be asked. A loopback or link-local address is asked only when
the inventory names that very address (or `localhost`), never because a name resolves to it or a
page redirects to it: otherwise a name server or a web server could turn the agent against its own
machine (CVE-2020-16248 is such a story). Probes connect to the address that was judged here, so a
second look-up cannot change the answer.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import threading
from collections.abc import Awaitable, Callable, Sequence
from enum import IntEnum
from typing import TypeVar

from agent.probe import Reason
from agent.trial import CheckFailed

P = TypeVar("P")
T = TypeVar("T")
IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
MAX_ADDRESSES = 4
"""How many addresses of one name are tried."""
MAX_LOOKUPS = 8
"""How many look-ups one probe has under way at once."""


class Scope(IntEnum):
    """How widely an address is reachable; a redirect may never lead to a narrower one."""

    NOWHERE = 0  # unspecified, multicast, broadcast: no single machine
    HOST = 1
    LINK = 2
    PRIVATE = 3
    GLOBAL = 4


def numeric(host: str) -> IpAddress | None:
    """The address when `host` is one in the usual form, else None (also for `0x7f000001`)."""
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None


def scope_of(address: str) -> Scope:
    """The scope of a numeric address; `::ffff:127.0.0.1` counts as `127.0.0.1`."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    if ip.is_unspecified or ip.is_multicast or (ip.version == 4 and ip.is_reserved):
        return Scope.NOWHERE
    if ip.is_loopback:
        return Scope.HOST
    if ip.is_link_local:
        return Scope.LINK
    return Scope.GLOBAL if ip.is_global else Scope.PRIVATE


def refusal(host: str, address: str) -> str | None:
    """Why `address`, found for the configured `host`, may not be asked; None when it may."""
    scope = scope_of(address)
    if scope is Scope.NOWHERE:
        return f"{address} is not the address of a single machine."
    if scope >= Scope.PRIVATE or numeric(host) is not None:
        return None
    if scope is Scope.HOST and host.rstrip(".").lower() == "localhost":
        return None
    return (
        f"The name {host} leads to {address}, which lies inside this machine or its cable; "
        "write the address itself into the inventory if that is meant."
    )


def redirect_refusal(came_from: str, address: str) -> str | None:
    """Why a page at `came_from` may not send us on to `address`; None when it may."""
    scope = scope_of(address)
    if address == came_from and scope is not Scope.NOWHERE:
        return None
    if scope >= Scope.PRIVATE and scope >= scope_of(came_from):
        return None
    return (
        f"The page sends us on to {address}, which lies further inside than where it came from; "
        "not followed. Put the final address into the inventory if it is right."
    )


class Lookup:
    """Finds the addresses of hosts without ever blocking the event loop or the exit.

    Each look-up has a daemon thread of its own: while a name server is away, getaddrinfo hangs for
    half a minute, and would fill asyncio's few shared threads and hold up the stop of the agent.
    """

    def __init__(self) -> None:
        self._slots = asyncio.Semaphore(MAX_LOOKUPS)

    async def addresses(self, host: str) -> tuple[str, ...]:
        """The numeric addresses of `host` in the system's order of preference, at least one.

        Raises CheckFailed (NAME) when there is none. No deadline of its own.
        """
        literal = numeric(host)
        if literal is not None:
            return (str(literal),)
        await self._slots.acquire()
        found = await _in_daemon_thread(lambda: _getaddrinfo(host), self._slots.release)
        return tuple(dict.fromkeys(found))[:MAX_ADDRESSES]

    async def permitted(self, host: str) -> tuple[str, ...]:
        """Those of `addresses` that may be asked; CheckFailed (FORBIDDEN) if none may."""
        found = await self.addresses(host)
        refusals = {address: refusal(host, address) for address in found}
        allowed = tuple(address for address, why in refusals.items() if why is None)
        if not allowed:
            raise CheckFailed(Reason.FORBIDDEN, next(why for why in refusals.values() if why))
        return allowed


def _getaddrinfo(host: str) -> list[str]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        away = isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN
        why = "no name server answered" if away else "no name server knows it"
        raise CheckFailed(Reason.NAME, f"The name {host} cannot be resolved: {why}.") from error
    return [str(entry[4][0]) for entry in found]


async def _in_daemon_thread(work: Callable[[], T], ended: Callable[[], None]) -> T:
    """The outcome of `work`; `ended` is called in the loop when the thread is through."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(outcome: T | None, error: BaseException | None) -> None:
        ended()
        if future.done():  # the caller's deadline has passed
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(outcome)  # type: ignore[arg-type]

    def body() -> None:
        outcome, error = None, None
        try:
            outcome = work()
        except BaseException as raised:  # noqa: BLE001 - carried over to the waiting task
            error = raised
        try:
            loop.call_soon_threadsafe(settle, outcome, error)
        except RuntimeError:  # the loop was closed meanwhile; nobody waits any more
            return

    threading.Thread(target=body, name="lookup", daemon=True).start()
    return await future


async def try_each(places: Sequence[P], seconds: float, attempt: Callable[[P], Awaitable[T]]) -> T:
    """The first success of `attempt` over addresses or the like, each with its even share of the seconds.

    Raises the last one's OSError when all fail. A share, because an office whose IPv6 leads
    nowhere would otherwise spend the whole deadline on it.
    """
    loop = asyncio.get_running_loop()
    ends = loop.time() + seconds
    for left in range(len(places), 1, -1):
        try:
            async with asyncio.timeout((ends - loop.time()) / left):
                return await attempt(places[-left])
        except OSError:
            continue
    async with asyncio.timeout_at(ends):
        return await attempt(places[-1])
