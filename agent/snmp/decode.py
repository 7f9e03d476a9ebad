"""The decoding steps of the profiles: what a device sends, made into what the catalogue wants.

Each step is a function of the value so far, of the step's own argument and of the other cells of the row. It
gives None where there is nothing to believe; then the reading is absent, never 0.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping

from agent.snmp.poll import Cells
from agent.snmp.sensors import NO_LIGHT_DBM, dbm_of_watts
from agent.snmp.session import Value
from agent.snmp.values import number, text, whole
from inventory.profile_metric import ProfileMetric, States
from inventory.profile_step import Raw, Step

StepFunction = Callable[[Value, Step, Cells], Value | None]

_BRACKETS = re.compile(r"\(([^()]*)\)")


def decode(metric: ProfileMetric, value: Value | None, row: Cells) -> float | None:
    """The value of `metric` in base units; None where the device says nothing usable.

    `row`: the other cells that the steps name, by their column.
    """
    if value is None or is_one_of(value, metric.invalid):
        return None
    if is_one_of(value, metric.dark):
        return NO_LIGHT_DBM
    if metric.states is not None:
        return _state(value, metric.states)
    so_far: Value | None = value
    for step in metric.decode:
        if so_far is None:
            return None
        so_far = DECODERS[step.name](so_far, step, row)
    result = number(so_far)
    if result is None or not math.isfinite(result):
        return None
    low, high = metric.range or (-math.inf, math.inf)
    return result if low <= result <= high else None


def is_one_of(value: Value, listed: Iterable[Raw]) -> bool:
    """Whether `value` is among `listed`: numbers by value, also where they were sent as text; texts without
    regard to capitals and blanks around them."""
    figure, words = number(value), text(value).strip().casefold()
    return any(
        figure == item and _pure(value) if isinstance(item, int) else words == item.casefold()
        for item in listed
    )


def _pure(value: Value) -> bool:
    """Whether a text is a figure and nothing else: `1 fan failed` is not the figure 1."""
    return not isinstance(value, bytes | str) or bool(re.fullmatch(r"[-+.\d\s]+", text(value)))


def _state(value: Value, states: States) -> float | None:
    if is_one_of(value, states.ok):
        return 1.0
    return 0.0 if is_one_of(value, (*states.warn, *states.crit)) else None


def _num(value: Value, step: Step, row: Cells) -> float | None:
    """The first number in a text, with sign, decimal point or comma: `-106 dBm`, `15 PERCENT`."""
    return number(value)


def _num_in_brackets(value: Value, step: Step, row: Cells) -> float | None:
    """The number in round brackets: `0.03 mW (-14.61 dBm)`."""
    found = _BRACKETS.search(text(value))
    return number(found[1]) if found else None


def _signed16(value: Value, step: Step, row: Cells) -> int | None:
    """A figure sent unsigned that is a signed one of 16 bits."""
    figure = whole(value)
    return None if figure is None else (figure & 0xFFFF ^ 0x8000) - 0x8000


def _signed32(value: Value, step: Step, row: Cells) -> int | None:
    """A figure sent unsigned that is a signed one of 32 bits."""
    figure = whole(value)
    return None if figure is None else (figure & 0xFFFFFFFF ^ 0x80000000) - 0x80000000


def _scale(value: Value, step: Step, row: Cells) -> float | None:
    """Times a number. Fractions of ten divide, so that 282 tenths are 28.2 and not 28.200000000000003."""
    figure = number(value)
    if figure is None:
        return None
    inverse = 1 / step.number if step.number else 0.0
    if abs(step.number) < 1 and abs(inverse - round(inverse)) < 1e-6 * abs(inverse):
        return figure / round(inverse)
    return figure * step.number


def _offset(value: Value, step: Step, row: Cells) -> float | None:
    """Plus a number."""
    figure = number(value)
    return None if figure is None else figure + step.number


def _percent(value: Value, step: Step, row: Cells) -> float | None:
    """Hundredths of a whole."""
    return _over(number(value), 100)


def _timeticks(value: Value, step: Step, row: Cells) -> float | None:
    """Hundredths of a second (RFC 2578)."""
    return _over(number(value), 100)


def _minutes(value: Value, step: Step, row: Cells) -> float | None:
    """Minutes, as seconds."""
    figure = number(value)
    return None if figure is None else figure * 60


def _mw_to_dbm(value: Value, step: Step, row: Cells) -> float | None:
    """Milliwatts; none at all are darkness."""
    figure = number(value)
    return dbm_of_watts(figure / 1e3) if figure is not None and figure >= 0 else None


def _uw_to_dbm(value: Value, step: Step, row: Cells) -> float | None:
    """Microwatts; none at all are darkness."""
    figure = number(value)
    return dbm_of_watts(figure / 1e6) if figure is not None and figure >= 0 else None


def _neg_is_cdbm_else_uw(value: Value, step: Step, row: Cells) -> float | None:
    """Huawei: hundredths of dBm where negative, microwatts where positive; seen in one table."""
    figure = number(value)
    if not figure:
        return None
    return figure / 100 if figure < 0 else dbm_of_watts(figure / 1e6)


def _ua_if_thousands_else_ma(value: Value, step: Step, row: Cells) -> float | None:
    """Huawei's bias current in amperes: 7 to 30 are milliamperes, 7300 to 30240 microamperes."""
    figure = number(value)
    if figure is None or figure < 0:
        return None
    return figure / 1e6 if figure >= 1000 else figure / 1e3


