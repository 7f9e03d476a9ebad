"""The xAPI probe against real TLS servers that answer as codecs do, and as nobody should."""

from __future__ import annotations

import functools
import hashlib
import ssl
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from agent.probe import Reason, Result, Target
from agent.probes.xapi import XapiProbe
from agent.xapi.status import MOST_DEPTH, MOST_NODES, read_status
from inventory.check import XapiCheck
from inventory.credentials import Credentials, Login
from telemetry.catalogue import CATALOGUE
from tests.agent.fake_codec import (
    CE9,
    PASSWORD,
    USER,
    FakeCodec,
    ce9,
    channel,
    codec_running,
    media,
    tc7,
)

pytestmark = pytest.mark.anyio

LOGIN = Login(id="codec", user=USER, password=PASSWORD)  # type: ignore[arg-type]
ROOM = Target("room", "office", "vc_endpoint", "127.0.0.1", login=LOGIN)


@functools.cache
def certified() -> tuple[ssl.SSLContext, str]:
    """A server's context with a certificate that nobody vouches for, and its fingerprint."""
    certificate = trustme.CA().issue_cert("127.0.0.1", "codec.example")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    der = ssl.PEM_cert_to_DER_cert(certificate.cert_chain_pems[0].bytes().decode())
    return context, hashlib.sha256(der).hexdigest()


async def asked(
    codec: FakeCodec, probe: XapiProbe | None = None, target: Target = ROOM, **options: object
) -> Result:
    """One check of the codec over TLS, with its certificate pinned unless the options say otherwise."""
    context, pin = certified()
    async with codec_running(codec, context) as port:
        how = {"login": "codec", "port": port, "pin": pin, "timeout": 5.0} | options
        return await (probe or XapiProbe()).check(target, XapiCheck.model_validate(how), 5.0)


def values(result: Result) -> dict[str, float]:
    """Readings by name and labels."""
    return {
        "/".join((reading.metric, *reading.labels.values())): reading.value
        for reading in result.readings
        if reading.metric != "device_info"
    }


def info(result: Result) -> dict[str, str]:
    (reading,) = [r for r in result.readings if r.metric == "device_info"]
    return dict(reading.labels)


async def test_an_old_codec_at_rest() -> None:
    """TC7: who it is, how warm, registered by SIP though H.323 is off, no call, no channels asked."""
    codec = FakeCodec(tc7())
    result = await asked(codec)
    assert (result.ok, result.profile, result.vendor) == (True, "cisco-codec", "Cisco"), result
    assert info(result) == {
        "vendor": "Cisco",
        "model": "Cisco TelePresence Codec C40",
        "os": "TC7.3.21.4f33ee8",
        "serial": "B1AB23C00123",
        "profile": "cisco-codec",
    }
    assert values(result) == {
        "device_uptime_seconds": 1234567,
        "device_temperature_celsius/system": 61.5,
        "conference_registered": 1,
        "conference_call_active": 0,
        "conference_peripheral_ok/camera 1": 1,
        "conference_peripheral_ok/microphone 1": 1,
    }
    assert codec.connections == 1
    assert "/Status/MediaChannels" not in codec.asked
    for reading in result.readings:
        assert set(reading.labels) == set(CATALOGUE[reading.metric].labels)
    assert PASSWORD not in str(result)


async def test_a_newer_codec_in_a_call_with_loss() -> None:
    """CE9: loss is what was lost since the last poll, of a stream that is new what the codec saw last."""
    probe, codec = XapiProbe(), FakeCodec()
    codec.documents = ce9(
        calls=1,
        MediaChannels=media(
            channel(3, "Incoming", "Audio", 9_000, 1_000, 8),
            channel(4, "Outgoing", "Audio", 10_000, 500, 4, last=(240, 10)),
            channel(5, "Incoming", "Video", 50_000, 0, 12, role="Main", last=(0, 0)),
            channel(6, "Outgoing", "Video", 0, 0, 0, role="Presentation"),
            channel(7, "Sideways", "Video", 1, 1, 1),
        ),
    )
    first = values(await asked(codec, probe))
    assert first["conference_call_active"] == 1
    assert first["conference_call_loss_ratio/receive/audio"] == 0.1
    assert first["conference_call_loss_ratio/transmit/audio"] == 0.04
    assert first["conference_call_loss_ratio/receive/video"] == 0
    assert first["conference_call_jitter_seconds/receive/audio"] == 0.008
    assert first["conference_call_jitter_seconds/transmit/presentation"] == 0
    assert "conference_call_loss_ratio/transmit/presentation" not in first
    assert first["conference_peripheral_ok/TouchPanel"] == 1
    codec.documents = ce9(
        calls=1,
        MediaChannels=media(
            channel(3, "Incoming", "Audio", 9_950, 1_050, 8),
            channel(4, "Outgoing", "Audio", 11_000, 550, 4, last=(250, 0)),
            channel(5, "Incoming", "Video", 400, 100, 12, role="Main"),  # began anew
        ),
    )
    # The port is another one, but the inventory says the same of the target: the memory holds.
    second = values(await asked(codec, probe))
    assert second["conference_call_loss_ratio/receive/audio"] == 0.05
    assert second["conference_call_loss_ratio/transmit/audio"] == 0.05
    assert second["conference_call_loss_ratio/receive/video"] == 0.2


