"""`ltmon agent …`: runs the agent of an office, checks its settings, enrols it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

DEFAULT_STATE_DIR = Path("/var/lib/ltmon/agent")

ConfigOption = Annotated[Path, typer.Option("--config", help="The agent's settings (YAML).")]
ConfigArgument = Annotated[Path, typer.Argument(metavar="FILE", help="The agent's settings.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object instead of sentences.")]


def register(app: typer.Typer) -> None:
    """Adds `agent` with its sub-commands to the tree."""
    agent = typer.Typer(
        no_args_is_help=True,
        help="The agent of an office: asks the equipment, keeps every result, sends them on.\n\n"
        "Example: ltmon agent run --config /etc/ltmon/agent.yaml",
    )
    agent.command("run")(run)
    agent.command("check-config")(check_config)
    agent.command("enroll")(enroll)
    app.add_typer(agent, name="agent")


def run(config: ConfigOption) -> None:
    """Runs the agent until it is stopped (Ctrl-C or SIGTERM).

    SIGHUP reads the inventory anew.

    Example: ltmon agent run --config /etc/ltmon/agent.yaml
    """
    import asyncio

    from agent.app import calm_collection, run_agent
    from agent.config import read_config
    from agent.log import set_up_log

    settings = read_config(config)
    set_up_log()
    calm_collection()
    asyncio.run(run_agent(settings))


def check_config(file: ConfigArgument, json: JsonOption = False) -> None:
    """Says whether the agent could run with these settings, and what it would ask.

    Reads the file, the secrets and, where it is a folder, the inventory. Asks nobody.

    Example: ltmon agent check-config /etc/ltmon/agent.yaml
    """
    from agent.config import read_config
    from agent.resolve import targets_for
    from inventory.load import load_inventory

    settings = read_config(file)
    if settings.collector is not None:
        settings.collector.token.reveal()
    facts: dict[str, object] = {"file": str(file), "ok": True, "agent": settings.agent}
    sentence = f"{file}: good. Agent {settings.agent} at {settings.site}"
    if settings.inventory is not None:
        inventory = load_inventory(settings.inventory)
        checks = targets_for(inventory, settings.asked_sites, settings.watch)
        targets = len({check.target.id for check in checks})
        facts |= {"targets": targets, "checks": len(checks)}
        sentence += f" asks {targets} devices and services by {len(checks)} checks."
    else:
        sentence += " gets its inventory from the collector."
    if json:
        from json import dumps

        sentence = dumps(facts)
    print(sentence)


def enroll(
    collector: Annotated[str, typer.Option(help="Address of the collector.")],
    token: Annotated[str, typer.Option(help="The one-time token.")],
    state_dir: Annotated[
        Path, typer.Option(help="Where credential, settings and buffer are kept.")
    ] = DEFAULT_STATE_DIR,
    ca_file: Annotated[
        Path | None, typer.Option(help="The district's own CA certificate, where it has one.")
    ] = None,
) -> None:
    """Exchanges a one-time token for this agent's own credential.

    The token comes from `ltmon collector token SITE` at the district and works once.

    Example: ltmon agent enroll --collector https://giamsat.lapthach.example --token 3f9c…
    """
    from agent.enroll import enroll as exchange

    done = exchange(collector, token, state_dir, ca_file)
    print(f"Enrolled as {done.agent}.")
    if done.fresh:
        print(f"Run it with: ltmon agent run --config {done.config}")
    else:
        print(f"The settings in {done.config} were there already and stay as they are.")
