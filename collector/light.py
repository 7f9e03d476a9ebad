"""No light at all is no dim light: something is off or cut, and other signs tell which."""

from __future__ import annotations

from collector.fact import Fact
from collector.history import DARK_DBM
from collector.rule import Reading
from collector.state import TargetState


def is_lit(fact: Fact, target: TargetState, reading: Reading) -> bool:
    """Whether there is any light."""
    return not is_dark(fact)


def is_dark(fact: Fact) -> bool:
    """Whether there is none."""
    return fact.value <= DARK_DBM
