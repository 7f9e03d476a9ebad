"""From a numeric address to what a socket can send to. Names are the business of `agent.address`."""

from __future__ import annotations

import socket

from agent.icmp.sockets import SocketAddress


def version_of(text: str) -> int:
    """Which IP version a numeric address belongs to: 4 or 6."""
    return 6 if ":" in text else 4


def numeric_target(text: str) -> SocketAddress:
    """The socket address of a numeric address, spelled as the kernel spells a reply's source.

    A link-local IPv6 address may bear a zone (`fe80::1%eth0`). Raises ValueError for anything else.
    """
    try:
        if ":" not in text:
            socket.inet_pton(socket.AF_INET, text)  # takes the one usual spelling only
            return text, 0
        address, _, zone = text.partition("%")
        plain = socket.inet_ntop(socket.AF_INET6, socket.inet_pton(socket.AF_INET6, address))
        return plain, 0, 0, socket.if_nametoindex(zone) if zone else 0
    except OSError:
        raise ValueError(f"{text!r} is not a numeric address of this machine's networks") from None
