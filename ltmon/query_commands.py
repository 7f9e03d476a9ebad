"""`ltmon status`, `ltmon incidents`, `ltmon ack`: ask a running collector."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from telemetry.errors import CollectorUnreachable, ConfigError

if TYPE_CHECKING:
    from rich.text import Text

DEFAULT_COLLECTOR = "http://127.0.0.1:8080"
TIMEOUT_SECONDS = 15.0

CollectorOption = Annotated[
    str, typer.Option("--collector", envvar="LTMON_COLLECTOR", help="Address of the collector.")
]
TokenOption = Annotated[
    str, typer.Option("--token", envvar="LTMON_TOKEN", help="Your operator's token.")
]
LanguageOption = Annotated[
    str, typer.Option("--lang", help="vi or en; the district's own by default.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON instead of a table.")]

# State to (symbol, style, whether it is a problem); what is not measured is one: nobody knows.
STATES = {
    "up": ("✓", "green", False),
    "degraded": ("!", "yellow", True),
    "down": ("✕", "red", True),
    "unreachable": ("→", "magenta", True),
    "not_measured": ("?", "dim", True),
    "excused": ("‖", "blue", False),
}
SEVERITIES = {"critical": "red", "warning": "yellow", "info": "dim"}


def register(app: typer.Typer) -> None:
    """Adds this part's commands to the tree."""
    app.command("status")(status)
    app.command("incidents")(incidents)
    app.command("ack")(ack)


def status(
    name: Annotated[str, typer.Argument(metavar="[SITE|DEVICE]", help="Of the inventory.")] = "",
    collector: CollectorOption = DEFAULT_COLLECTOR,
    lang: LanguageOption = "",
    as_json: JsonOption = False,
) -> None:
    """Says how the district, one site or one device is. Exit code 1 when something is not well.

    Example: ltmon status bac-binh --collector https://giamsat.lapthach.example
    """
    sites = _get(collector, "sites", lang)
    if not name:
        ill = _tell_sites(sites, as_json)
    elif any(site["id"] == name for site in sites):
        devices = _get(collector, "devices", lang, site=name)
        ill = _tell_devices(devices, as_json)
    else:
        ill = _tell_device(_get(collector, f"devices/{name}", lang), as_json)
    raise typer.Exit(1 if ill else 0)


def incidents(
    everything: Annotated[bool, typer.Option("--all", help="Those that are over, too.")] = False,
    collector: CollectorOption = DEFAULT_COLLECTOR,
    lang: LanguageOption = "",
    as_json: JsonOption = False,
) -> None:
    """Lists the open incidents, worst first. Exit code 1 when there is one.

    Example: ltmon incidents --json
    """
    found = _get(collector, "incidents", lang, state="all" if everything else "open")
    if as_json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
    elif found:
        _tell_incidents(found)
    else:
        print("No incident." if lang == "en" else "Không có sự cố.")
    raise typer.Exit(1 if any(incident["state"] != "resolved" for incident in found) else 0)