@pytest.mark.parametrize(
    ("sip", "gatekeeper", "expected"),
    [
        ("Failed", "Registered", 1),
        ("Failed", "Inactive", 0),
        ("Registering", "Inactive", None),
        ("", "", None),
    ],
)
async def test_registration(sip: str, gatekeeper: str, expected: float | None) -> None:
    """One registration is enough; one on its way is no answer yet; where nothing is said there is none."""
    documents = ce9(
        SIP=f"<SIP><Registration><Status>{sip}</Status></Registration></SIP>",
        H323=f"<H323><Gatekeeper><Status>{gatekeeper}</Status></Gatekeeper></H323>",
        Webex="",
    )
    assert values(await asked(FakeCodec(documents))).get("conference_registered") == expected


async def test_what_is_unplugged_is_noticed_what_never_was_there_is_not() -> None:
    """A camera that was there and a panel that no longer answers read 0; an empty socket reads nothing."""
    probe = XapiProbe()
    before = values(await asked(FakeCodec(tc7()), probe))
    gone = '<Camera item="1"><Connected>False</Connected></Camera>'
    panel = "<Peripherals>" + "".join(
        f'<ConnectedDevice item="{item}"><Type>TouchPanel</Type><Status>{status}</Status></ConnectedDevice>'
        for item, status in ((1001, "Connected"), (1002, "ResponseTimedOut"))
    )
    documents = tc7(Camera=gone, Peripherals=panel + "</Peripherals>")
    after = values(await asked(FakeCodec(documents), probe))
    assert "conference_peripheral_ok/camera 2" not in before
    assert after["conference_peripheral_ok/camera 1"] == 0
    assert after["conference_peripheral_ok/TouchPanel"] == 1
    assert after["conference_peripheral_ok/TouchPanel #2"] == 0


async def test_who_it_is_is_said_once() -> None:
    """A codec that is asked by SNMP as well has its name, uptime and heat from there."""
    snmp = Credentials(id="c", version="2c", community="public")  # type: ignore[arg-type]
    result = await asked(FakeCodec(tc7()), target=replace(ROOM, credentials=snmp))
    metrics = {reading.metric for reading in result.readings}
    assert not metrics & {"device_info", "device_uptime_seconds", "device_temperature_celsius"}
    assert result.profile == "cisco-codec"


async def test_places_that_the_software_does_not_know_are_asked_once() -> None:
    """404 for /Status/Webex on TC7 is an answer, and remembered."""
    probe, codec = XapiProbe(), FakeCodec(tc7())
    for _ in range(2):
        assert (await asked(codec, probe)).ok
    assert codec.asked.count("/Status/Webex") == 1
    assert codec.asked.count("/Status/SIP") == 2
    codec.documents = {**codec.documents, "/Status/SystemUnit": ce9()["/Status/SystemUnit"]}
    await asked(codec, probe)
    assert codec.asked.count("/Status/Webex") == 2  # it was updated: ask again


async def test_wrong_password() -> None:
    """Ends at the first refusal, so that no account is locked by many."""
    codec = FakeCodec()
    wrong = Login(id="codec", user=USER, password="wrong")  # type: ignore[arg-type]
    result = await asked(codec, target=replace(ROOM, login=wrong))
    assert (result.ok, result.reason) == (False, Reason.AUTH)
    assert len(codec.asked) == 1


async def test_no_login_and_a_password_that_is_not_there() -> None:
    """Both are told, and nobody is asked."""
    codec = FakeCodec()
    result = await asked(codec, target=replace(ROOM, login=None))
    assert result.reason is Reason.AUTH
    absent = Login.model_validate(
        {"id": "codec", "user": USER, "password": {"env": "LTMON_TEST_NOT_SET"}}
    )
    result = await asked(codec, target=replace(ROOM, login=absent))
    assert result.reason is Reason.AUTH
    assert "LTMON_TEST_NOT_SET" in result.working[-1]
    assert not codec.asked


async def test_a_certificate_that_nobody_vouches_for() -> None:
    """Without a pin nothing is sent, and the working says which fingerprint to compare."""
    codec = FakeCodec()
    result = await asked(codec, pin=None)
    assert result.reason is Reason.TLS
    assert any(certified()[1] in line for line in result.working), result.working
    assert not codec.logins


async def test_another_certificate_than_the_pinned_one() -> None:
    """Somebody in between gets no password."""
    codec = FakeCodec()
    result = await asked(codec, pin=":".join(["AB"] * 32))
    assert result.reason is Reason.TLS
    assert certified()[1] in result.working[-1]
    assert not codec.logins


async def test_verified_by_an_authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a certificate of the building's own authority no pin is needed."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    async with codec_running(FakeCodec(), context) as port:
        options = XapiCheck(login="codec", port=port, timeout=5.0)
        assert (await XapiProbe().check(ROOM, options, 5.0)).ok


