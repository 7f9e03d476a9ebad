"""`ltmon identify`: which profile and class a device would get, and why. Nothing is asked of any device."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from inventory.profile import Recognition

HELP = """Says which profile and class a device would get by what it says about itself, and why.

Where many makers ship one identity, the objects are named that a poll would ask to tell them apart.

Example: ltmon identify --sysobjectid 1.3.6.1.4.1.9.1.1208 --sysdescr "Cisco IOS Software, C2960X Software"
"""

SysObjectId = Annotated[
    str, typer.Option("--sysobjectid", metavar="OID", help="What SNMPv2-MIB::sysObjectID.0 says.")
]
SysDescr = Annotated[
    str, typer.Option("--sysdescr", metavar="TEXT", help="What SNMPv2-MIB::sysDescr.0 says.")
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object instead of sentences.")]


def register(app: typer.Typer) -> None:
    """Adds this part's command to the tree."""
    app.command("identify", help=HELP)(identify)


def identify(sysobjectid: SysObjectId, sysdescr: SysDescr = "", as_json: AsJson = False) -> None:
    """Prints the profile, the class, the vendor and the reason."""
    from inventory.profile import probes_for, recognise
    from inventory.profile_match import Said
    from telemetry.errors import ConfigError
    from telemetry.labels import clean_text

    oid = sysobjectid.strip().strip(".")
    if not all(arc.isdigit() for arc in oid.split(".")):
        raise ConfigError(
            "--sysobjectid: expected an object identifier in figures such as "
            f'1.3.6.1.4.1.9.1.1208, found "{clean_text(oid, 60)}".'
        )
    said = Said(oid, sysdescr)
    verdict = _verdict(recognise(said), probes_for(said))
    if as_json:
        print(json.dumps(verdict, ensure_ascii=False))
    else:
        _tell(verdict)


def _verdict(found: Recognition, probes: tuple[str, ...]) -> dict[str, Any]:
    from inventory.profile import cost, unproven

    return {
        "profile": found.profile.id,
        "text": found.profile.text,
        "class": found.class_.value,
        "vendor": found.vendor,
        "why": found.why,
        "probes": list(probes),
        "cost": cost(found.profile),
        "unproven": sorted(unproven(found.profile.id)),
    }


def _tell(verdict: dict[str, Any]) -> None:
    cost = verdict["cost"]
    print(f"profile: {verdict['profile']} ({verdict['text']})")
    print(f"class:   {verdict['class']}")
    print(f"vendor:  {verdict['vendor'] or 'what the device says itself'}")
    print(f"why:     {verdict['why']}")
    print(
        f"cost:    beyond the standard MIBs {cost['fast']} objects every poll, "
        f"{cost['medium']} every five minutes, {cost['slow']} every hour"
    )
    if verdict["unproven"]:
        print(
            f"shown but never alarming, no real device has proven it: {', '.join(verdict['unproven'])}"
        )
    if verdict["probes"]:
        print(f"a poll would also ask, and may then know better: {', '.join(verdict['probes'])}")
