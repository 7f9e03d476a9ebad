"""When a check is due: arithmetic alone, so that checks spread over their interval and stay there."""

from __future__ import annotations

import hashlib
import math

SOON_SECONDS = 10.0
"""Within this time after the start every check has run once, unless its interval is shorter still."""


def share(target_id: str, kind: str) -> float:
    """A number in [0, 1) that is the same for this target and check on every machine and start.

    It places the check inside its interval: offices that boot together after a power cut do not ask
    the same portal in the same second, and a restart does not move a check.
    """
    digest = hashlib.blake2b(f"{target_id}/{kind}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def next_due(after: float, interval: float, part: float) -> float:
    """The first moment later than `after` at which a check with this share is due (seconds)."""
    phase = part * interval
    due = math.floor((after - phase) / interval + 1) * interval + phase
    # Floating point may land on `after` itself, whose turn has been.
    return due if due > after + interval * 1e-6 else due + interval


def first_due(start: float, interval: float, part: float) -> float:
    """When a check runs for the first time after `start`: soon, but not all at once."""
    return start + part * min(interval, SOON_SECONDS)


def second_due(first: float, interval: float, part: float) -> float:
    """The regular moment after the first run, at least half an interval later."""
    return next_due(first + interval / 2, interval, part)
