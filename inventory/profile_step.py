"""The steps by which a profile turns what a device sends into what the catalogue wants: a closed list."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema

from inventory.fields import expected
from inventory.problem import did_you_mean, shown

_OID = re.compile(r"^[0-2](\.(0|[1-9]\d{0,9})){2,127}$")

Raw = int | str
"""A value as a device sends it: a number, or a text compared without regard to capitals."""


def _oid(value: str) -> str:
    if _OID.match(value) and all(int(arc) < 1 << 32 for arc in value.split(".")):
        return value
    raise expected(
        f"expected an object identifier in figures such as 1.3.6.1.2.1.1.1.0, found {shown(value)}"
    )


Oid = Annotated[str, AfterValidator(_oid), WithJsonSchema({"type": "string"})]
"""An object identifier in figures, without a leading dot. Names need MIB files, which we do not read."""


class Argument(StrEnum):
    """What a step takes."""

    NOTHING = "nothing"
    NUMBER = "a number"
    OID = "an object identifier of the same row"
    VALUES = "a list of values"
    PATTERN = "a regular expression"
    TABLE = "a mapping of values to numbers"


STEPS: Mapping[str, Argument] = {
    "num": Argument.NOTHING,
    "num_in_brackets": Argument.NOTHING,
    "signed16": Argument.NOTHING,
    "signed32": Argument.NOTHING,
    "scale": Argument.NUMBER,
    "offset": Argument.NUMBER,
    "percent": Argument.NOTHING,
    "timeticks": Argument.NOTHING,
    "minutes": Argument.NOTHING,
    "mw_to_dbm": Argument.NOTHING,
    "uw_to_dbm": Argument.NOTHING,
    "neg_is_cdbm_else_uw": Argument.NOTHING,
    "ua_if_thousands_else_ma": Argument.NOTHING,
    "tenths_above": Argument.NUMBER,
    "in": Argument.VALUES,
    "matches": Argument.PATTERN,
    "map": Argument.TABLE,
    "ratio_of": Argument.OID,
    "free_of": Argument.OID,
    "share_with": Argument.OID,
    "ten_to_the": Argument.OID,
}
"""Every step by name, with what it takes. What each does is written in `agent/snmp/decode.py`."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step. number, oid, values, pattern, table: the one that its name takes, else empty."""

    name: str
    number: float = 0.0
    oid: str = ""
    values: tuple[Raw, ...] = ()
    pattern: str = ""
    table: tuple[tuple[Raw, float], ...] = ()


def _step(value: Any) -> Step:
    if isinstance(value, Step):
        return value
    if isinstance(value, dict) and len(value) == 1:
        ((name, argument),) = value.items()
    else:
        name, argument = value, None
    if not isinstance(name, str) or name not in STEPS:
        hint = did_you_mean(str(name), STEPS) or f"; expected one of {', '.join(STEPS)}"
        raise expected(f"there is no decoding step {shown(name)}{hint}")
    return _filled(name, argument)


def _filled(name: str, argument: Any) -> Step:
    wants = STEPS[name]
    filled = _listed(name, wants, argument) if isinstance(argument, list | dict) else None
    if wants is Argument.NOTHING and argument is None:
        filled = Step(name)
    elif wants is Argument.NUMBER and _number(argument):
        filled = Step(name, number=float(argument))
    elif wants is Argument.OID and isinstance(argument, str):
        filled = Step(name, oid=_oid(argument))
    elif wants is Argument.PATTERN and isinstance(argument, str):
        filled = Step(name, pattern=check_pattern(argument))
    if filled is not None:
        return filled
    found = "nothing" if argument is None else shown(argument)
    raise expected(f"the decoding step {name} takes {wants.value}, found {found}")


def _listed(name: str, wants: Argument, argument: list[Any] | dict[str, Any]) -> Step | None:
    if wants is Argument.VALUES and isinstance(argument, list):
        good = all(isinstance(item, int | str) for item in argument)
        return Step(name, values=tuple(argument)) if argument and good else None
    if wants is Argument.TABLE and isinstance(argument, dict):
        good = all(_number(item) for item in argument.values())
        table = tuple((_raw(key), float(item)) for key, item in argument.items() if good)
        return Step(name, table=table) if table else None
    return None


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _raw(key: Any) -> Raw:
    """Keys of mappings are texts in our YAML; a whole number among them is meant as one."""
    return int(key) if re.fullmatch(r"-?\d{1,19}", str(key)) else str(key)


def check_pattern(value: str) -> str:
    """`value`, when it is a regular expression. Raises the sentence to show when it is none."""
    try:
        re.compile(value)
    except re.error as error:
        raise expected(f"expected a regular expression, found {shown(value)}: {error}") from None
    return value


Pattern = Annotated[str, AfterValidator(check_pattern)]
"""A regular expression; capitals do not matter."""

StepField = Annotated[
    Step,
    BeforeValidator(_step),
    WithJsonSchema(
        {
            "anyOf": [
                {"enum": [n for n, a in STEPS.items() if a is Argument.NOTHING]},
                {"type": "object", "minProperties": 1, "maxProperties": 1},
            ]
        }
    ),
]
