"""Silences over HTTP: who does not want to be told about what, and until when."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from collector.web.api import operator_of
from collector.web.body import read_json, text_field
from collector.web.documents import silence_document
from collector.web.problem import Problem
from collector.web.said import silence
from collector.web.standing import Standing


class SilenceApi:
    """The two routes."""

    def __init__(self, standing: Standing) -> None:
        self._standing = standing

    def routes(self) -> list[Route]:
        """Listing and adding."""
        return [
            Route("/api/v1/silences", self.silences, methods=["GET"]),
            Route("/api/v1/silences", self.add_silence, methods=["POST"]),
        ]

    async def silences(self, request: Request) -> Response:
        """What nobody wants to be told about for a while."""
        known = self._standing.view().silences()
        now = self._standing.clock()
        return JSONResponse([silence_document(s, now) for s in known])

    async def add_silence(self, request: Request) -> Response:
        """`{"what": "site:ID", "from": TIME, "until": TIME, "why": "…"}`; TIME: seconds since 1970
        or ISO 8601 with a zone; `from` is now when left out.
        """
        who = await operator_of(self._standing, request)
        body = await read_json(request)
        now = self._standing.clock()
        start, until = _time_field(body, "from", now), _time_field(body, "until", None)
        if until <= max(start, now):
            raise Problem(400, "A silence ends in the future, and after it begins.")
        what = text_field(body, "what", required=True)
        if not _names_something(self._standing, what):
            kinds = "site:ID, device:ID, link:ID, agent:ID or incident:ID"
            raise Problem(400, f'The key "what" is {kinds}, of something that exists.')
        silence_id = secrets.token_hex(6)
        why = text_field(body, "why")
        await silence(self._standing, silence_id, what, start, until, why, who)
        return JSONResponse({"id": silence_id}, 201)


def _time_field(body: dict[str, Any], name: str, default: float | None) -> float:
    value = body.get(name, default)
    if isinstance(value, str):
        value = _moment(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e11:
        return float(value)
    wanted = "seconds since 1970, or ISO 8601 with a zone"
    raise Problem(400, f'The key "{name}" is a time: {wanted}.')


def _moment(text: str) -> float | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.timestamp() if moment.tzinfo is not None else None


def _names_something(standing: Standing, what: str) -> bool:
    kind, _, name = what.partition(":")
    inventory = standing.inventory
    found: dict[str, Callable[[str], object]] = {
        "site": inventory.site,
        "device": lambda id_: inventory.device(id_) or inventory.service(id_),
        "link": inventory.link,
        "agent": lambda id_: id_ in {agent.agent for agent in standing.view().agents()},
        "incident": standing.incident,
    }
    return kind in found and bool(found[kind](name))
