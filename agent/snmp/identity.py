"""What a device is: vendor, model, system, serial number and profile, out of what it says."""

from __future__ import annotations

from dataclasses import dataclass

from agent.snmp.entity import Hardware, said
from agent.snmp.poll import Cells, Poll
from agent.snmp.system import SystemFacts
from agent.snmp.values import text
from inventory.profile import GENERIC, identify
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
    """What a device is, as far as it says; texts are clean, empty where unknown."""

    vendor: str = ""
    model: str = ""
    os: str = ""
    serial: str = ""
    profile: str = GENERIC

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


def decode_identity(
    facts: SystemFacts, hardware: Hardware, nameplate: Cells, profile: str = "auto"
) -> Identity:
    """The identity. `profile`: the one that the inventory names, or `auto`.

    The vendor is the profile's, else the owner of the sysObjectID, which is spelt the same for all
    devices, else what the device says.
    """
    family = identify(facts.object_id, facts.descr)
    return Identity(
        vendor=family.vendor
        or vendor_of(facts.object_id)
        or hardware.maker
        or said(text(nameplate.get(UPS_MAKER))),
        model=hardware.model or said(text(nameplate.get(UPS_MODEL))),
        os=hardware.software or facts.descr,
        serial=hardware.serial,
        profile=family.id if profile == "auto" else profile,
    )


def vendor_of(object_id: str) -> str:
    """The owner of the enterprise number in a sysObjectID, where a district may meet it."""
    if not object_id.startswith(ENTERPRISES):
        return ""
    number = object_id.removeprefix(ENTERPRISES).split(".")[0]
    return _VENDORS.get(int(number), "") if number.isdigit() else ""
