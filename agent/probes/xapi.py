"""What a Cisco or Tandberg codec says of its call, its registration and what is plugged into it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from agent.address import Lookup
from agent.certificate import curious_context, fingerprint
from agent.probe import Reason, Result, Target
from agent.trial import CheckFailed, Trial
from agent.xapi import codec
from agent.xapi.conversation import Contexts, Conversation
from agent.xapi.status import Node
from inventory.check import XapiCheck
from telemetry.catalogue import (
    CONFERENCE_CALL_ACTIVE,
    CONFERENCE_PERIPHERAL_OK,
    CONFERENCE_REGISTERED,
)
from telemetry.errors import ConfigError
from telemetry.sample import Reading

UNIT = "/Status/SystemUnit"
SERVICES = ("/Status/SIP", "/Status/H323", "/Status/Webex")
CALLS = "/Status/MediaChannels"
PLUGS = ("/Status/Cameras", "/Status/Camera", "/Status/Audio", "/Status/Peripherals")


@dataclass(slots=True)
class _Memory:
    """One codec's past. said: who it is; counts: packets and lost ones per channel; used: sockets that
    held something; unknown: places that its software does not have.
    """

    target: Target
    said: Mapping[str, str] = field(default_factory=dict)
    counts: dict[str, tuple[int, int]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)


class XapiProbe:
    """Reads `conference_registered`, `conference_call_active`, loss and jitter of the call by direction and
    media, `conference_peripheral_ok` and, where nobody asks the codec by SNMP, who it is, its uptime and its
    temperature.

    One connection a check, eight short questions at most. A peripheral reads 0 only after it was once seen
    to be there.
    """

    def __init__(self) -> None:
        self._lookup = Lookup()
        self._contexts = Contexts()
        self._memories: dict[str, _Memory] = {}

    async def check(self, target: Target, options: XapiCheck, deadline: float) -> Result:
        """Asks once. Credentials that cannot be used are a result, too (AUTH)."""
        trial = Trial()
        seconds = min(deadline, options.timeout)
        result = await trial.run(self._ask(trial, target, options), seconds)
        said = self._memory_of(target).said
        if not said:
            return result
        return replace(result, profile=said["profile"], vendor=said["vendor"], model=said["model"])

    async def close(self) -> None:
        """Forgets every codec; connections end with each check."""
        self._memories.clear()

    async def _ask(self, trial: Trial, target: Target, options: XapiCheck) -> None:
        if target.login is None:
            raise CheckFailed(Reason.AUTH, f"{target.id} has no login for xapi in the inventory.")
        addresses = await self._lookup.permitted(target.address)
        trial.say(f"Asking {addresses[0]} as the user {target.login.user}.")
        try:
            async with Conversation(
                trial, target.address, addresses[0], options, target.login, self._contexts
            ) as talk:
                await _Reading(trial, talk, self._memory_of(target)).all()
        except ConfigError as error:
            raise CheckFailed(Reason.AUTH, str(error)) from error
        except ssl.SSLCertVerificationError:
            await _show_certificate(trial, addresses[0], target.address, options)
            raise

    def _memory_of(self, target: Target) -> _Memory:
        """The memory of the target; a new one when the inventory now says otherwise about it."""
        known = self._memories.get(target.id)
        if known is None or known.target != target:
            known = self._memories[target.id] = _Memory(target)
        return known


@dataclass(slots=True)
class _Reading:
    """One round of questions, and what is read from the answers."""

    trial: Trial
    talk: Conversation
    memory: _Memory

    async def all(self) -> None:
        unit = await self._unit()
        plate = codec.nameplate(unit)
        if plate.labels != self.memory.said:
            self.memory.said = plate.labels
            self.memory.unknown.clear()  # other software may know other places
        if self.memory.target.credentials is None:
            self._read(plate)
            self._read(*codec.uptime(unit), *codec.temperature(unit))
        self._registration([d for place in SERVICES if (d := await self._document(place))])
        calls = codec.active_calls(unit)
        if calls is not None:
            self._read(CONFERENCE_CALL_ACTIVE.reading(calls > 0))
        await self._quality(calls)
        plugs = [d for place in PLUGS if (d := await self._document(place))]
        self._read(*self._peripherals(plugs))

    async def _unit(self) -> Node:
        document = await self.talk.status(UNIT)
        unit = next(document.below("SystemUnit"), None) if document is not None else None
        if unit is None or not unit.children:
            raise CheckFailed(
                Reason.CONTENT, "It answers, but does not say what it is: is this a codec?"
            )
        return unit

    async def _document(self, place: str) -> Node | None:
        if place in self.memory.unknown:
            return None
        document = await self.talk.status(place)
        if document is None:
            self.memory.unknown.add(place)
        return document

    def _registration(self, documents: list[Node]) -> None:
        known = codec.registered(documents)
        if known is not None:
            self._read(CONFERENCE_REGISTERED.reading(known))
            self.trial.say("Registered for calls." if known else "Not registered for calls.")

    async def _quality(self, calls: int | None) -> None:
        """Without a call there are no channels; the question is saved."""
        document = None if calls == 0 else await self._document(CALLS)
        found = codec.channels(document) if document is not None else []
        self._read(*codec.call_quality(found, self.memory.counts))
        self.memory.counts = {channel.key: (channel.packets, channel.lost) for channel in found}
        self.trial.say(f"{calls if calls is not None else 'An unknown number of'} calls, "
                       f"{len(found)} streams.")  # fmt: skip

    def _peripherals(self, documents: list[Node]) -> Iterator[Reading]:
        sockets = codec.sockets(documents)
        self.memory.used |= {name for name, there in sockets.items() if there}
        used = {name: there for name, there in sockets.items() if name in self.memory.used}
        for name, good in {**used, **codec.attached(documents)}.items():
            yield CONFERENCE_PERIPHERAL_OK.reading(good, peripheral=name)

    def _read(self, *readings: Reading) -> None:
        for reading in readings:
            self.trial.read(reading)


async def _show_certificate(trial: Trial, address: str, name: str, options: XapiCheck) -> None:
    """Says which certificate it was that nobody vouches for: codecs sign theirs themselves."""
    try:
        _, writer = await asyncio.open_connection(
            address, options.port or 443, ssl=curious_context(), server_hostname=name
        )
    except OSError:
        return  # the verdict stands without it
    try:
        shown = fingerprint(writer.get_extra_info("ssl_object"))
    finally:
        writer.close()
    trial.say(
        f"The SHA-256 of its certificate is {shown}. If the codec's own page shows the same, write it "
        "into the check as pin."
    )
