"""What a device is asked for in one check, group by group, and what of it is kept."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from agent.snmp.detect import detect
from agent.snmp.entity import read_hardware
from agent.snmp.identity import Identity, decode_identity, read_nameplate, read_sayings
from agent.snmp.interfaces import read_interfaces
from agent.snmp.memory import Memory
from agent.snmp.poll import Poll
from agent.snmp.resources import read_processors, read_storage, read_ucd
from agent.snmp.sensors import read_sensors, read_states
from agent.snmp.survey import read_profile
from agent.snmp.system import SystemFacts, read_system, restarted
from agent.snmp.ups import read_ups
from inventory.profile import Recognition
from telemetry.catalogue import DEVICE_UPTIME, SNMP_RESPONSE
from telemetry.sample import Reading

Reader = Callable[[Poll, Memory], Awaitable[list[Reading]]]

GROUPS: Mapping[str, Reader] = {
    "interfaces": read_interfaces,
    "processors": read_processors,
    "ucd": read_ucd,
    "storage": read_storage,
    "sensors": read_sensors,
    "states": read_states,
    "ups": read_ups,
}
"""In this order: where two groups say the same, the first one counts, so UCD's memory, which takes the
cache off, comes before the storage table's."""


class Polling:
    """One device's poll. Readings are there as soon as their group is through, whatever comes after.

    identity: what the device is, as far as it was read.
    """

    def __init__(self, poll: Poll, memory: Memory, clock: Callable[[], float]) -> None:
        self.poll = poll
        self.identity = Identity(profile="")
        self._memory = memory
        self._clock = clock
        self._found: dict[tuple[object, ...], Reading] = {}

    @property
    def readings(self) -> tuple[Reading, ...]:
        """What was read so far, no series twice."""
        return tuple(self._found.values())

    async def run(self, profile: str, whole: bool = True) -> None:
        """Asks for everything that the device is not known to lack. `profile`: the inventory's word.

        whole: if not, only how it answers, since when it runs, and what it is.
        """
        asked_at = self._clock()
        facts = await read_system(self.poll)
        if self.poll.ended:
            return
        self._keep([SNMP_RESPONSE.reading(self._clock() - asked_at)])
        self._remember(facts, asked_at)
        found = await self._recognised(facts, profile)
        uptime = facts.uptime_seconds(found.profile.agent.uptime)
        self._keep([DEVICE_UPTIME.reading(uptime)] if uptime is not None else [])
        await self._identify(facts, found)
        if not whole:
            return
        for group, read in GROUPS.items():
            if group not in self._memory.absent and group not in found.profile.without:
                await self._group(group, read)
        if found.profile.metrics and not self.poll.ended:
            self._keep(await read_profile(self.poll, self._memory, found.profile, asked_at))

    async def _group(self, group: str, read: Reader) -> None:
        failures = self.poll.failures
        found = await read(self.poll, self._memory)
        if not found and self.poll.failures == failures and not self.poll.ended:
            self._memory.absent.add(group)
        self._keep(found)

    def _keep(self, readings: list[Reading]) -> None:
        for reading in readings:
            self._found.setdefault((reading.metric, *reading.labels.items()), reading)

    def _remember(self, facts: SystemFacts, at: float) -> None:
        before = self._memory.facts
        anew = before is not None and restarted(before, facts, at - self._memory.polled_at)
        if anew:
            self.poll.working.append("the device restarted since it was asked last")
        self._memory.seen(facts, at, anew)

    async def _recognised(self, facts: SystemFacts, profile: str) -> Recognition:
        """The device's family, asked for once; from then on it is asked as the family bears it."""
        memory = self._memory
        failures = self.poll.failures
        found = memory.recognition or await detect(self.poll, facts, profile)
        if self.poll.failures == failures:
            memory.recognition = found
        quirks = found.profile.agent
        learned = memory.budget.objects.value
        self.poll.oids_per_request = min(learned, quirks.oids_per_get or learned)
        self.poll.repetitions = 0 if quirks.bulk is False else quirks.repetitions
        memory.port_key = quirks.port_key or "name"
        memory.no_ports = quirks.no_ports or ()
        memory.sensor_tables = found.profile.sensor_tables
        return found

    async def _identify(self, facts: SystemFacts, found: Recognition) -> None:
        memory = self._memory
        if not memory.inspected:
            failures = self.poll.failures
            memory.hardware = await read_hardware(self.poll)
            memory.nameplate = await read_nameplate(self.poll)
            memory.sayings = await read_sayings(self.poll, found.profile)
            memory.inspected = self.poll.failures == failures
        self.identity = decode_identity(
            facts, memory.hardware, memory.nameplate, found, memory.sayings
        )
        if not self.poll.ended:
            self._keep([self.identity.reading()])
