"""What is shipped for production can be used as it is."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml

import agent.config
import collector.config
from agent.config import AgentConfig
from dashboards.generate import GENERATED

DEPLOY = Path(__file__).parent.parent / "deploy"


def test_example_configurations_are_valid() -> None:
    """Both example files pass the check that people are told to run."""
    assert agent.config.read_config(DEPLOY / "agent.yaml").agent == "bac-binh"
    assert collector.config.load_config(DEPLOY / "collector.yaml").public_url.startswith("https://")


def test_units_start_the_shipped_command() -> None:
    """The systemd units run the command line that the package installs, with the files of the guide."""
    for role in ("agent", "collector"):
        unit = (DEPLOY / f"ltmon-{role}.service").read_text()
        assert f"ltmon {role} run --config /etc/ltmon/{role}.yaml" in unit


COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


def mounts(service: str) -> dict[str, str]:
    """Inside → outside, of a service's volumes."""
    parts = [text.split(":") for text in SERVICES[service].get("volumes", ())]
    return {inside: outside for outside, inside, *_ in parts}


def known_options(program: str) -> str:
    """What a program says that it understands."""
    done = subprocess.run([program, "--help"], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_compose_names_what_exists() -> None:
    """Every folder and file that is mounted, every volume and secret that is used, is there."""
    assert {"collector", "prometheus", "alertmanager", "grafana"} == set(SERVICES)
    for name in SERVICES:
        for outside in mounts(name).values():
            if outside.startswith("."):
                assert (DEPLOY / outside).exists(), (name, outside)
            else:
                assert outside in COMPOSE["volumes"], (name, outside)
        for secret in SERVICES[name].get("secrets", ()):
            source = secret if isinstance(secret, str) else secret["source"]
            assert source in COMPOSE["secrets"]
    build = SERVICES["collector"]["build"]
    assert (DEPLOY / build["context"] / build["dockerfile"]).exists()
    assert f"{version('lapthach-monitor')}" == SERVICES["collector"]["image"].rpartition(":")[2]


def test_compose_is_pinned_and_closed() -> None:
    """Versions are named, nothing listens beyond this machine, nobody may more than needed."""
    for name, service in SERVICES.items():
        assert re.fullmatch(r"[a-z/-]+:v?\d+\.\d+\.\d+", service["image"]), name
        for port in service["ports"]:
            assert port.startswith("127.0.0.1:"), name
        assert service["cap_drop"] == ["ALL"], name
        assert service["restart"] == "unless-stopped", name


def test_compose_services_find_each_other() -> None:
    """Whoever is named by another is a service, at the port that it listens at."""
    listening = {name: s["ports"][0].split(":")[-1] for name, s in SERVICES.items()}
    texts = [
        (DEPLOY / "collector-compose.yaml").read_text(),
        (GENERATED / "prometheus" / "prometheus-compose.yml").read_text(),
        *map(str, SERVICES["grafana"]["environment"].values()),
    ]
    named = set(
        re.findall(r"\b(collector|prometheus|alertmanager|grafana):(\d+)", "\n".join(texts))
    )
    assert {name for name, _ in named} == {"collector", "prometheus", "alertmanager"}
    for name, port in named:
        assert listening[name] == port
    settings = collector.config.load_config(DEPLOY / "collector-compose.yaml")
    assert str(settings.state_dir) in mounts("collector")
    assert str(settings.inventory) in mounts("collector")


@pytest.mark.parametrize(
    ("service", "program"),
    [("prometheus", "prometheus"), ("alertmanager", "prometheus-alertmanager")],
)
def test_options_are_known(service: str, program: str) -> None:
    """Neither the compose file nor the files for systemd use an option that does not exist."""
    known = known_options(program)
    arguments = shlex.split((DEPLOY / f"{program}.default").read_text().partition("ARGS=")[2])
    for option in [*SERVICES[service]["command"], *arguments[0].split()]:
        assert option.partition("=")[0] in known, option
    config = next(o for o in SERVICES[service]["command"] if o.startswith("--config.file="))
    folder, _, file = config.partition("=")[2].rpartition("/")
    assert (DEPLOY / mounts(service)[folder] / file).exists()


def test_stores_are_started_as_forwarding_needs() -> None:
    """Prometheus takes remote-write, and late samples for longer than agents keep them."""
    for text in (
        str(SERVICES["prometheus"]["command"]),
        (DEPLOY / "prometheus.default").read_text(),
    ):
        assert "--web.enable-remote-write-receiver" in text
    kept_days = AgentConfig.model_fields["buffer"].default.max_days
    window = yaml.safe_load((GENERATED / "prometheus" / "prometheus.yml").read_text())
    days = window["storage"]["tsdb"]["out_of_order_time_window"]
    assert int(days.removesuffix("d")) > kept_days


def test_grafana_finds_boards_and_sources() -> None:
    """The provisioned folders hold the boards; the addresses come from both environments."""
    provisioning = DEPLOY / "grafana" / "provisioning"
    providers = yaml.safe_load((provisioning / "dashboards" / "ltmon.yaml").read_text())[
        "providers"
    ]
    assert [p["name"] for p in providers] == ["ltmon-vi", "ltmon-en"]
    for provider in providers:
        boards = mounts("grafana")[provider["options"]["path"]]
        assert len(list((DEPLOY / boards).glob("*.json"))) >= 8
    sources = yaml.safe_load((provisioning / "datasources" / "ltmon.yaml").read_text())
    wanted = {source["url"].removeprefix("$") for source in sources["datasources"]}
    assert [s["type"] for s in sources["datasources"]] == ["prometheus", "alertmanager"]
    assert wanted <= set(SERVICES["grafana"]["environment"])
    assert wanted == set(re.findall(r"^(\w+)=", (DEPLOY / "grafana.default").read_text(), re.M))
    assert mounts("grafana")[SERVICES["grafana"]["environment"]["GF_PATHS_PROVISIONING"]]


def test_the_image_runs_the_shipped_command() -> None:
    """The image starts the collector with the file that the compose file mounts."""
    text = (DEPLOY / "Dockerfile").read_text()
    command = json.loads(re.search(r"^CMD (\[.+\])$", text, re.M)[1])  # type: ignore[index]
    assert command == SERVICES["collector"]["command"]
    assert command[-1] in mounts("collector")
    assert "USER ltmon" in text


def test_secrets_get_neither_into_the_image_nor_into_git() -> None:
    """The password files lie beside the compose file, where both would pick them up."""
    for ignored in (".dockerignore", ".gitignore"):
        lines = (DEPLOY.parent / ignored).read_text().splitlines()
        for secret in COMPOSE["secrets"].values():
            assert f"deploy/{secret['file'].removeprefix('./')}" in lines, ignored
