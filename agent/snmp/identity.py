"""What a device is: vendor, model, system, serial number and profile, out of what it says."""

from __future__ import annotations

import re
from dataclasses import dataclass

from agent.snmp.entity import Hardware, said
from agent.snmp.poll import Cells, Poll
from agent.snmp.system import SystemFacts
from agent.snmp.values import text
from inventory.device_class import DeviceClass
from inventory.profile import GENERIC, Profile, ProfileIdentity, Recognition, Saying
from telemetry.catalogue import DEVICE_INFO
from telemetry.sample import Reading

ENTERPRISES = "1.3.6.1.4.1."
UPS_MAKER, UPS_MODEL = "1.3.6.1.2.1.33.1.1.1.0", "1.3.6.1.2.1.33.1.1.2.0"

_VENDORS = {
    9: "Cisco", 11: "HP", 43: "3Com", 171: "D-Link", 207: "Allied Telesis", 232: "HP",
    311: "Microsoft", 318: "APC", 476: "Vertiv", 534: "Eaton", 637: "Nokia", 674: "Dell",
    705: "Eaton", 890: "Zyxel", 935: "Phoenixtec", 1588: "Brocade", 1916: "Extreme",
    1991: "Brocade", 2011: "Huawei", 2254: "Delta", 2636: "Juniper", 2684: "Polycom",
    3320: "BDCOM", 3808: "CyberPower", 3902: "ZTE", 4526: "Netgear", 4881: "Ruijie",
    5596: "Cisco", 5651: "Maipu", 5875: "FiberHome", 6339: "Digital China", 6574: "Synology",
    6876: "VMware", 7367: "DrayTek", 11863: "TP-Link", 12148: "Eltek",
    12356: "Fortinet", 13400: "Emerson", 13885: "Polycom", 14823: "Aruba", 14988: "MikroTik",
    20542: "Sierra Wireless", 20992: "Cradlepoint", 24681: "QNAP", 25053: "Ruckus",
    25461: "Palo Alto Networks", 25506: "H3C", 35047: "Sangfor",
    37950: "V-SOL", 39165: "Hikvision", 41112: "Ubiquiti", 47196: "Aruba", 48690: "Teltonika",
    50001: "Hikvision",
}  # fmt: skip
"""IANA enterprise numbers, for devices that no profile claims."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What a device is, as far as it says; texts are clean, empty where unknown.

    profile: the id of its family. class_: what the family is for. why: by what it was recognised.
    """

    vendor: str = ""
    model: str = ""
    os: str = ""
    serial: str = ""
    profile: str = GENERIC
    class_: DeviceClass = DeviceClass.OTHER
    why: str = ""

    @property
    def recognised(self) -> bool:
        """Whether it is known what the device is for: by its profile, or by the tables that it has."""
        by_profile = self.profile not in ("", GENERIC)
        return by_profile or self.class_ is not DeviceClass.OTHER

    def reading(self) -> Reading:
        """The reading of `device_info`."""
        return DEVICE_INFO.reading(
            1,
            vendor=self.vendor,
            model=self.model,
            os=self.os,
            serial=self.serial,
            profile=self.profile,
        )


async def read_nameplate(poll: Poll) -> Cells:
    """Maker and model as a UPS says them, for those without ENTITY-MIB."""
    return await poll.scalars("UPS nameplate", (UPS_MAKER, UPS_MODEL))


async def read_sayings(poll: Poll, profile: Profile) -> Cells:
    """What the device says at the places that its profile names."""
    oids = [saying.oid for saying in _sayings(profile.identity).values() if saying.oid]
    return await poll.cells("identity", oids) if oids else {}


def decode_identity(
    facts: SystemFacts, hardware: Hardware, nameplate: Cells, found: Recognition, sayings: Cells
) -> Identity:
    """The identity of a device that was recognised as `found`.

    The vendor is the profile's, else the owner of the sysObjectID, which is spelt the same for all
    devices, else what the device says. Its words are those at the profile's places, else of ENTITY-MIB.
    """
    words = {
        name: said(_word(saying, facts.descr, sayings))
        for name, saying in _sayings(found.profile.identity).items()
    }
    return Identity(
        vendor=found.vendor
        or vendor_of(facts.object_id)
        or hardware.maker
        or said(text(nameplate.get(UPS_MAKER))),
        model=words.get("model") or hardware.model or said(text(nameplate.get(UPS_MODEL))),
        os=words.get("version") or hardware.software or facts.descr,
        serial=words.get("serial") or hardware.serial,
        profile=found.profile.id,
        class_=found.class_,
        why=found.why,
    )


def _sayings(identity: ProfileIdentity) -> dict[str, Saying]:
    named = {name: getattr(identity, name) for name in ProfileIdentity.model_fields}
    return {name: saying for name, saying in named.items() if saying is not None}


def _word(saying: Saying, descr: str, sayings: Cells) -> str:
    if saying.oid is not None:
        return text(sayings.get(saying.oid)).strip()
    found = re.search(saying.descr or "", descr, re.IGNORECASE)
    return found[1].strip() if found and found[1] else ""


def vendor_of(object_id: str) -> str:
    """The owner of the enterprise number in a sysObjectID, where a district may meet it."""
    if not object_id.startswith(ENTERPRISES):
        return ""
    number = object_id.removeprefix(ENTERPRISES).split(".")[0]
    return _VENDORS.get(int(number), "") if number.isdigit() else ""
