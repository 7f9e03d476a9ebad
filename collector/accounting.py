"""Where each second of a target went: exactly one of six states, summing to the whole.

A change of state may be declared after the fact (a death is believed at the second failure, but began at
the first), and what arrives late may tell that it was otherwise. So the latest changes are kept as they
are, and only what is older than all of them is settled for good.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator

from collector.state import Account, HealthState, TargetState

KEPT_CHANGES = 200
"""A target that changes twice an hour can be decided anew for four days back."""

Excused = Callable[[float, float], float]
"""How many seconds between two moments were planned maintenance of the target."""


def begin(target: TargetState, at: float) -> None:
    """Starts the target's account at `at`, if it has none."""
    account = target.account
    if not account.begun:
        account.begun = account.until = target.since = at
        account.changes = [(at, target.state.value)]


def change(target: TargetState, state: HealthState, since: float, excused: Excused) -> None:
    """From `since` on the target is in `state`. Takes effect no earlier than the last change did."""
    account = target.account
    if state is target.state or not account.begun:
        return
    target.state = state
    target.since = _append(account, max(since, account.changes[-1][0]), state)
    _settle(account, excused)


def withdraw(target: TargetState, since: float) -> None:
    """Takes back all changes from `since` on: they were concluded from silence, and now there is word."""
    changes = target.account.changes
    while len(changes) > 1 and changes[-1][0] >= since:
        changes.pop()
    target.since, state = changes[-1]
    target.state = HealthState(state)


def redecide(
    target: TargetState,
    state: HealthState,
    start: float,
    end: float,
    instead_of: Collection[HealthState],
) -> dict[HealthState, float]:
    """From `start` to `end`, wherever it was thought to be `instead_of`, it was in `state`.

    Returns how many seconds of which state were moved.
    """
    account = target.account
    moved: dict[HealthState, float] = {}
    spans = list(_spans(account, math.inf))
    account.changes = []
    for begun, ended, name in spans:
        was = HealthState(name)
        low, high = max(begun, start), min(ended, end)
        if was not in instead_of or was is state or low >= high:
            _append(account, begun, was)
            continue
        if begun < low:
            _append(account, begun, was)
        _append(account, low, state)
        if high < ended:
            _append(account, high, was)
        moved[was] = moved.get(was, 0.0) + high - low
    target.since = account.changes[-1][0]
    return moved


def states_between(target: TargetState, start: float, end: float) -> set[HealthState]:
    """The states in which the target was at any time from `start` to `end`, as far back as is kept."""
    spans = _spans(target.account, math.inf)
    return {HealthState(state) for begun, ended, state in spans if begun <= end and ended >= start}


def totals(target: TargetState, until: float, excused: Excused) -> dict[str, float]:
    """Seconds in each of the six states up to `until`."""
    result = {state.value: target.account.totals.get(state.value, 0.0) for state in HealthState}
    for begun, ended, state in _spans(target.account, until):
        _book(result, begun, ended, state, excused)
    return result


def _append(account: Account, since: float, state: HealthState) -> float:
    """Adds a change and returns since when the state holds; no change is left without any time."""
    changes = account.changes
    while changes and changes[-1][0] >= since:
        changes.pop()
    if not changes or changes[-1][1] != state.value:
        changes.append((since, state.value))
    return changes[-1][0]


def _spans(account: Account, until: float) -> Iterator[tuple[float, float, str]]:
    """The time that may still be decided anew: (from, to, state)."""
    changes = account.changes
    for place, (begun, state) in enumerate(changes):
        ended = min(changes[place + 1][0], until) if place + 1 < len(changes) else until
        if ended > begun:
            yield begun, ended, state


def _settle(account: Account, excused: Excused) -> None:
    """Puts the oldest changes to the totals when there are too many."""
    while len(account.changes) > KEPT_CHANGES:
        (begun, state), (ended, _) = account.changes[:2]
        _book(account.totals, begun, ended, state, excused)
        account.until = ended
        del account.changes[0]


def _book(
    totals: dict[str, float], begun: float, ended: float, state: str, excused: Excused
) -> None:
    planned = excused(begun, ended)
    for name, part in ((HealthState.EXCUSED.value, planned), (state, ended - begun - planned)):
        if part > 0.0:
            totals[name] = totals.get(name, 0.0) + part
