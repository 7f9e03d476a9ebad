"""`ltmon inventory discover`: what stands in the networks named, as inventory YAML ready to paste."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from telemetry.errors import ConfigError

if TYPE_CHECKING:
    from agent.discover import Discovery
    from agent.discover_state import StateFile
    from inventory.credentials import Credentials
    from inventory.inventory import Inventory

HELP = """Looks for devices in the networks named and prints them as inventory YAML, ready to paste.

Every address gets an echo request; hosts that answer are asked who they are with the credentials
named, in this order, and no other host is. Without --credentials nothing but ping is sent. Devices
that the inventory already has are left out. Progress goes to standard error; Ctrl-C prints what was
found so far.

Tìm thiết bị trong các mạng đã nêu và in ra YAML để dán vào danh mục.

Example: ltmon inventory discover 10.11.1.0/24 --credentials campus-v2c --site bac-binh
--inventory /etc/ltmon/inventory > found.yaml
"""
Networks = Annotated[
    list[str],
    typer.Argument(
        metavar="CIDR…", help="Networks such as 10.11.1.0/24; 65,536 addresses at most."
    ),
]
CredentialIds = Annotated[
    list[str] | None,
    typer.Option(
        "--credentials",
        metavar="NAME…",
        help="Ids of credentials in the inventory, tried in order.",
    ),
]
SiteId = Annotated[str | None, typer.Option("--site", metavar="ID", help="Where all of it stands.")]
Folder = Annotated[
    Path | None,
    typer.Option(
        "--inventory", metavar="DIR", help="Folder of the inventory.", envvar="LTMON_INVENTORY"
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line per device.")]
State = Annotated[
    Path | None,
    typer.Option("--state", metavar="FILE", help="Go on from here, and note what has been asked."),
]
Port = Annotated[int, typer.Option("--port", min=1, max=65535, help="UDP port of SNMP.")]


def discover(
    networks: Networks,
    credentials: CredentialIds = None,
    site: SiteId = None,
    inventory: Folder = None,
    as_json: AsJson = False,
    state: State = None,
    port: Port = 161,
) -> None:
    """Sweeps, asks, prints. Exit code 0 whether or not anything was found, 130 when stopped."""
    from agent.discover import Discovery
    from agent.discover_networks import addresses_in
    from agent.discover_state import StateFile
    from agent.icmp.engine import Engine
    from inventory.load import load_inventory

    known = load_inventory(inventory) if inventory is not None else None
    cidrs, ids = _sorted_out(networks, credentials or [], known)
    addresses = addresses_in(cidrs)
    chosen = _credentials(ids, known)
    _check_site(site, known)
    ours = {d.address for d in known.devices if d.address} if known is not None else set()
    todo = [one for one in addresses if one not in ours]
    kept = StateFile(state, todo) if state is not None else None
    engine = Engine()
    discovery = Discovery(todo, chosen, engine, time.monotonic, port)
    try:
        stopped = asyncio.run(_run(discovery, kept))
    finally:
        engine.close()
        if kept is not None:
            kept.close()
    _print(discovery, known, site, as_json)
    _tell(discovery, len(addresses) - len(todo), stopped)
    if stopped:
        raise typer.Exit(130)


def _sorted_out(
    words: Sequence[str], named: Sequence[str], inventory: Inventory | None
) -> tuple[list[str], list[str]]:
    """Networks and ids of credentials: `--credentials a b` leaves the b among the networks."""
    known = {one.id for one in inventory.credentials} if inventory is not None else set()
    ids = [id_ for name in named for id_ in name.split(",") if id_]
    ids += [word for word in words if ids and word in known]
    return [word for word in words if not (ids and word in known)], list(dict.fromkeys(ids))


def _credentials(ids: Sequence[str], inventory: Inventory | None) -> list[Credentials]:
    """The credentials of these ids with their secrets looked up. Raises ConfigError for unknown ones."""
    from inventory.problem import did_you_mean, shown

    if ids and inventory is None:
        raise ConfigError("--credentials names entries of an inventory: add --inventory DIR.")
    found: list[Credentials] = []
    for id_ in ids:
        one = inventory.credential(id_) if inventory is not None else None
        if one is None:
            known = [each.id for each in inventory.credentials] if inventory is not None else []
            hint = did_you_mean(id_, known) or "."
            raise ConfigError(f"--credentials: the inventory has no credentials {shown(id_)}{hint}")
        for _, secret in one.secrets():
            secret.reveal()
        found.append(one)
    return found


def _check_site(site: str | None, inventory: Inventory | None) -> None:
    from inventory.fields import slug_of
    from inventory.problem import did_you_mean, shown

    if site is None:
        return
    if inventory is None:
        if site != slug_of(site):
            raise ConfigError(f"--site: expected an id such as bac-binh, found {shown(site)}.")
    elif inventory.site(site) is None:
        hint = did_you_mean(site, [one.id for one in inventory.sites]) or "."
        raise ConfigError(f"--site: the inventory has no site {shown(site)}{hint}")


async def _run(discovery: Discovery, kept: StateFile | None) -> bool:
    """Runs the discovery under a progress bar; whether it was stopped by a signal."""
    from rich.console import Console
    from rich.progress import Progress

    if kept is not None:
        discovery.hosts, discovery.silent = kept.hosts, kept.silent
        discovery.keep, discovery.keep_silent = kept.keep, kept.keep_silent
    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("ping", total=len(discovery.addresses))
        asking = progress.add_task("SNMP", total=None)

        def changed() -> None:
            progress.update(bar, completed=discovery.swept)
            progress.update(asking, completed=len(discovery.hosts), total=discovery.alive or None)

        discovery.changed = changed
        task = asyncio.ensure_future(discovery.run())
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, task.cancel)
        await asyncio.wait([task])
    if not task.cancelled():
        task.result()
    return task.cancelled()


def _print(
    discovery: Discovery, inventory: Inventory | None, site: str | None, as_json: bool
) -> None:
    from agent.discover_yaml import as_object, as_yaml
    from ltmon.discover_proposal import ids_of, proposals

    found = proposals(discovery, inventory, site)
    if as_json:
        for one in found:
            print(json.dumps(as_object(one, discovery.port), ensure_ascii=False))
        return
    head = [
        f"ltmon inventory discover found this: new devices {len(found)}. Look it over before pasting."
    ]
    taken = ids_of(inventory) if inventory is not None else set()
    print(as_yaml(found, head, discovery.port, taken), end="")


def _tell(discovery: Discovery, left_out: int, stopped: bool) -> None:
    """The sums, on standard error: standard output holds only what is to be pasted."""
    identified = sum(one.credentials is not None for one in discovery.hosts.values())
    if stopped:
        print("Stopped; this is what was found so far.", file=sys.stderr)
    for complaint in discovery.complaints:
        print(f"warning: {complaint}", file=sys.stderr)
    if not discovery.credentials:
        print("No --credentials were named, so nobody was asked by SNMP.", file=sys.stderr)
    print(
        f"{discovery.swept} of {len(discovery.addresses)} addresses asked, {discovery.alive} answer, "
        f"{identified} by SNMP; {left_out} left out because the inventory has them.",
        file=sys.stderr,
    )
