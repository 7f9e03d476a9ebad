"""From an address or a host name to what a socket can send to."""

from __future__ import annotations

import asyncio
import socket
from typing import NamedTuple, cast

from agent.icmp.sockets import SocketAddress
from telemetry.errors import LtmonError


class UnknownName(LtmonError):  # noqa: N818 - named for what the user sees
    """The host name has no address; the text says which and why."""


class Address(NamedTuple):
    """A numeric address, in the spelling in which the kernel names the source of a reply."""

    version: int
    target: SocketAddress


def numeric_address(text: str) -> Address | None:
    """The address that `text` spells, None for a host name (or an address with a zone)."""
    try:
        if ":" not in text:
            socket.inet_pton(socket.AF_INET, text)  # takes the one usual spelling only
            return Address(4, (text, 0))
        packed = socket.inet_pton(socket.AF_INET6, text)
    except (OSError, ValueError):
        return None
    return Address(6, (socket.inet_ntop(socket.AF_INET6, packed), 0))


async def find_address(host: str) -> Address:
    """The address of `host`; a name is asked of the event loop's resolver, its first answer counts.

    Raises UnknownName.
    """
    known = numeric_address(host)
    if known is not None:
        return known
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_DGRAM)
    except (OSError, ValueError) as error:  # ValueError: a name that cannot be put on the wire
        words = getattr(error, "strerror", None) or str(error)
        raise UnknownName(f"the name {host!r} has no address: {words}") from error
    family, _, _, _, target = found[0]
    return Address(4 if family == socket.AF_INET else 6, cast(SocketAddress, target))
