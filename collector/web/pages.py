"""The pages for people: what is wrong, where, since when, whom it hits, what to try first.

They need no script and no cookie. Each language has its own addresses (`/…` for the district's own,
`/en/…` for English), so that a page can be bookmarked and passed on in either.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from collector.affected import whom
from collector.evidence import unproven_among
from collector.incident import Incident
from collector.message import lasting
from collector.phrases import STATE_SYMBOLS, Phrases
from collector.view import View
from collector.web import overview
from collector.web.body import read_body
from collector.web.drawing import HEIGHT, WIDTH, band, sparkline
from collector.web.measured import groups_of, identity_of
from collector.web.said import acknowledge
from collector.web.standing import Standing
from collector.web.timeline import finding_lines, incident_lines
from collector.words import N_
from telemetry.catalogue import ICMP_LOSS_RATIO, ICMP_RTT_MEDIAN

TEMPLATES = Path(__file__).parent / "templates"
REFRESH_SECONDS = 20
BEHIND_SECONDS = 60.0
SHOWN_HOURS = 6
RESOLVED_SHOWN = 50

_DRAWN = ((ICMP_LOSS_RATIO.name, N_("Packets lost")), (ICMP_RTT_MEDIAN.name, N_("Response time")))


def make_environment() -> Environment:
    """Templates in which every value is escaped and a misspelt one is an error."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


