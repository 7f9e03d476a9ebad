"""Which family a device belongs to, from what it says."""

from __future__ import annotations

import pytest

from inventory.device import DeviceClass
from inventory.profile import GENERIC, Match, Profile, identify, shipped_profiles


@pytest.mark.parametrize(
    ("sysobjectid", "sysdescr", "profile"),
    [
        ("1.3.6.1.4.1.14988.1", "RouterOS RB2011UiAS", "mikrotik-routeros"),
        (
            "1.3.6.1.4.1.9.1.617",
            "Cisco IOS Software, C3560 Software (C3560-IPBASE-M)",
            "cisco-ios-switch",
        ),
        (".1.3.6.1.4.1.2011.2.23.276", "S5720-36C-EI-AC Huawei Versatile Routing", "huawei-vrp"),
        ("1.3.6.1.4.1.318.1.3.27", "APC Web/SNMP Management Card", "apc-ups"),
        ("1.3.6.1.4.1.9.1.283", "Cisco Internetwork Operating System", "cisco-router"),
        ("1.3.6.1.4.1.9.12.3.1.3.1084", "Cisco NX-OS(tm) n5000, Software", "cisco-nxos"),
        ("1.3.6.1.4.1.25506.11.1.24", "HP Comware Platform Software", "h3c-comware"),
        ("1.3.6.1.4.1.8072.3.2.10", "Linux Teltonika-RUT955 4.14", "teltonika"),
        ("1.3.6.1.4.1.2684", "Videoconferencing Device", "poly-endpoint"),
        ("1.3.6.1.4.1.2011.2.224.133", "AR169FGW-L", "huawei-ar-cell"),
        ("1.3.6.1.2.1.33", "CS141 SNMP/WEB Adapter", "ups-mib"),
        ("1.3.6.1.4.1.20110.2", "arc boundary", GENERIC),
        ("1.3.6.1.4.1.8072.3.2.10", "Linux", "linux"),
        ("", "", GENERIC),
    ],
)
def test_a_device_gets_its_family(sysobjectid: str, sysdescr: str, profile: str) -> None:
    """By sysObjectID on arc boundaries and words in sysDescr."""
    assert identify(sysobjectid, sysdescr).id == profile


def test_the_longest_prefix_wins_and_words_break_ties() -> None:
    """Whatever the order of the files."""
    wide = Profile(id="wide", text="W", class_=DeviceClass.OTHER, match=(Match(oid="1.3.6"),))
    long = Profile(id="long", text="L", class_=DeviceClass.OTHER, match=(Match(oid="1.3.6.1.4"),))
    word = Profile(
        id="word", text="D", class_=DeviceClass.OTHER, match=(Match(oid="1.3.6", descr="vpn"),)
    )
    for known in ([wide, long, word], [word, long, wide]):
        assert identify("1.3.6.1.4.1.9", "a VPN box", known).id == "long"
        assert identify("1.3.6.2", "a VPN box", known).id == "word"
        assert identify("1.3.6.2", "other", known).id == "wide"


def test_the_shipped_profiles_are_whole() -> None:
    """Ids are the file names, each once; one is generic."""
    ids = [profile.id for profile in shipped_profiles()]
    assert GENERIC in ids
    assert len(ids) == len(set(ids)) >= 6
