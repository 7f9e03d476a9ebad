"""What would a call on the way to a peer be like: loss, delay variation and grade, by STAMP?"""

from __future__ import annotations

import errno
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from agent.address import Lookup
from agent.probe import Reason, Result, Target
from agent.stamp.figures import Figures, Variation
from agent.stamp.sender import Burst, Plan, send_burst
from agent.trial import CheckFailed, Trial, explain, reason_of
from inventory.check import PathCheck, PathEnd
from telemetry.catalogue import (
    PATH_DELAY_VARIATION_P90,
    PATH_GRADE,
    PATH_LOSS_RATIO,
    PATH_ROUND_TRIP_MEDIAN,
)
from telemetry.sample import Reading

SENT, RECEIVED, BOTH = "sent", "received", "both"
"""The label `direction`: from the agent to the peer, from the peer to the agent; `both` is the share
that did not come back, which is known even where nobody can tell on which way it was lost."""

KEPT_SECONDS = 0.5
"""Left of the deadline for the look-up's and the loop's own time."""


@dataclass(slots=True)
class _Spending:
    """What one target has cost on one day, in octets."""

    day: date
    octets: int = 0


class PathProbe:
    """Sends a short burst of packets as a call would send them and reads how they fared.

    One reply makes a way good; how good it is say the readings. Of several ends each is asked, and the
    check is good when all of them replied. A day's data budget per target is kept; when it is used up
    the check fails with the reason `budget`, without a reading and without a packet sent, until the next
    day begins (by this machine's time zone). That is no fault of the path, and nothing concludes from
    this check's failure that the target is away.
    """

    def __init__(self, today: Callable[[], date] = date.today) -> None:
        self._today = today
        self._lookup = Lookup()
        self._spent: dict[str, _Spending] = {}

    async def check(self, target: Target, options: PathCheck, deadline: float) -> Result:
        """One burst; when the deadline is short, with fewer packets."""
        trial = Trial()
        return await trial.run(self._measure(trial, target, options, deadline), deadline)

    async def close(self) -> None:
        """Nothing is kept open between bursts."""

    async def _measure(
        self, trial: Trial, target: Target, options: PathCheck, deadline: float
    ) -> None:
        until = time.monotonic() + deadline
        ends = _far_ends(target, options)
        failed: list[CheckFailed] = []
        for left, end in zip(range(len(ends), 0, -1), ends, strict=True):
            # What a silent end did not use is for those after it.
            share = (until - time.monotonic() - KEPT_SECONDS) / left
            try:
                await self._measure_one(trial, target, options, end, share)
            except (CheckFailed, OSError) as error:
                failed.append(_failure(error, end.name or end.peer if options.also else ""))
        for failure in failed[1:]:
            trial.say(str(failure))
        if failed:
            raise failed[0]

    async def _measure_one(
        self, trial: Trial, target: Target, options: PathCheck, end: PathEnd, seconds: float
    ) -> None:
        address = (await self._lookup.permitted(end.peer))[0]
        plan = fitted(options, seconds)
        trial.say(
            f"Sending {plan.count} packets of {plan.size} octets to {address} UDP port "
            f"{end.port}, {1000 * plan.spacing:g} ms apart, with DSCP {plan.dscp}."
        )
        burst = await self._within_budget(trial, target, options, (address, end.port), plan)
        for line in _working(burst):
            trial.say(line)
        _judge(burst)
        for reading in _readings(burst, end.name or end.peer):
            trial.read(reading)

    async def _within_budget(
        self, trial: Trial, target: Target, options: PathCheck, to: tuple[str, int], plan: Plan
    ) -> Burst:
        budget, cost = options.budget_of(target.class_), plan.octets(6 if ":" in to[0] else 4)
        spending = self._spending(target.id)
        if spending.octets + cost > budget:
            raise CheckFailed(
                Reason.BUDGET,
                f"Not sent: today {_megabytes(spending.octets)} of {_megabytes(budget)} are used, "
                f"and a burst may cost {_megabytes(cost)}. It goes on tomorrow.",
            )
        # Charged before it is sent: what breaks off in the middle has cost something too.
        spending.octets += cost
        burst = await _sent(*to, plan)
        spending.octets += burst.octets - cost
        trial.say(
            f"It cost {_megabytes(burst.octets)}; today {_megabytes(spending.octets)} of "
            f"{_megabytes(budget)}."
        )
        return burst

    def _spending(self, target_id: str) -> _Spending:
        day = self._today()
        spending = self._spent.get(target_id)
        if spending is None or spending.day != day:
            spending = self._spent[target_id] = _Spending(day)
        return spending


