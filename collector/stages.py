"""The stages between a notification and a message: each may hold it back, and says why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from collector.config import NotifySettings
from collector.incident import Incident
from collector.outbox import Row, RowState
from collector.recipients import Way


class Hold(StrEnum):
    """Why a message is not sent; also part of the metric's label."""

    NO_WAY = "no_way"  # the person or their address is gone from the inventory
    TOO_OLD = "too_old"
    TOLD_OTHERWISE = "told_otherwise"  # another of the person's channels has delivered it
    RESOLVED_BEFORE_TOLD = "resolved_before_told"  # over within a moment, and nobody had been told
    OVERTAKEN = "overtaken"  # the message of its end says it all


@dataclass(frozen=True, slots=True)
class Stand:
    """All that the stages look at. incidents: as they are now. told: every message ever meant for
    this recipient about these incidents.
    """

    row: Row
    way: Way | None
    now: float
    settings: NotifySettings
    incidents: tuple[Incident, ...]
    told: tuple[Row, ...]


Stage = Callable[[Stand], Hold | None]


def no_way(stand: Stand) -> Hold | None:
    """The person is no longer to be told, or not by this channel."""
    return Hold.NO_WAY if stand.way is None else None


def too_old(stand: Stand) -> Hold | None:
    """It could not be delivered for so long that it would only confuse."""
    return Hold.TOO_OLD if stand.now - stand.row.created_at > stand.settings.too_old else None


def told_otherwise(stand: Stand) -> Hold | None:
    """The person got it by another channel."""
    same = [row for row in stand.told if row.notification.id == stand.row.notification.id]
    return Hold.TOLD_OTHERWISE if any(row.state is RowState.SENT for row in same) else None


def resolved_before_told(stand: Stand) -> Hold | None:
    """A trouble of a moment that is over, and whose beginning reached nobody, is not worth a
    message.
    """
    brief = stand.settings.brief
    over = all(i.resolved_at is not None for i in stand.incidents)
    short = all((i.resolved_at or i.opened_at) - i.opened_at <= brief for i in stand.incidents)
    if stand.row.notification.about == "summary" or not over or not short:
        return None
    return None if _heard_of(stand) else Hold.RESOLVED_BEFORE_TOLD


def overtaken(stand: Stand) -> Hold | None:
    """The trouble is over before its beginning was told; the message of its end says since when."""
    begins = stand.row.notification.about in ("opened", "worsened")
    if not begins or any(i.resolved_at is None for i in stand.incidents):
        return None
    ends = any(
        row.notification.about in ("resolved", "summary")
        and row.state in (RowState.WAITING, RowState.SENT)
        for row in stand.told
    )
    return Hold.OVERTAKEN if ends else None


def _heard_of(stand: Stand) -> bool:
    """Whether anything about these incidents ever reached the recipient."""
    return any(row.state is RowState.SENT for row in stand.told)


STAGES: tuple[Stage, ...] = (no_way, too_old, told_otherwise, resolved_before_told, overtaken)
"""The stages, in the order in which they are asked."""
