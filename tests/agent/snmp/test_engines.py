"""Which library asks which device."""

from __future__ import annotations

import sys
import time

import pytest

from agent.snmp.engines import Engines
from agent.snmp.gufo import GufoSession
from agent.snmp.pysnmp import PysnmpSession
from agent.snmp.session import Access, Session
from telemetry.errors import ConfigError
from tests.agent.snmp.recorded import answering, device
from tests.agent.snmp.session_trial import COMMUNITY, SMALL, UP_TIME

pytestmark = pytest.mark.anyio


async def opened(name: str) -> type[Session]:
    """The kind of session that the engine `name` opens; it must work."""
    async with answering(device(SMALL)) as port:
        until = time.monotonic() + 5
        access = Access("127.0.0.1", port, COMMUNITY, 1.0, 0, until)
        session = await Engines(time.monotonic).open(name, access)
        assert await session.get([UP_TIME]) == {UP_TIME: 5}
        session.close()
    return type(session)


async def test_by_name() -> None:
    assert await opened("gufo") is GufoSession
    assert await opened("pysnmp") is PysnmpSession
    assert await opened("auto") is GufoSession


async def test_auto_without_the_compiled_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no wheel of gufo_snmp fits the machine, devices are asked all the same."""
    monkeypatch.setitem(sys.modules, "agent.snmp.gufo", None)
    assert await opened("auto") is PysnmpSession
    with pytest.raises(ConfigError, match="the SNMP engine gufo cannot be used here"):
        await opened("gufo")


async def test_no_portable_engine_either(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "agent.snmp.pysnmp", None)
    with pytest.raises(ConfigError, match="the SNMP engine pysnmp cannot be used here"):
        await opened("pysnmp")
