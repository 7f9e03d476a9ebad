"""Why a request got a refusal instead of a reply: ICMP errors and errors of our own kernel."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass

from agent.probe import Reason


@dataclass(frozen=True, slots=True)
class Refusal:
    """Somebody said that a request will not be answered. `sentence` names who and why."""

    reason: Reason
    sentence: str


# (version, type, code): words. RFC 792, RFC 1122 3.2.2.1, RFC 1812 5.2.7, RFC 4443 3.
_WORDS: dict[tuple[int, int, int], str] = {
    (4, 3, 0): "network unreachable",
    (4, 3, 1): "host unreachable",
    (4, 3, 2): "protocol unreachable",
    (4, 3, 3): "port unreachable",
    (4, 3, 4): "packet too big for the way",
    (4, 3, 9): "network administratively prohibited",
    (4, 3, 10): "host administratively prohibited",
    (4, 3, 13): "communication administratively prohibited",
    (4, 11, 0): "time to live exceeded on the way (a routing loop?)",
    (6, 1, 0): "no route to destination",
    (6, 1, 1): "communication administratively prohibited",
    (6, 1, 3): "address unreachable",
    (6, 1, 4): "port unreachable",
    (6, 1, 5): "source address not allowed",
    (6, 1, 6): "route rejected",
    (6, 2, 0): "packet too big for the way",
    (6, 3, 0): "hop limit exceeded on the way (a routing loop?)",
}
_PROHIBITED = {(4, 3, 9), (4, 3, 10), (4, 3, 13), (6, 1, 1), (6, 1, 5)}


def refused_by_network(version: int, kind: int, code: int, source: str) -> Refusal:
    """The refusal that an ICMP error of this type and code means, as told by `source`."""
    key = (version, kind, code)
    reason = Reason.FORBIDDEN if key in _PROHIBITED else Reason.UNREACHABLE
    words = _WORDS.get(key, f"ICMP type {kind} code {code}")
    return Refusal(reason, f"{source} says: {words}")


def refused_by_kernel(number: int) -> Refusal:
    """The refusal that an errno of our own `sendto` means."""
    reason = Reason.FORBIDDEN if number in (errno.EACCES, errno.EPERM) else Reason.UNREACHABLE
    return Refusal(reason, f"this machine did not send it: {os.strerror(number).lower()}")
