"""Enrolment: a token becomes a credential and settings that work; refusals are one sentence."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path

import pytest
from starlette.responses import JSONResponse, Response

from agent.config import read_config
from agent.enroll import Enrolled, enroll
from telemetry.errors import CollectorUnreachable, ConfigError
from tests.agent.fake_collector import collector_at
from tests.agent.test_push import tls_pair

pytestmark = pytest.mark.anyio

ANSWER = {
    "agent": "bac-binh",
    "site": "bac-binh",
    "sites": ["bac-binh", "station-3"],
    "credential": "c0ffee" * 8,
}


async def attempt(url: str, folder: Path, ca_file: Path | None = None) -> Enrolled:
    return await asyncio.to_thread(enroll, url, "one-time", folder, ca_file)


async def test_enrolment_writes_credential_and_settings(tmp_path: Path) -> None:
    """Both 0600 in a private folder; the settings can be read and point to the credential."""
    state = tmp_path / "state"
    async with collector_at() as fake:
        fake.enrolment = JSONResponse(ANSWER | {"later": "versions may say more"})
        done = await attempt(fake.url + "/", state)
        assert fake.enrolments == [{"token": "one-time"}]
    assert (done.agent, done.fresh) == ("bac-binh", True)
    for name in ("credential", "agent.yaml"):
        assert stat.S_IMODE((state / name).stat().st_mode) == 0o600
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    config = read_config(done.config)
    assert config.asked_sites == ("bac-binh", "station-3")
    assert config.state_dir == state
    assert config.collector is not None
    assert config.collector.url == fake.url
    assert config.collector.token.reveal() == ANSWER["credential"]


async def test_settings_that_are_there_stay(tmp_path: Path) -> None:
    """Enrolling again renews the credential and touches no settings."""
    (tmp_path / "agent.yaml").write_text("mine")
    async with collector_at() as fake:
        fake.enrolment = JSONResponse(ANSWER | {"sites": []})
        assert not (await attempt(fake.url, tmp_path)).fresh
    assert (tmp_path / "agent.yaml").read_text() == "mine"
    assert (tmp_path / "credential").read_text() == ANSWER["credential"] + "\n"


async def test_over_tls_with_the_districts_authority(tmp_path: Path) -> None:
    """The token goes only to whom the authority vouches for, and the settings remember it."""
    context, ca_file = tls_pair(tmp_path)
    async with collector_at(tls=context) as fake:
        fake.enrolment = JSONResponse(ANSWER)
        with pytest.raises(CollectorUnreachable, match="does not answer"):
            await attempt(fake.url, tmp_path / "state")
        assert fake.enrolments == []
        done = await attempt(fake.url, tmp_path / "state", ca_file)
    config = read_config(done.config)
    assert config.collector is not None
    assert config.collector.ca_file == ca_file


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (None, 'refuses the token (HTTP 403): {"detail":"unknown token"}.'),
        (Response(status_code=302, headers={"Location": "/"}), "refuses the token (HTTP 302)"),
        (Response("<html>"), "no collector of ours"),
        (JSONResponse(ANSWER | {"credential": "short"}), "no collector of ours"),
        (JSONResponse(ANSWER | {"agent": "../../etc"}), "no collector of ours"),
        (JSONResponse(ANSWER | {"credential": "x" * 20 + "\r\nBcc: y"}), "no collector of ours"),
    ],
)
async def test_refusals(tmp_path: Path, answer: Response | None, sentence: str) -> None:
    """One sentence, and nothing is written."""
    async with collector_at() as fake:
        fake.enrolment = answer
        with pytest.raises(CollectorUnreachable) as error:
            await attempt(fake.url, tmp_path / "state")
    assert sentence in str(error.value)
    assert list((tmp_path / "state").iterdir()) == []


async def test_nobody_there_and_no_address(tmp_path: Path) -> None:
    """A dead port and something that is no address: a sentence each."""
    for url in ("http://127.0.0.1:1", "nonsense", "http://[::"):
        with pytest.raises(CollectorUnreachable, match="does not answer"):
            await attempt(url, tmp_path / "state")


async def test_a_state_directory_that_others_may_write(tmp_path: Path) -> None:
    """Refused with the command that mends it; a link and a foreign file are refused as well."""
    open_to_all = tmp_path / "open"
    open_to_all.mkdir()
    open_to_all.chmod(0o777)
    (tmp_path / "link").symlink_to(tmp_path)
    (tmp_path / "file").write_text("")
    for name, why in (("open", "chmod go-w"), ("link", "symbolic link"), ("file", "cannot be")):
        with pytest.raises(ConfigError, match=why):
            await attempt("http://127.0.0.1:1", tmp_path / name)