def _failure(error: CheckFailed | OSError, end: str) -> CheckFailed:
    """What went wrong, with the end that it is about where there are several."""
    reason, sentence = (
        (error.reason, str(error))
        if isinstance(error, CheckFailed)
        else (reason_of(error), explain(error))
    )
    return CheckFailed(reason, f"{end}: {sentence}" if end else sentence)


def _far_ends(target: Target, options: PathCheck) -> tuple[PathEnd, ...]:
    """Whom to ask, the first one first; at least one."""
    host = options.peer or target.address
    if not host:
        raise CheckFailed(Reason.FORBIDDEN, "The inventory does not say who the peer is.")
    first = PathEnd.model_construct(peer=host, name=options.name, port=options.port)
    return (first, *options.also)


def fitted(options: PathCheck, seconds: float) -> Plan:
    """The burst that the options want, with fewer packets (at least two) where `seconds` are short."""
    room = max(0.0, seconds - options.timeout)
    count = max(2, min(options.count, 1 + int(room / options.spacing)))
    wait = max(0.05, min(options.timeout, seconds - (count - 1) * options.spacing))
    return Plan(count, options.spacing, wait, options.size, options.dscp)


async def _sent(address: str, port: int, plan: Plan) -> Burst:
    try:
        return await send_burst(address, port, plan)
    except OSError as error:
        if error.errno != errno.EMSGSIZE:
            raise
        raise CheckFailed(
            Reason.UNREACHABLE,
            f"Packets of {plan.size} octets are too long for the way; choose a smaller size.",
        ) from error


def _judge(burst: Burst) -> None:
    """Raises CheckFailed where there is nothing to read."""
    if burst.figures.unique:
        return
    if burst.refused:
        raise CheckFailed(
            Reason.REFUSED, "The machine is there, but no reflector listens on this port (refused)."
        )
    if burst.malformed:
        raise CheckFailed(Reason.MALFORMED, "What came back is no reply to what was sent.")
    raise CheckFailed(
        Reason.TIMEOUT,
        "Nothing came back: the way is cut, or the reflector does not know this agent's address.",
    )


def _readings(burst: Burst, peer: str) -> Iterator[Reading]:
    figures = burst.figures
    yield PATH_LOSS_RATIO.reading(figures.loss, peer=peer, direction=BOTH)
    if figures.loss_by_direction is not None:
        for direction, share in zip((SENT, RECEIVED), figures.loss_by_direction, strict=True):
            yield PATH_LOSS_RATIO.reading(share, peer=peer, direction=direction)
    if burst.clock_set:
        return
    for direction, found in _variations(figures):
        yield PATH_DELAY_VARIATION_P90.reading(found.p90, peer=peer, direction=direction)
    if figures.round_trip is not None:
        yield PATH_ROUND_TRIP_MEDIAN.reading(figures.round_trip, peer=peer)
    if figures.grade is not None:
        yield PATH_GRADE.reading(figures.grade, peer=peer)


def _variations(figures: Figures) -> Iterator[tuple[str, Variation]]:
    for direction, found in (
        (SENT, figures.variation_sent),
        (RECEIVED, figures.variation_received),
    ):
        if found is not None:
            yield direction, found


def _working(burst: Burst) -> Iterator[str]:
    figures = burst.figures
    yield f"{len(figures.unique)} of {figures.sent} came back, {figures.loss:.1%} lost."
    if figures.loss_by_direction is not None:
        there, back = figures.loss_by_direction
        yield f"Lost on the way there {there:.1%}, on the way back {back:.1%}."
    elif figures.unique and figures.loss:
        yield "On which way they were lost cannot be told: the reflector does not count, or fell silent."
    if burst.clock_set:
        yield "The clock of this machine was set meanwhile: times say nothing."
    elif figures.round_trip is not None:
        yield f"Median round trip {1000 * figures.round_trip:.3g} ms without the reflector's own time."
        for direction, found in _variations(figures):
            yield (
                f"Delay variation {direction}: half within {1000 * found.p50:.3g} ms, 90 % within "
                f"{1000 * found.p90:.3g} ms, 99 % within {1000 * found.p99:.3g} ms."
            )
        yield f"Grade for calls: {figures.grade:.1f} of 1 (bad) to 5 (good)."
    if burst.far_ttl is not None:
        yield f"At the peer {burst.far_ttl} of the TTL were left; replies bear DSCP {burst.dscp}."
    for count, how in (
        (figures.reordered, "came back in another order"),
        (figures.duplicates, "came twice"),
        (burst.malformed, "were no reply to what was sent"),
    ):
        if count:
            yield f"{count} {how}."


def _megabytes(octets: int) -> str:
    return f"{octets / 1e6:.3g} MB"
