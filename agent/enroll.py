"""Enrolment: a one-time token becomes this agent's own credential and a ready configuration."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

import httpx
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agent.private_files import make_private_directory, write_private
from inventory.fields import Slug
from telemetry.errors import CollectorUnreachable, ConfigError
from telemetry.labels import clean_text

CREDENTIAL = "credential"
CONFIG = "agent.yaml"
TIMEOUT_SECONDS = 20.0


class Enrolment(BaseModel):
    """What the collector answers: who we are from now on, and how we prove it."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    agent: Slug
    site: Slug
    sites: tuple[Slug, ...] = ()
    credential: str = Field(min_length=16, max_length=4096, pattern=r"^[!-~]+$")


@dataclass(frozen=True, slots=True)
class Enrolled:
    """Where everything was put. fresh: whether the configuration is new."""

    agent: str
    config: Path
    fresh: bool


def enroll(url: str, token: str, state_dir: Path, ca_file: Path | None = None) -> Enrolled:
    """Exchanges the token and writes credential and configuration into `state_dir`.

    A configuration that is already there is left as it is. Raises CollectorUnreachable when the
    collector does not answer or refuses, ConfigError when the files cannot be written.
    """
    url = url.rstrip("/")
    make_private_directory(state_dir)
    enrolment = _ask(url, token, ca_file)
    write_private(state_dir / CREDENTIAL, enrolment.credential + "\n")
    config = state_dir / CONFIG
    fresh = not config.exists()
    if fresh:
        write_private(config, _config_text(enrolment, url, ca_file))
    return Enrolled(enrolment.agent, config, fresh)


def _ask(url: str, token: str, ca_file: Path | None) -> Enrolment:
    try:
        answer = httpx.post(
            f"{url}/api/v1/enroll",
            json={"token": token},
            timeout=TIMEOUT_SECONDS,
            verify=_verification(url, ca_file),
            follow_redirects=False,
            trust_env=False,
        )
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise CollectorUnreachable(f"{url}: the collector does not answer: {error}.") from error
    if answer.status_code != 200:
        why = clean_text(answer.content[:300]) or "no reason given"
        raise CollectorUnreachable(
            f"{url}: the collector refuses the token (HTTP {answer.status_code}): {why}."
        )
    try:
        return Enrolment.model_validate_json(answer.content)
    except ValidationError as error:
        raise CollectorUnreachable(
            f"{url}: this is no collector of ours, its answer is not an enrolment."
        ) from error


def _verification(url: str, ca_file: Path | None) -> ssl.SSLContext | bool:
    if not url.startswith("https:"):
        return False
    try:
        return ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"{ca_file}: no usable CA certificate: {error}.") from error


def _config_text(enrolment: Enrolment, url: str, ca_file: Path | None) -> str:
    collector: dict[str, object] = {"url": url, "token": {"file": CREDENTIAL}}
    if ca_file is not None:
        collector["ca_file"] = str(ca_file.absolute())
    settings: dict[str, object] = {"agent": enrolment.agent, "site": enrolment.site}
    if enrolment.sites and enrolment.sites != (enrolment.site,):
        settings["sites"] = list(enrolment.sites)
    settings |= {"collector": collector, "state_dir": "."}
    head = "# Made by `ltmon agent enroll`; try it with: ltmon agent check-config FILE\n"
    return head + yaml.safe_dump(settings, allow_unicode=True, sort_keys=False)
