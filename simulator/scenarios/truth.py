"""What is truly wrong, and what only looks so."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Truth:
    """A fault of the generated weeks. Times: seconds since 1970.

    cause: `device:ID`, `link:ID`, `site:ID` or `agent:ID`; also: other causes that nobody who sees only
    the samples could tell from it. targets: ids of the devices and services that suffer. shows: names of
    the metrics in which it can be seen. end: when it was mended. down: something did not answer at
    all, seen every `interval` seconds. limit_at: when what wears out reaches the limit that other
    monitors wait for, None for what does not wear. group: truths with the same group are one event
    (a carrier's outage cuts several lines); empty for one of its own.
    """

    kind: str
    cause: str
    also: tuple[str, ...]
    targets: tuple[str, ...]
    shows: tuple[str, ...]
    onset: float
    end: float
    down: bool = False
    interval: float = 0.0
    limit_at: float | None = None
    group: str = ""

    @property
    def causes(self) -> tuple[str, ...]:
        """All causes that are right."""
        return (self.cause, *self.also)


@dataclass(frozen=True, slots=True)
class Innocent:
    """Something that looks like a fault and is none. visible: it may be told of without blame, because
    for a while something truly did not answer (a single reboot).
    """

    kind: str
    targets: tuple[str, ...]
    onset: float
    end: float
    visible: bool = False