def _tenths_above(value: Value, step: Step, row: Cells) -> float | None:
    """Figures above a limit are tenths: a mains voltage of 2369 is 236.9."""
    figure = number(value)
    return figure / 10 if figure is not None and figure > step.number else figure


def _in(value: Value, step: Step, row: Cells) -> float:
    """1 for the values listed, else 0."""
    return float(is_one_of(value, step.values))


def _matches(value: Value, step: Step, row: Cells) -> float:
    """1 for a text that holds the pattern, else 0."""
    return float(re.search(step.pattern, text(value), re.IGNORECASE) is not None)


def _map(value: Value, step: Step, row: Cells) -> float | None:
    """The number that stands beside the value; nothing for others."""
    return next((to for raw, to in step.table if is_one_of(value, (raw,))), None)


def _ratio_of(value: Value, step: Step, row: Cells) -> float | None:
    """Its share of another object."""
    return _over(number(value), number(row.get(step.oid)))


def _free_of(value: Value, step: Step, row: Cells) -> float | None:
    """What is in use, from what is free of a whole."""
    share = _over(number(value), number(row.get(step.oid)))
    return None if share is None else 1 - share


def _share_with(value: Value, step: Step, row: Cells) -> float | None:
    """Its share of itself and another object together: used of used and free."""
    figure, other = number(value), number(row.get(step.oid))
    return None if figure is None or other is None else _over(figure, figure + other)


def _ten_to_the(value: Value, step: Step, row: Cells) -> float | None:
    """Times ten to the power that another object names."""
    figure, power = number(value), whole(row.get(step.oid))
    if figure is None or power is None or abs(power) > 12:
        return None
    return float(figure * 10**power) if power >= 0 else float(figure / 10**-power)


def _over(figure: float | None, whole: float | None) -> float | None:
    return None if figure is None or not whole else figure / whole


DECODERS: Mapping[str, StepFunction] = {
    "num": _num,
    "num_in_brackets": _num_in_brackets,
    "signed16": _signed16,
    "signed32": _signed32,
    "scale": _scale,
    "offset": _offset,
    "percent": _percent,
    "timeticks": _timeticks,
    "minutes": _minutes,
    "mw_to_dbm": _mw_to_dbm,
    "uw_to_dbm": _uw_to_dbm,
    "neg_is_cdbm_else_uw": _neg_is_cdbm_else_uw,
    "ua_if_thousands_else_ma": _ua_if_thousands_else_ma,
    "tenths_above": _tenths_above,
    "in": _in,
    "matches": _matches,
    "map": _map,
    "ratio_of": _ratio_of,
    "free_of": _free_of,
    "share_with": _share_with,
    "ten_to_the": _ten_to_the,
}
"""Every step of `inventory.profile_step.STEPS`; a test compares both."""
