"""Every recording of snmpsim-data is polled: none brings us down, nearly all are taken for what they are."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from tests.agent.snmp.devices_table import PAGE, Row, names, page, row_of

EXPECTED = Path(__file__).parent / "devices_expected.tsv"
"""Class and vendor of each recording, judged by a person by what its sysDescr and sysObjectID say."""


# Every line of 116 recordings is read: counting that for coverage would take minutes and tell nothing.
pytestmark = [pytest.mark.no_cover, pytest.mark.timeout(300)]


@cache
def polled_rows() -> list[Row]:
    """Every recording, polled once."""
    return [row_of(name) for name in names()]


def test_the_page_says_what_comes_out() -> None:
    """docs/devices.md is what a poll of every recording yields, and no poll failed.

    When it is not: `python -m tests.agent.snmp.devices_table --write`, and look at what changed.
    """
    rows = polled_rows()
    assert len(rows) == 116
    assert [row.recording for row in rows if row.failure is not None] == []
    assert PAGE.read_text(encoding="utf-8") == page(rows)


def test_nine_of_ten_are_taken_for_what_they_are() -> None:
    """Class and vendor at once."""
    rows = polled_rows()
    lines = EXPECTED.read_text(encoding="utf-8").splitlines()
    expected = {name: (class_, vendor) for name, class_, vendor in (x.split("\t") for x in lines)}
    assert set(expected) == {row.recording for row in rows}
    wrong = [r.recording for r in rows if expected[r.recording] != (r.class_, r.vendor)]
    assert len(wrong) <= len(rows) // 10, wrong
