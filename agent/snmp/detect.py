"""Who answers: the family of a device, by what it says, and where many say the same, by what only it has."""

from __future__ import annotations

from collections.abc import Mapping

from agent.snmp.poll import Poll
from agent.snmp.session import Oid, Value
from agent.snmp.system import SystemFacts
from agent.snmp.values import text, whole
from inventory.device_class import DeviceClass
from inventory.profile import (
    GENERIC,
    Profile,
    Recognition,
    probes_for,
    profile_of,
    recognise,
)
from inventory.profile_match import Said

AUTO = "auto"
PRINTER_SERIAL = "1.3.6.1.2.1.43.5.1.1.17.1"
UPS_MAKER = "1.3.6.1.2.1.33.1.1.1.0"
BRIDGE_PORTS = "1.3.6.1.2.1.17.1.2.0"
FORWARDING = "1.3.6.1.2.1.4.1.0"
HOST_MEMORY = "1.3.6.1.2.1.25.2.2.0"
TABLES = (PRINTER_SERIAL, UPS_MAKER, BRIDGE_PORTS, FORWARDING, HOST_MEMORY)


async def detect(poll: Poll, facts: SystemFacts, pinned: str) -> Recognition:
    """The family of the device. A profile that the inventory names (`pinned`) is taken as it is.

    At most two requests, and none where the device says plainly who made it.
    """
    named = profile_of(pinned) if pinned != AUTO else None
    if named is not None:
        return Recognition(named, named.class_, named.vendor, "the inventory names it")
    said = Said(facts.object_id, facts.descr)
    probes = probes_for(said)
    if probes:
        answers = await poll.scalars("who are you", probes)
        # What it answers in nothing but blanks, it answers not.
        words = {oid: text(value) for oid, value in answers.items()}
        said = Said(facts.object_id, facts.descr, {o: w for o, w in words.items() if w.strip()})
    found = recognise(said)
    if found.profile.id != GENERIC:
        return found
    class_ = class_by_tables(await poll.scalars("which tables", TABLES))
    return Recognition(found.profile, class_ or found.class_, found.vendor, found.why)


def class_by_tables(cells: Mapping[Oid, Value]) -> DeviceClass | None:
    """What a device without a profile most likely is, by the standard tables that it has."""
    if PRINTER_SERIAL in cells:
        return DeviceClass.PRINTER
    if UPS_MAKER in cells:
        return DeviceClass.UPS
    if (whole(cells.get(BRIDGE_PORTS)) or 0) > 2:
        return DeviceClass.LAN_SWITCH
    if HOST_MEMORY in cells:
        return DeviceClass.SERVER
    return DeviceClass.ROUTER if whole(cells.get(FORWARDING)) == 1 else None


def unknown() -> Recognition:
    """What a device is before it has said a word."""
    generic = profile_of(GENERIC) or Profile(id=GENERIC, text=GENERIC, class_=DeviceClass.OTHER)
    return Recognition(generic, generic.class_, "", "not asked yet")
