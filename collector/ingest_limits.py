"""How much may be taken in, and how much was."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from collector.admission import Window
from telemetry.remotewrite import MAX_DECODED_BYTES


@dataclass(frozen=True, slots=True)
class IngestLimits:
    """What one request may cost, and which times are taken; seconds and bytes.

    `max_queued_bytes` bounds the bodies of all requests that are read or wait at the same moment.
    """

    max_body_bytes: int = 4 << 20
    max_decoded_bytes: int = MAX_DECODED_BYTES
    max_queued_bytes: int = 16 << 20
    body_seconds: float = 60.0
    future_seconds: float = 600.0
    retention_seconds: float = 30 * 86400.0

    def window(self, now: float) -> Window:
        """The times of samples that are taken at `now`."""
        oldest, newest = now - self.retention_seconds, now + self.future_seconds
        return Window(int(oldest * 1000), int(newest * 1000))


@dataclass(slots=True)
class IngestStats:
    """Counts since the start: samples accepted; samples, or whole requests, rejected by reason."""

    accepted: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
