"""Which notifications are known, and under which names they are counted: a closed list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from inventory.profile import Profile, shipped_profiles

SNMP_TRAPS = "1.3.6.1.6.3.1.1.5"
"""snmpTraps of SNMPv2-MIB (RFC 3418); RFC 3584 maps SNMPv1's generic traps to it."""
UPS_TRAPS = "1.3.6.1.2.1.33.2"
"""upsTraps of UPS-MIB (RFC 1628)."""

STANDARD: Mapping[str, str] = {
    f"{SNMP_TRAPS}.1": "coldStart",
    f"{SNMP_TRAPS}.2": "warmStart",
    f"{SNMP_TRAPS}.3": "linkDown",
    f"{SNMP_TRAPS}.4": "linkUp",
    f"{SNMP_TRAPS}.5": "authenticationFailure",
    f"{UPS_TRAPS}.1": "upsTrapOnBattery",
    f"{UPS_TRAPS}.2": "upsTrapTestCompleted",
    f"{UPS_TRAPS}.3": "upsTrapAlarmEntryAdded",
    f"{UPS_TRAPS}.4": "upsTrapAlarmEntryRemoved",
}


def plain(oid: str) -> str:
    """The identifier without the 0 before its last arc.

    On the way from SNMPv1 to v2 a 0 is put there whether or not the MIB has one (RFC 3584, 3.1), so the
    same notification of one device comes with it or without, by the version it speaks.
    """
    head, _, last = oid.rpartition(".")
    return f"{head.removesuffix('.0')}.{last}"


def names_in(profiles: Iterable[Profile]) -> dict[str, str]:
    """Name by plain identifier: the standard ones, and what profiles declare. The first one counts."""
    found = {plain(oid): name for oid, name in STANDARD.items()}
    for profile in profiles:
        for trap in profile.traps:
            found.setdefault(plain(trap.oid), trap.event)
            if trap.clear is not None:
                found.setdefault(plain(trap.clear), f"{trap.event} over")
    return found


def known_names() -> dict[str, str]:
    """Name by plain identifier, with all shipped profiles."""
    return names_in(shipped_profiles())
