"""When the rooms are needed."""

from __future__ import annotations

from datetime import UTC, datetime

from inventory.meeting import Meeting

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # 8:00 in Lập Thạch
FIRST = START.timestamp()
WEEK = 604_800.0


def meeting(repeat: str) -> Meeting:
    """Two hours from 8:00."""
    data = {"id": "weekly", "title": "Giao ban", "rooms": "all", "start": START, "repeat": repeat}
    return Meeting.model_validate({**data, "duration": "2h"})


def test_a_weekly_meeting_comes_again() -> None:
    """The one that runs, or else the next."""
    weekly = meeting("weekly")
    assert weekly.rooms == ()
    assert weekly.next_start(FIRST - 3 * WEEK) == FIRST
    assert weekly.next_start(FIRST + 7199) == FIRST
    assert weekly.next_start(FIRST + 7200) == FIRST + WEEK
    assert weekly.next_start(FIRST + WEEK) == FIRST + WEEK
    assert weekly.next_start(FIRST + 10.5 * WEEK) == FIRST + 11 * WEEK


def test_a_single_meeting_ends() -> None:
    """None after it."""
    once = meeting("none")
    assert once.next_start(FIRST + 7199) == FIRST
    assert once.next_start(FIRST + 7200) is None