def ack(
    incident: Annotated[str, typer.Argument(metavar="ID", help="The incident's id.")],
    note: Annotated[str, typer.Option(help="What you are doing about it.")],
    collector: CollectorOption = DEFAULT_COLLECTOR,
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Takes an incident on, so that the others know that somebody cares.

    Example: LTMON_TOKEN=… ltmon ack 20261122-0801-k3f9 --note "Đang đến xem"
    """
    if not token:
        raise ConfigError("an operator's token is needed: set LTMON_TOKEN or give --token.")
    document = _ask("POST", collector, f"incidents/{incident}/acknowledge", token, {"note": note})
    if as_json:
        print(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        print(f"{_plain(document['headline'])}: {_plain(document['acknowledged_by'])}")


def _tell_sites(sites: list[dict[str, Any]], as_json: bool) -> bool:
    if as_json:
        print(json.dumps(sites, ensure_ascii=False, indent=2))
    else:
        rows = [
            (_mark(site["state"]), site["id"], site["name"], _counts(site["devices"]))
            for site in sites
        ]
        _table(("", "id", "", ""), rows)
    return any(_is_problem(site["state"]) for site in sites)


def _tell_devices(devices: list[dict[str, Any]], as_json: bool) -> bool:
    if as_json:
        print(json.dumps(devices, ensure_ascii=False, indent=2))
    else:
        rows = [
            (_mark(device["state"]), device["id"], device["name"], device["reason"] or "")
            for device in devices
        ]
        _table(("", "id", "", ""), rows)
    return any(_is_problem(device["state"]) for device in devices)


def _tell_device(device: dict[str, Any], as_json: bool) -> bool:
    if as_json:
        print(json.dumps(device, ensure_ascii=False, indent=2))
    else:
        _tell_devices([device], as_json=False)
        rows = [
            (
                reading["metric"],
                ", ".join(f"{name}={value}" for name, value in reading["labels"].items()),
                f"{reading['value']:g}",
            )
            for reading in device["latest"]
        ]
        _table(("metric", "", "value"), rows)
    return _is_problem(device["state"])


def _tell_incidents(found: list[dict[str, Any]]) -> None:
    from rich.text import Text

    rows = [
        (
            Text(incident["severity"], style=SEVERITIES.get(incident["severity"], "")),
            incident["id"],
            incident["headline"],
            incident["state"],
            str(len(incident["affected"]) or ""),
            incident["advice"] if incident["state"] != "resolved" else "",
        )
        for incident in found
    ]
    _table(("", "id", "", "", "+", ""), rows)


def _get(collector: str, path: str, lang: str, **query: str) -> Any:
    return _ask("GET", collector, path, "", None, {**({"lang": lang} if lang else {}), **query})


def _ask(
    method: str,
    collector: str,
    path: str,
    token: str,
    body: dict[str, str] | None = None,
    query: dict[str, str] | None = None,
) -> Any:
    """The collector's answer. Raises CollectorUnreachable with one sentence when there is no good
    one.
    """
    import httpx

    from telemetry.labels import clean_text

    headers = {"Authorization": f"Bearer {token}"} if token else {}
    url = f"{collector.rstrip('/')}/api/v1/{path}"
    try:
        answer = httpx.request(
            method, url, json=body, params=query, headers=headers, timeout=TIMEOUT_SECONDS
        )
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        why = clean_text(str(error)) or type(error).__name__
        raise CollectorUnreachable(f"{collector}: the collector does not answer: {why}.") from None
    try:
        document = answer.json()
    except ValueError:
        raise CollectorUnreachable(f"{collector}: this is no collector of ours.") from None
    if not answer.is_success:
        detail = document.get("detail", "") if isinstance(document, dict) else ""
        words = clean_text(str(detail)) or f"HTTP {answer.status_code}"
        raise CollectorUnreachable(f"{collector}: {words}")
    return document


def _mark(state: str) -> Text:
    from rich.text import Text

    symbol, style, _ = STATES.get(state, ("?", "dim", True))
    return Text(f"{symbol} {state}", style=style)


def _is_problem(state: str) -> bool:
    return STATES.get(state, ("", "", True))[2]


def _counts(devices: dict[str, int]) -> str:
    return "  ".join(f"{STATES.get(state, '?')[0]} {count}" for state, count in devices.items())


def _plain(value: object) -> str:
    """What a device or a person wrote, harmless to a terminal."""
    from telemetry.labels import clean_text

    return clean_text(str(value))


def _table(headings: tuple[str, ...], rows: Sequence[tuple[Text | str, ...]]) -> None:
    """A table without markup: square brackets in a name stay what they are."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE, show_header=any(headings), pad_edge=False)
    for heading in headings:
        # An id is there to be copied: it is never broken.
        table.add_column(heading, overflow="fold", no_wrap=heading == "id")
    for row in rows:
        table.add_row(*(c if isinstance(c, Text) else Text(_plain(c)) for c in row))
    Console().print(table)
