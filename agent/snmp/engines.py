"""The engines by their name in the inventory: the only list, and who speaks to whom under `auto`."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from agent.snmp.session import Access, Engine, Session
from telemetry.errors import ConfigError


class Engines:
    """Opens sessions with the engine that the inventory names. `clock` counts seconds.

    An engine is loaded when the first device asks for it: pysnmp takes 0.4 s to load, and an office
    without it, or on a system without gufo_snmp's compiled part, pays for the other one only.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._loaded: dict[str, Engine] = {}

    async def open(self, name: str, access: Access) -> Session:
        """A session by the engine `name`. Raises ConfigError for a name that is none, and as `Engine`
        does.

        `auto` is gufo_snmp; pysnmp where that is not installed.
        """
        return await self._engine(name).open(access)

    def _engine(self, name: str) -> Engine:
        if name not in self._loaded:
            self._loaded[name] = self._load(name)
        return self._loaded[name]

    def _load(self, name: str) -> Engine:
        if name == "auto":
            try:
                return self._engine("gufo")
            except ConfigError:
                return self._engine("pysnmp")
        return _KINDS[name](self._clock) if name in _KINDS else _unknown(name)


def _gufo(clock: Callable[[], float]) -> Engine:
    try:
        module = import_module("agent.snmp.gufo")
    except ImportError as error:
        raise ConfigError(f"the SNMP engine gufo cannot be used here: {error}") from error
    made: Engine = module.GufoEngine(clock)
    return made


def _pysnmp(clock: Callable[[], float]) -> Engine:
    try:
        module = import_module("agent.snmp.pysnmp")
    except ImportError as error:
        raise ConfigError(f"the SNMP engine pysnmp cannot be used here: {error}") from error
    made: Engine = module.PysnmpEngine(clock)
    return made


_KINDS: dict[str, Callable[[Callable[[], float]], Engine]] = {"gufo": _gufo, "pysnmp": _pysnmp}


def _unknown(name: str) -> Engine:
    raise ConfigError(
        f"the SNMP engine {name} is not known, expected one of: auto, {', '.join(_KINDS)}"
    )
