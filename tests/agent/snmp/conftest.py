"""net-snmp's agent for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.snmpd import Snmpd, running_snmpd


@pytest.fixture(scope="session")
def snmpd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snmpd]:
    """One for all tests: nothing that they do changes it."""
    with running_snmpd(tmp_path_factory.mktemp("snmpd")) as running:
        yield running
