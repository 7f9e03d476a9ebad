"""Does a machine answer echo requests, how many of them get lost, and how long is the way?"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

from agent.address import Lookup
from agent.icmp.burst import Burst
from agent.icmp.engine import Engine
from agent.icmp.sockets import NoIcmpSocket
from agent.icmp.trace import Tracer
from agent.probe import Reason, Result, Target
from agent.trial import CheckFailed, Trial
from inventory.check import IcmpCheck
from telemetry.catalogue import (
    ICMP_JITTER,
    ICMP_LOSS_RATIO,
    ICMP_PACKETS_RECEIVED,
    ICMP_PACKETS_SENT,
    ICMP_RTT_MAX,
    ICMP_RTT_MEDIAN,
    ICMP_RTT_MIN,
    ICMP_RTT_P90,
    PATH_TRACE_HOPS,
    PATH_TRACE_LAST_HOP_INFO,
)
from telemetry.sample import Reading

CONFIRM_SECONDS = 5.0
"""How soon at the latest a death, or a return from it, is looked at again."""


CONFIRMED_BURSTS = 2
_NOBODY = "Nobody answers on the way."


@dataclass(slots=True)
class _Memory:
    """What is kept of a target between bursts. Counters begin at 0 with the process.

    silent: bursts in a row without a reply, after one with; traced: the way was traced since then.
    """

    sent: int = 0
    received: int = 0
    answered: bool | None = None
    silent: int = 0
    traced: bool = False


class IcmpProbe:
    """Sends a burst of echo requests and reads loss, round trips and jitter from what comes back.

    One reply makes the check good; loss is judged by whoever reads `icmp_loss_ratio`. When a target
    falls silent or speaks again, it asks to be run again soon, so that the change is confirmed. Once
    the silence is confirmed, the way is traced: who answered last tells where it is broken.
    """

    def __init__(self, engine: Engine | None = None, tracer: Tracer | None = None) -> None:
        self._engine = engine or Engine()
        self._tracer = tracer or Tracer()
        self._lookup = Lookup()
        self._memories: dict[str, _Memory] = {}

    async def check(self, target: Target, options: IcmpCheck, deadline: float) -> Result:
        """One burst; when the deadline is short, with fewer requests rather than none."""
        trial = Trial()
        ends = time.monotonic() + deadline
        memory = self._memories.setdefault(target.id, _Memory())
        before = memory.answered
        try:
            address = await self._address(target.address, deadline)
            burst = await self._burst(trial, address, options, ends - time.monotonic())
        except CheckFailed as failed:
            return trial.result(failed.reason, str(failed))
        for reading in _readings(burst, memory):
            trial.read(reading)
        for line in _working(burst):
            trial.say(line)
        if memory.silent >= CONFIRMED_BURSTS and not memory.traced:
            await self._trace(trial, address, memory, ends - time.monotonic())
        again = min(CONFIRM_SECONDS, options.interval / 4)
        changed = before is not None and before != memory.answered
        return replace(trial.result(_reason(burst)), again_after=again if changed else None)

    async def close(self) -> None:
        """Closes the sockets."""
        self._engine.close()

    async def _address(self, host: str, seconds: float) -> str:
        try:
            async with asyncio.timeout(seconds):
                return (await self._lookup.permitted(host))[0]
        except TimeoutError:
            raise CheckFailed(
                Reason.NAME, f"Nobody could say in {seconds:g} s which address {host} has."
            ) from None

    async def _trace(self, trial: Trial, address: str, memory: _Memory, seconds: float) -> None:
        trace = await self._tracer.trace(address, seconds)
        if trace is None:
            return
        memory.traced = True
        if trace.arrived:
            trial.say("It answers again: the way is whole.")
            return
        distance, hop = trace.last or (0, "")
        trial.read(PATH_TRACE_HOPS.reading(distance))
        if hop:
            trial.read(PATH_TRACE_LAST_HOP_INFO.reading(1, hop=hop))
        trial.say(f"On the way {hop} answered last, at {distance} hops." if hop else _NOBODY)

    async def _burst(self, trial: Trial, address: str, options: IcmpCheck, left: float) -> Burst:
        count, wait = fit(options, left)
        trial.say(
            f"Sending {count} echo requests with {options.size} bytes each to {address}, "
            f"{options.spacing:g} s apart, waiting {wait:g} s for a reply."
        )
        try:
            return await self._engine.ping(
                address, count=count, spacing=options.spacing, timeout=wait, size=options.size
            )
        except NoIcmpSocket as error:
            raise CheckFailed(error.reason, f"Not sent: {error}.") from error
        except ValueError as error:  # a zone that names no network interface of ours
            raise CheckFailed(Reason.UNREACHABLE, f"Not sent: {error}.") from error


def fit(options: IcmpCheck, seconds: float) -> tuple[int, float]:
    """How many requests, and how long to wait for each, so that the burst ends within `seconds`.

    Shortens the wait down to half of what is asked for, then sends fewer, at least one.
    """
    room = max(0.0, seconds - options.timeout / 2)
    count = min(options.count, 1 + int(room / options.spacing))
    wait = min(options.timeout, seconds - (count - 1) * options.spacing)
    return count, round(max(wait, 0.001), 3)


def _readings(burst: Burst, memory: _Memory) -> Iterator[Reading]:
    """Takes the burst into the memory and reads it; figures that nothing supports are left out."""
    memory.sent += burst.sent
    memory.received += burst.received
    if burst.received:
        memory.silent, memory.traced = 0, False
    elif memory.answered or memory.silent:
        memory.silent += 1
    memory.answered = burst.received > 0
    yield ICMP_PACKETS_SENT.reading(memory.sent)
    yield ICMP_PACKETS_RECEIVED.reading(memory.received)
    yield ICMP_LOSS_RATIO.reading(burst.loss_ratio)
    figures = (
        (ICMP_RTT_MIN, burst.min),
        (ICMP_RTT_MEDIAN, burst.median),
        (ICMP_RTT_P90, burst.p90),
        (ICMP_RTT_MAX, burst.max),
        (ICMP_JITTER, burst.jitter),
    )
    for metric, seconds in figures:
        if seconds is not None:
            yield metric.reading(seconds)


def _reason(burst: Burst) -> Reason | None:
    if burst.received:
        return None
    return burst.refusals[0].reason if burst.refusals else Reason.TIMEOUT


def _working(burst: Burst) -> Iterator[str]:
    yield f"{burst.received} of {burst.sent} came back, {burst.loss_ratio:.1%} lost."
    if burst.received:
        yield f"Round trips in ms, in order, – for lost: {' '.join(map(_ms, burst.round_trips))}."
        yield (
            f"Shortest {_ms(burst.min)}, median {_ms(burst.median)}, 90 % within {_ms(burst.p90)}, "
            f"longest {_ms(burst.max)}, jitter {_ms(burst.jitter)} ms."
        )
    for refusal in burst.refusals:
        yield f"Refused: {refusal.sentence}."
    uncounted = (
        (burst.duplicates, "came twice"),
        (burst.late, "came too late"),
        (burst.wrong_source, f"came from another address than {burst.address}"),
    )
    for count, how in uncounted:
        if count:
            yield f"Not counted: {count} that {how}."


def _ms(seconds: float | None) -> str:
    return "–" if seconds is None else f"{seconds * 1000:.3g}"
