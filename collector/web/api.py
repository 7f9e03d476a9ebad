"""The API for programs: JSON under `/api/v1/`. Reading needs no token, changing needs an
operator's.

Lists are JSON arrays. `?lang=` chooses the language of texts. Errors are problem documents.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from collector.evidence import unproven_among
from collector.phrases import Phrases
from collector.web import documents, overview
from collector.web.body import read_json, text_field
from collector.web.openapi import openapi_document
from collector.web.problem import Problem
from collector.web.readiness import readiness_of
from collector.web.said import acknowledge
from collector.web.standing import Standing

RESOLVED_LIMIT = 1000


class Api:
    """The routes of the API, over how things stand."""

    def __init__(self, standing: Standing) -> None:
        self._standing = standing

    def routes(self) -> list[Route]:
        """All routes below `/api/v1`."""
        table: list[tuple[str, Callable[..., Any], str]] = [
            ("sites", self.sites, "GET"),
            ("devices", self.devices, "GET"),
            ("devices/{id}", self.device, "GET"),
            ("findings", self.findings, "GET"),
            ("incidents", self.incidents, "GET"),
            ("incidents/{id}", self.incident, "GET"),
            ("incidents/{id}/acknowledge", self.acknowledge, "POST"),
            ("maintenance", self.maintenance, "GET"),
            ("readiness", self.readiness, "GET"),
            ("agents", self.agents, "GET"),
            ("openapi.json", self.openapi, "GET"),
        ]
        return [
            Route(f"/api/v1/{path}", endpoint, methods=[method]) for path, endpoint, method in table
        ]

    async def sites(self, request: Request) -> Response:
        """Every site with its state."""
        return JSONResponse(
            [documents.site_document(s) for s in overview.sites_of(self._standing.view())]
        )

    async def devices(self, request: Request) -> Response:
        """Every device and service; `?site=` and `?state=` narrow the list."""
        view, phrases = self._standing.view(), self._phrases(request)
        site, state = request.query_params.get("site"), request.query_params.get("state")
        targets = overview.devices_of(view, site)
        if site is None:
            targets += overview.services_of(view)
        return JSONResponse(
            [
                documents.target_document(phrases, target)
                for target in targets
                if state is None or target.state == state
            ]
        )

    async def device(self, request: Request) -> Response:
        """One device or service, with its newest measurements and its latest changes of state.

        unproven: of a measurement, that it never alarms.
        """
        view = self._standing.view()
        target = overview.target_of(view, request.path_params["id"])
        if target is None:
            raise Problem(404, "The inventory has no such device or service.")
        document = documents.target_document(self._phrases(request), target)
        latest = view.latest(target.id)
        doubted = unproven_among(view.inventory, target.id, latest)
        document["latest"] = [
            {
                "metric": metric,
                "labels": dict(labels),
                "at": at,
                "value": _number(value),
                "unproven": (metric, labels) in doubted,
            }
            for (metric, labels), (at, value) in latest.items()
        ]
        document["changes"] = [
            {"at": at, "state": state} for at, state in view.changes_of(target.id)
        ]
        return JSONResponse(document)

    async def findings(self, request: Request) -> Response:
        """The findings that stand."""
        phrases = self._phrases(request)
        found = self._standing.view().findings()
        return JSONResponse([documents.finding_document(phrases, finding) for finding in found])

    async def incidents(self, request: Request) -> Response:
        """Open incidents, worst first; `?state=resolved` those that are over, `?state=all` both."""
        state = request.query_params.get("state", "open")
        if state not in ("open", "resolved", "all"):
            raise Problem(400, "The parameter state is open, resolved or all.")
        found = list(self._standing.view().open_incidents()) if state != "resolved" else []
        if state != "open":
            found += await run_in_threadpool(
                self._standing.store.resolved_incidents, RESOLVED_LIMIT
            )
        phrases = self._phrases(request)
        return JSONResponse([documents.incident_document(phrases, i) for i in found])

    async def incident(self, request: Request) -> Response:
        """One incident with its findings and its history."""
        incident = await run_in_threadpool(self._standing.incident, request.path_params["id"])
        if incident is None:
            raise Problem(404, "There is no such incident.")
        history = await run_in_threadpool(self._standing.store.history, incident)
        phrases = self._phrases(request)
        document = documents.incident_document(phrases, incident)
        document["findings"] = [documents.finding_document(phrases, f) for f in incident.findings]
        document["history"] = [documents.event_document(phrases, event) for event in history]
        return JSONResponse(document)

    async def acknowledge(self, request: Request) -> Response:
        """Somebody takes an incident on: `{"note": "…"}`."""
        who = await operator_of(self._standing, request)
        note = text_field(await read_json(request), "note")
        incident_id = request.path_params["id"]
        if await run_in_threadpool(self._standing.incident, incident_id) is None:
            raise Problem(404, "There is no such incident.")
        if not await acknowledge(self._standing, incident_id, who, note):
            raise Problem(409, "This incident is over already.")
        return await self.incident(request)

    async def maintenance(self, request: Request) -> Response:
        """The maintenance windows of the inventory that are not over."""
        now = self._standing.clock()
        return JSONResponse(
            [
                documents.maintenance_document(window, now)
                for window in self._standing.inventory.maintenance
                if window.until.timestamp() > now
            ]
        )

    async def readiness(self, request: Request) -> Response:
        """go, at_risk or no_go for every video-conference room, with what is not well on its way."""
        phrases = self._phrases(request)
        return JSONResponse(
            [
                {
                    "room": room.room.id,
                    "name": room.room.thing.title,
                    "site": room.room.health.site,
                    "verdict": room.verdict,
                    "trouble": [documents.target_document(phrases, t) for t in room.trouble],
                }
                for room in readiness_of(self._standing.view())
            ]
        )

    async def agents(self, request: Request) -> Response:
        """The agents that were heard of."""
        views = self._standing.view().agents()
        return JSONResponse([documents.agent_document(view) for view in views])

    async def openapi(self, request: Request) -> Response:
        """This API, described (OpenAPI 3.1)."""
        return JSONResponse(openapi_document())

    def _phrases(self, request: Request) -> Phrases:
        own = self._standing.inventory.district.language
        wanted = request.query_params.get("lang", own)
        return self._standing.phrases(wanted if wanted in self._standing.speaker.languages else own)


async def operator_of(standing: Standing, request: Request) -> str:
    """The operator whose bearer token the request has; 401 without one."""
    who = await run_in_threadpool(standing.operator_of, bearer_of(request))
    if who is None:
        raise Problem(401, "An operator's token is needed.", {"WWW-Authenticate": "Bearer"})
    return who


def _number(value: float) -> float | None:
    """JSON has no infinity: what is no number is null."""
    return value if math.isfinite(value) else None


def bearer_of(request: Request) -> str:
    """The bearer token of a request, or empty."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
