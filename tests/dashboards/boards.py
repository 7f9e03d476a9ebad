"""The generated boards as tests read them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from dashboards.generate import GENERATED

Json = dict[str, Any]


def board(name: str, language: str = "en") -> Json:
    """A board as it is in its file."""
    text = (GENERATED / language / f"{name}.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def panels(board: Json) -> Iterator[tuple[str, Json]]:
    """Every panel with the title of its row, empty above the first."""
    row = ""
    for panel in board["panels"]:
        if panel["type"] == "row":
            row = panel["title"]
            yield from ((row, inner) for inner in panel["panels"])
        else:
            yield row, panel


def links(panel: Json) -> list[str]:
    """Every address that a panel leads to."""
    config = panel.get("fieldConfig", {"defaults": {}, "overrides": []})
    found = [link["url"] for link in config["defaults"].get("links", ())]
    for override in config["overrides"]:
        for item in override["properties"]:
            found += [link["url"] for link in item["value"]] if item["id"] == "links" else []
    return found


def targets(panel: Json) -> list[Json]:
    """What a panel asks; words ask nothing."""
    return list(panel.get("targets", ()))
