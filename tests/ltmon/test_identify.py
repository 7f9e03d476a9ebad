"""`ltmon identify`: profile, class, vendor and why."""

from __future__ import annotations

import json

import pytest

from ltmon.identify_command import identify
from telemetry.errors import ConfigError


def test_a_verdict_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    """With the reason, the cost and what is unproven."""
    identify("1.3.6.1.4.1.13885.1", "Videoconferencing Device")
    said = capsys.readouterr().out
    assert "profile: poly-endpoint (Poly" in said
    assert "class:   vc_endpoint" in said
    assert "why:     sysObjectID is under 1.3.6.1.4.1.13885" in said
    assert "objects every poll" in said
    assert "never alarming" in said
    assert "conference_call_loss_ratio" in said


def test_a_verdict_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    """A shared identity names the objects that a poll would ask."""
    identify(".1.3.6.1.4.1.8072.3.2.10", "Linux box", as_json=True)
    verdict = json.loads(capsys.readouterr().out)
    assert (verdict["profile"], verdict["class"]) == ("linux", "server")
    assert "1.3.6.1.4.1.48690.1.3.0" in verdict["probes"]
    assert verdict["unproven"] == []
    assert verdict["cost"]["medium"] == 1


def test_what_is_no_oid(capsys: pytest.CaptureFixture[str]) -> None:
    """One sentence."""
    with pytest.raises(
        ConfigError, match=r'--sysobjectid: expected an object identifier .* "cisco"'
    ):
        identify("cisco")
