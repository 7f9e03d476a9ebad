"""From an address or a host name to what a socket can send to."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from typing import NamedTuple, cast

from agent.icmp.sockets import SocketAddress
from telemetry.errors import LtmonError


class UnknownName(LtmonError):  # noqa: N818 - named for what the user sees
    """The host name has no address; the text says which and why."""


class Address(NamedTuple):
    """Where requests go. version: 4 or 6."""

    version: int
    target: SocketAddress


def numeric_target(text: str) -> SocketAddress:
    """The socket address of a numeric address, spelled as the kernel spells a reply's source.

    Raises ValueError for anything else, a host name or an address with a zone as well.
    """
    try:
        if ":" not in text:
            socket.inet_pton(socket.AF_INET, text)  # takes the one usual spelling only
            return text, 0
        return socket.inet_ntop(socket.AF_INET6, socket.inet_pton(socket.AF_INET6, text)), 0
    except OSError:
        raise ValueError(f"{text!r} is not a numeric address") from None


async def find_address(host: str) -> Address:
    """The address of `host`; a name is asked of the event loop's resolver, its first answer counts.

    Raises UnknownName.
    """
    with suppress(ValueError):
        return Address(6 if ":" in host else 4, numeric_target(host))
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_DGRAM)
    except (OSError, ValueError) as error:  # ValueError: a name that cannot be put on the wire
        words = getattr(error, "strerror", None) or str(error)
        raise UnknownName(f"the name {host!r} has no address: {words}") from error
    family, _, _, _, target = found[0]
    return Address(4 if family == socket.AF_INET else 6, cast(SocketAddress, target))
