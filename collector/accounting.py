"""Where each second of a target went: exactly one of six states, summing to the whole.

A change of state may be declared after the fact (a death is believed at the second failure, but
began at
the first), so time is only settled up to the moment from which the new state holds.
"""

from __future__ import annotations

from collections.abc import Callable

from collector.state import HealthState, TargetState

KEPT_CHANGES = 50

Excused = Callable[[float, float], float]
"""How many seconds between two moments were planned maintenance of the target."""


def begin(target: TargetState, at: float) -> None:
    """Starts the target's account at `at`, if it has none."""
    if not target.account.begun:
        target.account.begun = at
        target.account.until = at
        target.since = at


def change(target: TargetState, state: HealthState, since: float, excused: Excused) -> None:
    """From `since` on the target is in `state`; the time before is settled as what it was.

    A `since` before what is already settled takes effect where the settled time ends.
    """
    if state is target.state:
        return
    since = max(since, target.account.until)
    settle(target, since, excused)
    target.state = state
    target.since = since
    target.account.changes.append((since, state.value))
    del target.account.changes[:-KEPT_CHANGES]


def settle(target: TargetState, until: float, excused: Excused) -> None:
    """Puts the time up to `until` to the account of the present state, maintenance apart."""
    account = target.account
    seconds = until - account.until
    if seconds <= 0.0:
        return
    planned = excused(account.until, until)
    for state, part in ((HealthState.EXCUSED, planned), (target.state, seconds - planned)):
        if part > 0.0:
            account.totals[state.value] = account.totals.get(state.value, 0.0) + part
    account.until = until


def totals(target: TargetState, until: float, excused: Excused) -> dict[str, float]:
    """Seconds in each of the six states up to `until`, without settling anything for good."""
    result = {state.value: target.account.totals.get(state.value, 0.0) for state in HealthState}
    rest = max(0.0, until - target.account.until)
    planned = excused(target.account.until, until) if rest else 0.0
    result[HealthState.EXCUSED.value] += planned
    result[target.state.value] += rest - planned
    return result
