"""What a device is made of: ENTITY-MIB (RFC 6933) and the states of ENTITY-STATE-MIB (RFC 4268)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from agent.snmp.oid import index_of, under
from agent.snmp.poll import Cells, Poll
from agent.snmp.session import WalkLimits
from agent.snmp.values import text, whole

ENTITY = "1.3.6.1.2.1.47.1.1.1.1"
DESCR, PARENT, CLASS, NAME = f"{ENTITY}.2", f"{ENTITY}.4", f"{ENTITY}.5", f"{ENTITY}.7"
SOFTWARE, SERIAL, MAKER, MODEL = f"{ENTITY}.10", f"{ENTITY}.11", f"{ENTITY}.12", f"{ENTITY}.13"
ALIAS_MAPPING = "1.3.6.1.2.1.47.1.3.2.1.2"
IF_INDEX = "1.3.6.1.2.1.2.2.1.1"
OPER_STATE = "1.3.6.1.2.1.131.1.1.1.3"
CHASSIS, POWER_SUPPLY, FAN = 3, 6, 7

_LIMITS = WalkLimits(rows=6000, seconds=30.0)
_NOTHING = re.compile(r"^(n/?a|none|unknown|not available|unspecified|0*|[\s.\-]*)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Hardware:
    """What ENTITY-MIB said; empty where the device has none.

    classes: entPhysicalClass by entPhysicalIndex. ports: ifIndex by entPhysicalIndex. The chassis'
    own words are clean text.
    """

    classes: Mapping[str, int] = field(default_factory=dict)
    ports: Mapping[str, str] = field(default_factory=dict)
    maker: str = ""
    model: str = ""
    serial: str = ""
    software: str = ""


async def read_hardware(poll: Poll) -> Hardware:
    """The device's parts and the words of its first chassis. Costs a walk: not for every poll."""
    found = await poll.column("entPhysicalClass", CLASS, _LIMITS)
    classes = {index: kind for index, value in found.items() if (kind := whole(value)) is not None}
    if not classes:
        return Hardware()
    chassis = next((index for index, kind in classes.items() if kind == CHASSIS), min(classes))
    words = await poll.rows("chassis", (SOFTWARE, SERIAL, MAKER, MODEL, NAME, DESCR), [chassis])
    mapping = await poll.column("entAliasMapping", ALIAS_MAPPING, _LIMITS)
    return Hardware(
        classes,
        {
            index.split(".")[0]: index_of(pointer, IF_INDEX)
            for index, pointer in mapping.items()
            if isinstance(pointer, str) and under(pointer, IF_INDEX)
        },
        **decode_chassis(words.get(chassis, {})),
    )


def decode_chassis(cells: Cells) -> dict[str, str]:
    """Maker, model, serial and software; texts such as `N/A` count as nothing."""
    columns = {"maker": MAKER, "model": MODEL, "serial": SERIAL, "software": SOFTWARE}
    return {key: said(text(cells.get(column))) for key, column in columns.items()}


def said(words: str) -> str:
    """`words`, or nothing where a device only says that it does not know."""
    return "" if _NOTHING.match(words) else words