async def test_not_verified_only_when_told() -> None:
    """verify_tls: false takes any certificate."""
    assert (await asked(FakeCodec(), pin=None, verify_tls=False)).ok


async def test_plain_http_only_when_told() -> None:
    """A codec that speaks no TLS gets no password, unless the inventory says so."""
    codec = FakeCodec()
    async with codec_running(codec, None) as port:
        # Long enough that connecting ends by its own share of the time, and not with the whole check.
        options = XapiCheck(login="codec", port=port, timeout=2.0)
        result = await XapiProbe().check(ROOM, options, 5.0)
        assert not result.ok
        assert not codec.logins
        told = options.model_copy(update={"plain_http": True, "timeout": 5.0})
        assert (await XapiProbe().check(ROOM, told, 5.0)).ok


async def test_redirects_are_not_followed() -> None:
    """The password stays with the codec."""
    codec = FakeCodec(
        raw=b"HTTP/1.1 302 Found\r\nLocation: https://elsewhere.example/\r\nContent-Length: 0\r\n\r\n"
    )
    result = await asked(codec)
    assert result.reason is Reason.STATUS
    assert "https://elsewhere.example/" in result.working[-1]


LAUGHS = """<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">]>
<Status><SystemUnit><ProductId>&lol2;</ProductId></SystemUnit></Status>"""


@pytest.mark.parametrize(
    ("unit", "reason"),
    [
        (LAUGHS, Reason.MALFORMED),
        ('<!DOCTYPE x SYSTEM "file:///etc/passwd"><Status/>', Reason.MALFORMED),
        ("<Status>" + "<a>" * 5000, Reason.MALFORMED),
        ("<Status>" + "<a/>" * (MOST_NODES + 1) + "</Status>", Reason.MALFORMED),
        ("<Status><SystemUnit></Status>", Reason.MALFORMED),
        ("<html><body>Sign in</body></html>", Reason.MALFORMED),
        ("", Reason.MALFORMED),
        ("\x00\xff nonsense", Reason.MALFORMED),
        ("<Status/>", Reason.CONTENT),
        (CE9.format("<SystemUnit/>"), Reason.CONTENT),
    ],
)
async def test_hostile_and_empty_documents(unit: str, reason: Reason) -> None:
    """Each is a counted reason."""
    result = await asked(FakeCodec({"/Status/SystemUnit": unit}))
    assert (result.ok, result.reason) == (False, reason), result.working
    assert not result.readings


@pytest.mark.parametrize(
    ("raw", "endless", "reason"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n<Status>", b" " * 65_536, Reason.MISBEHAVING),
        (b"HTTP/1.1 200 OK\r\nX: ", b"y" * 65_536, Reason.MALFORMED),
        (b"SIP/2.0 200 OK\r\n\r\n", b"", Reason.MALFORMED),
        (b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n", b"", Reason.STATUS),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\n", b"", Reason.MALFORMED),
    ],
)
async def test_answers_that_are_none(raw: bytes, endless: bytes, reason: Reason) -> None:
    """Endless ones are ended by us, broken ones are told apart."""
    result = await asked(FakeCodec(raw=raw, endless=endless))
    assert (result.ok, result.reason) == (False, reason), result.working


async def test_silence() -> None:
    """A codec that takes the question and never answers costs its timeout and no more."""
    result = await asked(FakeCodec(raw=b""), timeout=0.3)
    assert result.reason is Reason.TIMEOUT
    assert result.seconds < 4


async def test_figures_that_are_none() -> None:
    """Nonsense where a figure belongs gives no reading, never 0."""
    unit = (
        "<SystemUnit><ProductId>C\u202ex</ProductId><Uptime>-3</Uptime><Hardware><Temperature>hot"
        "</Temperature></Hardware><State><NumberOfActiveCalls>9e9</NumberOfActiveCalls></State></SystemUnit>"
    )
    nonsense = media(
        '<Channel item="1"><Direction>Incoming</Direction><Type>Audio</Type><Netstat>'
        f"<Packets>-1</Packets><Loss>{'9' * 400}</Loss><Jitter>NaN</Jitter></Netstat></Channel>"
    )
    documents = ce9(SystemUnit=unit, MediaChannels=nonsense)
    result = await asked(FakeCodec(documents))
    assert result.ok
    metrics = {reading.metric for reading in result.readings}
    assert info(result)["model"] == "Cx"
    assert not metrics & {"device_uptime_seconds", "device_temperature_celsius"}
    assert "conference_call_jitter_seconds" not in metrics
    assert values(result).get("conference_call_loss_ratio/receive/audio") is None


def test_depth_is_bounded_where_it_is_said() -> None:
    """The deepest document that is still read."""
    deepest = "<Status>" + "<a>" * (MOST_DEPTH - 1) + "</a>" * (MOST_DEPTH - 1) + "</Status>"
    assert next(read_status(deepest.encode()).anywhere("a")).name == "a"
    with pytest.raises(ValueError, match="nested deeper"):
        read_status(
            deepest.replace("<Status>", "<Status><b>")
            .replace("</Status>", "</b></Status>")
            .encode()
        )
