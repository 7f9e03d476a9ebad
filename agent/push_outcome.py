"""What came of sending one request, told apart by what is to be done next."""

from __future__ import annotations

import email.utils
from dataclasses import dataclass
from enum import StrEnum

MAX_RETRY_AFTER = 600.0
"""Longest wait that a collector (or a proxy before it) may ask of us, in seconds."""


class PushReason(StrEnum):
    """Why a push failed: a closed list, also the label of `agent_push_failures_total`."""

    NETWORK = "network"  # no way to the collector, or the connection broke
    TIMEOUT = "timeout"  # the collector did not answer in time
    TLS = "tls"  # whoever answered is not our collector, or not securely
    CREDENTIAL = "credential"  # 401, 403: our token is missing, wrong or revoked
    BUSY = "busy"  # 408, 429: asked to come back later
    SERVER = "server"  # 5xx
    REDIRECT = "redirect"  # 3xx: something between us and the collector; never followed
    REFUSED = "refused"  # other 4xx: this request will never be accepted
    INTERNAL = "internal"  # a fault of our own, logged with its traceback


@dataclass(frozen=True, slots=True)
class PushOutcome:
    """`reason` None: accepted. retry_after: seconds the collector asked for, None when it did not.

    answer: the status and the first words of the body, for people; not yet cleaned for any format.
    """

    reason: PushReason | None
    answer: str = ""
    retry_after: float | None = None

    @property
    def accepted(self) -> bool:
        """Whether the collector has taken the request."""
        return self.reason is None

    @property
    def refused(self) -> bool:
        """Whether the content itself was refused, so that sending the same again is in vain."""
        return self.reason is PushReason.REFUSED


def outcome_of(status: int, retry_after: str | None, body: str, now: float) -> PushOutcome:
    """What an HTTP answer means (remote-write 1.0: 5xx and 429 again, other 4xx never)."""
    if 200 <= status < 300:
        return PushOutcome(None)
    answer = f"HTTP {status} {body}".strip()
    return PushOutcome(_reason(status), answer, _wait(retry_after, now))


def _reason(status: int) -> PushReason:
    if status in (401, 403):
        return PushReason.CREDENTIAL
    if status in (408, 429):
        return PushReason.BUSY
    if 400 <= status < 500:
        return PushReason.REFUSED
    return PushReason.REDIRECT if 300 <= status < 400 else PushReason.SERVER


def _wait(header: str | None, now: float) -> float | None:
    """Seconds in a Retry-After header, which holds a number or a date (RFC 9110 section 10.2.3)."""
    if header is None:
        return None
    try:
        seconds = float(header)
    except ValueError:
        try:
            seconds = email.utils.parsedate_to_datetime(header).timestamp() - now
        except ValueError:
            return None
    return min(max(seconds, 0.0), MAX_RETRY_AFTER) if seconds == seconds else None
