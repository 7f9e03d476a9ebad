"""What a device says about itself over SNMP: clocks, interfaces, resources, sensors, power."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from agent.address import Lookup
from agent.probe import Reason, Result, Target
from agent.snmp.engines import Engines
from agent.snmp.identity import Identity
from agent.snmp.memory import Memory
from agent.snmp.paced import Paced, turns
from agent.snmp.poll import Poll
from agent.snmp.polling import Polling
from agent.snmp.session import Access, Session, SnmpFailure
from agent.snmp.sparing import learn, told
from agent.trial import CheckFailed
from inventory.check import SnmpCheck
from telemetry.errors import ConfigError

SHARE_FOR_ASKING = 0.95
"""Of the deadline: the rest is for making readings of what came."""


class SnmpProbe:
    """Polls the standard groups of a device over SNMP v1, v2c or v3.

    Keeps a memory per target: totals of its counters, and what it lacks. A device that stops
    answering in the middle yields what was read before, with the reason. One poll per target at a
    time. `clock` counts seconds and does not jump; `now` is the time of day.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._clock = clock
        self._now = now
        self._lookup = Lookup()
        self._memories: dict[str, tuple[Target, Memory]] = {}
        self._engines = Engines(clock)

    async def check(self, target: Target, options: SnmpCheck, deadline: float) -> Result:
        """Polls once within `deadline` seconds. Raises nothing for what a network does; credentials
        that cannot be used are a result, too (AUTH)."""
        started_at, started = self._now(), self._clock()
        outcome = _Outcome()
        try:
            async with asyncio.timeout(deadline):
                await self._poll(target, options, started + deadline * SHARE_FOR_ASKING, outcome)
        except (CheckFailed, SnmpFailure) as failure:
            outcome.fail(failure.reason, str(failure))
        except ConfigError as error:
            outcome.fail(Reason.AUTH, str(error))
        except TimeoutError:
            outcome.fail(Reason.TIMEOUT, f"not done within {deadline:g} seconds")
        return outcome.result(started_at, self._clock() - started)

    async def close(self) -> None:
        """Forgets every device; sockets are closed after each poll."""
        self._memories.clear()

    async def _poll(
        self, target: Target, options: SnmpCheck, until: float, outcome: _Outcome
    ) -> None:
        memory = self._memory_of(target)
        memory.budget.rate = options.requests_per_second
        session = Paced(
            await self._session(target, options, until, memory), memory.budget, memory.wide
        )
        poll = Poll(session, self._clock, None if memory.wide else memory.missing)
        outcome.polling = Polling(poll, memory, self._clock)
        strain, began = memory.budget.strain, self._clock()
        try:
            await outcome.polling.run(target.profile, strain.asks_all())
            await learn(outcome.polling, memory, self._clock() - began)
            poll.working += [told(strain)] if strain.level else []
        finally:
            session.close()
        if poll.failure is not None:
            outcome.reason = poll.failure.reason

    async def _session(
        self, target: Target, options: SnmpCheck, until: float, memory: Memory
    ) -> Session:
        if target.credentials is None:
            raise ConfigError(f"device {target.id} has no SNMP credentials")
        addresses = await self._lookup.permitted(target.address)
        return await self._engines.open(
            target.snmp_engine,
            Access(
                addresses[0],
                target.snmp_port,
                target.credentials,
                max(options.timeout, memory.patience_seconds),
                options.retries,
                until,
                turns(memory.budget, self._clock),
            ),
        )

    def _memory_of(self, target: Target) -> Memory:
        """The memory of the target; a new one when the inventory now says otherwise about it."""
        known = self._memories.get(target.id)
        if known is not None and known[0] == target:
            return known[1]
        wide = target.credentials is None or target.credentials.version != "1"
        memory = Memory(wide=wide)
        self._memories[target.id] = (target, memory)
        return memory


@dataclass(slots=True)
class _Outcome:
    """What one check has come to, also when it ends early."""

    polling: Polling | None = None
    reason: Reason | None = None
    words: list[str] = field(default_factory=list)

    def fail(self, reason: Reason, sentence: str) -> None:
        self.reason = reason
        self.words.append(sentence)

    def result(self, started_at: float, seconds: float) -> Result:
        identity = self.polling.identity if self.polling is not None else Identity(profile="")
        asked = self.polling.poll.working if self.polling is not None else []
        return Result(
            ok=self.reason is None,
            started_at=started_at,
            seconds=seconds,
            readings=self.polling.readings if self.polling is not None else (),
            reason=self.reason,
            working=(*asked, *self.words),
            profile=identity.profile,
            class_=identity.class_.value if identity.recognised else "",
            vendor=identity.vendor,
            model=identity.model,
        )
