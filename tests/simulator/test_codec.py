"""The simulated codecs, asked by the agent's own probe."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest

from agent.probe import Reason, Target
from agent.probes.xapi import XapiProbe
from inventory.check import XapiCheck
from inventory.credentials import Login
from inventory.load import example_folder, load_inventory
from simulator.codec import PASSWORD, USER, Codec
from simulator.host import TcpService
from simulator.roster import simulated_district
from simulator.services import Certificates, listen

pytestmark = pytest.mark.anyio


async def test_a_room_in_a_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who it is, that it is in a call, what the call loses; verified by the district's authority."""
    certificates = Certificates()
    certificates.save(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    codec = Codec("SX20", "S1", boot=time.time() - 99.0, called=time.time() - 60.0, loss=0.1)
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    service = TcpService(port, "xapi", names=("127.0.0.1",), codec=codec)
    login = Login(id="codec", user=USER, password=PASSWORD)  # type: ignore[arg-type]
    target = Target("room", "office", "vc_endpoint", "127.0.0.1", login=login)
    probe, options = XapiProbe(), XapiCheck(login="codec", port=port)
    server = await listen(service, listener, certificates)
    async with server:
        result = await probe.check(target, options, 10.0)
        codec.called, codec.registered = None, False
        after = await probe.check(target, options, 10.0)
        stranger = login.model_copy(update={"user": "nobody"})
        refused = await probe.check(Target("x", "s", "c", "127.0.0.1", login=stranger), options, 10)
    await probe.close()
    assert result.ok, result.working
    found = {"/".join((r.metric, *r.labels.values())): r.value for r in result.readings}
    assert result.model == "SX20"
    assert found["device_uptime_seconds"] >= 99
    assert found["conference_call_active"] == found["conference_registered"] == 1
    assert found["conference_call_loss_ratio/receive/audio"] == pytest.approx(0.1, abs=0.001)
    assert found["conference_peripheral_ok/camera 1"] == 1
    found = {r.metric: r.value for r in after.readings}
    assert found["conference_call_active"] == found["conference_registered"] == 0
    assert "conference_call_loss_ratio" not in found
    assert refused.reason is Reason.AUTH


def test_the_district_s_codecs() -> None:
    """Every room whose inventory asks by xapi has one, behind its own certificate."""
    inventory = load_inventory(example_folder())
    district = simulated_district(inventory, time.time())
    asked = [room.id for room in inventory.rooms if "xapi" in inventory.checks_of(room.id)]
    assert len(asked) == 7
    for id_ in asked:
        service = district.hosts[id_].services[443]
        assert (service.scheme, service.names) == ("xapi", (district.hosts[id_].address,))
        assert service.codec is not None
