"""`ltmon collector …`: runs the district's collector, checks its config, lets agents in, replays."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from telemetry.errors import ConfigError

if TYPE_CHECKING:
    from collector.config import CollectorConfig

DEFAULT_CONFIG = Path("/etc/ltmon/collector.yaml")
DEFAULT_STATE_DIR = Path("/var/lib/ltmon/collector")

ConfigOption = Annotated[Path, typer.Option("--config", help="The collector's config (YAML).")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object instead of sentences.")]


def register(app: typer.Typer) -> None:
    """Adds `collector` with its sub-commands to the tree."""
    group = typer.Typer(
        no_args_is_help=True,
        help="The collector of the district: receives, judges, tells.\n\n"
        "Example: ltmon collector run --config /etc/ltmon/collector.yaml",
    )
    for name, command in (
        ("run", run),
        ("check-config", check_config),
        ("init", init),
        ("token", token),
        ("replay", replay),
        ("baseline", baseline),
    ):
        group.command(name)(command)
    app.add_typer(group, name="collector")


def run(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Runs the collector until it is stopped (Ctrl-C or SIGTERM).

    SIGHUP reads the inventory anew; a changed folder is noticed by itself.

    Example: ltmon collector run --config /etc/ltmon/collector.yaml
    """
    import asyncio

    from collector.app import run_collector
    from collector.config import load_config
    from collector.log import set_up_log

    settings = load_config(config)
    set_up_log()
    asyncio.run(run_collector(settings))


def check_config(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The collector's config.")],
    as_json: JsonOption = False,
) -> None:
    """Says whether the collector could run with this config: the file, its secrets, the inventory.

    Example: ltmon collector check-config /etc/ltmon/collector.yaml
    """
    from collector.config import load_config
    from inventory.load import load_inventory

    settings = load_config(file)
    _reveal_all(settings)
    inventory = load_inventory(settings.inventory)
    channels = sorted(settings.channel_settings())
    unreached = _unreached(settings)
    facts = {
        "file": str(file),
        "ok": True,
        "devices": len(inventory.devices),
        "channels": channels,
        "people_without_channel": unreached,
    }
    if as_json:
        print(json.dumps(facts, ensure_ascii=False))
        return
    told_by = ", ".join(channels) or "no channel: nobody will be told"
    print(f"{file}: good. {len(inventory.devices)} devices; messages by {told_by}.")
    for person in unreached:
        print(f"warning: {person} is reached by none of these channels.")


def init(
    state_dir: Annotated[Path, typer.Option(help="Where the collector keeps its state.")] = (
        DEFAULT_STATE_DIR
    ),
    config: Annotated[
        Path | None, typer.Option("--config", help="A config that names state or database.")
    ] = None,
    operator: Annotated[str, typer.Option(help="The first person's name.")] = "operator",
    as_json: JsonOption = False,
) -> None:
    """Makes the database and the first operator's token, which is shown this once.

    Said again for the same name, it makes a new token and voids the old one.

    Example: ltmon collector init --state-dir /var/lib/ltmon/collector --operator "Chị Hoa"
    """
    from collector.database import open_database
    from collector.enrolment import Enrolment, Role
    from telemetry.labels import clean_text

    url = _database_url(state_dir, config)
    database = open_database(url, time.time())
    try:
        name = clean_text(operator)
        secret = Enrolment(database).add_operator(name, Role.ADMINISTRATOR, time.time())
    finally:
        database.close()
    if as_json:
        print(json.dumps({"operator": name, "token": secret}, ensure_ascii=False))
        return
    print(f"The database is ready. Token of {name}, shown only now:")
    print(secret)


def token(
    sites: Annotated[list[str], typer.Argument(metavar="SITE…", help="What the agent may write.")],
    agent: Annotated[str, typer.Option(help="The agent's name; the first site's by default.")] = "",
    watch: Annotated[
        list[str] | None, typer.Option(help="A device of another site that it asks as well.")
    ] = None,
    config: ConfigOption = DEFAULT_CONFIG,
    as_json: JsonOption = False,
) -> None:
    """Makes a one-time token with which an agent is let in for these sites. It is good for a week.

    Example: ltmon collector token bac-binh --config /etc/ltmon/collector.yaml
    """
    from collector.config import load_config
    from collector.database import open_database
    from collector.enrolment import Enrolment
    from inventory.load import load_inventory
    from inventory.problem import did_you_mean

    settings = load_config(config)
    inventory = load_inventory(settings.inventory)
    for site in sites:
        if inventory.site(site) is None:
            hint = did_you_mean(site, [known.id for known in inventory.sites])
            raise ConfigError(f"the inventory has no site {site}{hint or '.'}")
    _make_private(settings.state_dir)
    database = open_database(settings.database_url, time.time())
    try:
        made = Enrolment(database).create_token(
            agent or sites[0], sites, time.time(), watch=watch or ()
        )
    finally:
        database.close()
    if as_json:
        print(json.dumps({"agent": agent or sites[0], "sites": sites, "token": made}))
        return
    where = settings.public_url or "http://COLLECTOR:PORT"
    print(f"At the office, run:\nltmon agent enroll --collector {where} --token {made}")


def replay(
    inventory: Annotated[Path, typer.Option(metavar="DIR", help="The inventory to judge by.")],
    samples: Annotated[
        list[Path], typer.Option(metavar="FILE", help="JSON lines, plain or gzip; repeatable.")
    ],
    more: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE…", help="More samples.")
    ] = None,
    expectations: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Thresholds to try on top.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Runs the judging engine over recorded samples and prints what it would have said.

    Example: ltmon collector replay --inventory DIR --samples last-month.jsonl.gz --json
    """
    from collector.replay import replay_command

    raise typer.Exit(replay_command(inventory, [*samples, *(more or [])], expectations, as_json))


def baseline(
    csv: Annotated[
        Path,
        typer.Option(
            metavar="FILE",
            help="Rows of time and value, oldest first, plain or gzip; - for a pipe.",
        ),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Judges one series against its own past: prints timestamp,value,score,alarm for each row.

    The score is from 0 (as ever) to 1 (never seen); alarm is 1 where something new begins. Times
    are ISO 8601 or unix time, any header or none; what comes later is never looked at.

    Example: ltmon collector baseline --csv round-trip.csv
    """
    from collector.baseline_file import baseline_command

    raise typer.Exit(baseline_command(csv, as_json))


def _database_url(state_dir: Path, config: Path | None) -> str:
    if config is not None:
        from collector.config import load_config

        settings = load_config(config)
        _make_private(settings.state_dir)
        return settings.database_url
    _make_private(state_dir)
    return f"sqlite:///{state_dir.absolute() / 'collector.db'}"


def _make_private(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise ConfigError(f"{folder}: the folder cannot be made: {error.strerror}.") from error


def _reveal_all(settings: CollectorConfig) -> None:
    """Looks every secret up, so that a missing one is said now and not at night."""
    from inventory.credentials import Secret

    blocks = [*settings.agents, *settings.operators, *settings.forward]
    for block in [*blocks, *settings.channel_settings().values()]:
        for name in type(block).model_fields:
            value = getattr(block, name)
            if isinstance(value, Secret):
                value.reveal()


def _unreached(settings: CollectorConfig) -> list[str]:
    """The people who should be told, but cannot be."""
    from collector.recipients import Recipients
    from inventory.load import load_inventory

    inventory = load_inventory(settings.inventory)
    recipients = Recipients(inventory, settings.channel_settings(), inventory.district.language)
    return [name.partition(":")[2] for name in recipients.nobody()]