class Pages:
    """The pages in one language. prefix: what their addresses begin with, empty or `/en`."""

    def __init__(
        self, standing: Standing, templates: Environment, language: str, prefix: str
    ) -> None:
        self._standing = standing
        self._templates = templates
        self._language = language
        self.prefix = prefix

    def routes(self) -> list[Route]:
        """The addresses of this language."""
        table = [
            ("/", self.status, "GET"),
            ("/sites/{id}", self.site, "GET"),
            ("/devices/{id}", self.device, "GET"),
            ("/incidents", self.incidents, "GET"),
            ("/incidents/{id}", self.incident, "GET"),
            ("/incidents/{id}/acknowledge", self.acknowledge, "POST"),
        ]
        return [
            Route(self.prefix + path, endpoint, methods=[method])
            for path, endpoint, method in table
        ]

    async def status(self, request: Request) -> Response:
        """The district on one page."""
        view = self._standing.view()
        phrases = self._standing.phrases(self._language)
        return self.render(
            request,
            "status.html",
            phrases,
            verdict=overview.verdict(view, phrases),
            incidents=view.open_incidents(),
            sites=overview.sites_of(view),
            rooms=overview.rooms_of(view),
            services=overview.services_of(view),
            site_names={site.id: site.name for site in view.inventory.sites},
            refresh=REFRESH_SECONDS,
        )

    async def site(self, request: Request) -> Response:
        """One site: its incidents, and its devices as a tree of who stands behind whom."""
        view = self._standing.view()
        site = view.inventory.site(request.path_params["id"])
        if site is None:
            raise HTTPException(404)
        devices = overview.devices_of(view, site.id)
        return self.render(
            request,
            "site.html",
            self._standing.phrases(self._language),
            site=site,
            state=view.site_state(site.id),
            counts=overview.count_states(devices),
            tree=overview.tree_of(view, site.id),
            incidents=[i for i in view.open_incidents() if i.site == site.id],
            refresh=REFRESH_SECONDS,
        )

    async def device(self, request: Request) -> Response:
        """One device or service: how it is, why, since when, and what was measured."""
        view = self._standing.view()
        target = overview.target_of(view, request.path_params["id"])
        if target is None:
            return self._office_of(view, request)
        phrases = self._standing.phrases(self._language)
        begin = phrases.now - SHOWN_HOURS * 3600
        findings = await run_in_threadpool(self._standing.store.findings_of, target.id, begin)
        topology = view.inventory.topology
        latest = view.latest(target.id)
        return self.render(
            request,
            "device.html",
            phrases,
            target=target,
            site=view.inventory.site(target.health.site),
            identity=identity_of(latest),
            groups=groups_of(phrases, latest, unproven_among(view.inventory, target.id, latest)),
            drawings=[
                (metric, phrases.text(words), drawing)
                for metric, words in _DRAWN
                if (drawing := sparkline(view.recent(target.id, metric)))
            ],
            band=band(view.changes_of(target.id), begin, phrases.now),
            band_hours=SHOWN_HOURS,
            lines=finding_lines(phrases, findings),
            incident=_explaining(view.open_incidents(), target),
            above=_targets(view, topology.parents(target.id)),
            below=_targets(view, topology.children(target.id)),
            refresh=REFRESH_SECONDS,
        )

    def _office_of(self, view: View, request: Request) -> Response:
        """A finding about an agent names the agent, and boards link each name as a device: its office."""
        id_ = request.path_params["id"]
        if view.inventory.site(id_) is None:
            raise HTTPException(404)
        language = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"{self.prefix}/sites/{id_}{language}")

    async def incidents(self, request: Request) -> Response:
        """The open incidents, and the last ones that are over."""
        resolved = await run_in_threadpool(self._standing.store.resolved_incidents, RESOLVED_SHOWN)
        return self.render(
            request,
            "incidents.html",
            self._standing.phrases(self._language),
            incidents=self._standing.view().open_incidents(),
            resolved=resolved,
            refresh=REFRESH_SECONDS,
        )

    async def incident(self, request: Request) -> Response:
        """One incident: everything about it, and the form with which somebody takes it on."""
        return await self._incident_page(request)

    async def acknowledge(self, request: Request) -> Response:
        """The form was sent: the operator's token is in its body, so nothing rides on a cookie."""
        fields = parse_qs((await read_body(request)).decode("utf-8", "replace"))
        note = fields.get("note", [""])[0]
        token = fields.get("token", [""])[0].strip()
        who = await run_in_threadpool(self._standing.operator_of, token)
        if who is None:
            wrong = N_("This token is not known. Ask the district for yours.")
            return await self._incident_page(request, 403, wrong, note)
        if not await acknowledge(self._standing, request.path_params["id"], who, note):
            over = N_("This incident is over already.")
            return await self._incident_page(request, 409, over, note)
        return RedirectResponse(f"{self.prefix}/incidents/{request.path_params['id']}", 303)

    def lost(self, request: Request) -> Response:
        """There is no such page."""
        phrases = self._standing.phrases(self._language)
        return self.render(request, "lost.html", phrases, status=404, refresh=0)

    async def _incident_page(
        self, request: Request, status: int = 200, wrong: str = "", note: str = ""
    ) -> Response:
        incident = await run_in_threadpool(self._standing.incident, request.path_params["id"])
        if incident is None:
            raise HTTPException(404)
        history = await run_in_threadpool(self._standing.store.history, incident)
        view = self._standing.view()
        phrases = self._standing.phrases(self._language)
        return self.render(
            request,
            "incident.html",
            phrases,
            status=status,
            incident=incident,
            site=view.inventory.site(incident.site),
            suffering=_targets(view, incident.affected),
            lines=incident_lines(phrases, history),
            wrong=phrases.text(wrong) if wrong else "",
            note=note,
            # A page that reloads itself would take away what somebody is writing.
            refresh=0 if incident.is_open else REFRESH_SECONDS,
        )

    def render(
        self, request: Request, template: str, phrases: Phrases, *, status: int = 200, **values: Any
    ) -> Response:
        """A page in the common frame, or the way to the language that was asked for."""
        wanted = request.query_params.get("lang")
        if wanted in self._standing.speaker.languages and wanted != self._language:
            return RedirectResponse(self._in_language(request, wanted))
        html = self._templates.get_template(template).render(
            {**self._frame(request, phrases), **values}
        )
        return HTMLResponse(html, status)

    def _frame(self, request: Request, phrases: Phrases) -> dict[str, Any]:
        """What every page needs."""
        view, inventory = self._standing.view(), self._standing.inventory

        def hits(incident: Incident) -> str:
            return whom(phrases, inventory, incident)

        def when(incident: Incident) -> str:
            return lasting(phrases, incident)

        return {
            "p": phrases,
            "_": phrases.text,
            "language": self._language,
            "district": inventory.district,
            "link": lambda path: (self.prefix + path) or "/",
            "other_languages": [
                (code, self._in_language(request, code))
                for code in self._standing.speaker.languages
                if code != self._language
            ],
            "symbols": STATE_SYMBOLS,
            "drawing": (WIDTH, HEIGHT),
            "hits": hits,
            "when": when,
            "notices": [phrases.say(notice) for notice in self._standing.notices()],
            "behind": view.now if phrases.now - view.now > BEHIND_SECONDS else None,
        }

    def _in_language(self, request: Request, language: str) -> str:
        """The address of the same page in another language."""
        path = request.url.path.removeprefix(self.prefix) if self.prefix else request.url.path
        path = path.removesuffix("/acknowledge")
        return prefix_of(language, self._standing.inventory.district.language) + (path or "/")


def prefix_of(language: str, own_language: str) -> str:
    """What the addresses of a language begin with: nothing for the district's own."""
    return "" if language == own_language else f"/{language}"


def _targets(view: View, ids: Iterable[str]) -> list[overview.Target]:
    """Those of the ids that the inventory still has."""
    return [target for id_ in ids if (target := overview.target_of(view, id_))]


def _explaining(incidents: Iterable[Incident], target: overview.Target) -> Incident | None:
    """The open incident that explains how the target is."""
    causes = (target.health.cause, f"device:{target.id}")
    return next((i for i in incidents if i.cause in causes or target.id in i.affected), None)
