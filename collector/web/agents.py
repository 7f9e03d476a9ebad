"""What agents ask of the collector: to be let in, and what they must measure."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from collector.enrolment import Enrolled, Enrolment
from collector.web.api import bearer_of
from collector.web.body import read_json, text_field
from collector.web.problem import Problem
from inventory.inventory import Inventory
from telemetry.errors import EnrolmentError


class AgentApi:
    """inventory: as it was loaded here, with its secrets (the judging engine's copy has none).
    scrape: where Prometheus reaches an agent's `/metrics`, by agent.
    """

    def __init__(
        self,
        inventory: Callable[[], Inventory],
        agent_of: Callable[[str], Enrolled | None],
        enrolment: Enrolment,
        clock: Callable[[], float],
        scrape: Mapping[str, str],
    ) -> None:
        self._inventory = inventory
        self._agent_of = agent_of
        self._enrolment = enrolment
        self._clock = clock
        self._scrape = scrape

    def routes(self) -> list[Route]:
        """What agents ask, and Prometheus about them."""
        return [
            Route("/api/v1/agents/http_sd", self.http_sd, methods=["GET"]),
            Route("/api/v1/agents/me/inventory", self.own_inventory, methods=["GET"]),
            Route("/api/v1/enroll", self.enroll, methods=["POST"]),
        ]

    async def own_inventory(self, request: Request) -> Response:
        """What the calling agent must measure, with the credentials it needs for that."""
        agent = await run_in_threadpool(self._agent_of, bearer_of(request))
        if agent is None:
            raise Problem(401, "An agent's token is needed.", {"WWW-Authenticate": "Bearer"})
        if agent.revoked_at is not None:
            raise Problem(403, "This agent has been shut out.")
        text = await run_in_threadpool(self._part_of, agent)
        etag = f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
        headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
        if etag in (known.strip() for known in request.headers.get("if-none-match", "").split(",")):
            return Response(status_code=304, headers=headers)
        return Response(text, headers=headers, media_type="application/json")

    async def http_sd(self, request: Request) -> Response:
        """The agents that can be scraped, in the format of Prometheus' `http_sd_configs`. Names are
        meta labels: samples bear `site` and `agent` themselves.
        """
        return JSONResponse(
            [
                {"targets": [address], "labels": {"__meta_ltmon_agent": agent}}
                for agent, address in sorted(self._scrape.items())
            ]
        )

    async def enroll(self, request: Request) -> Response:
        """`{"token": "…"}`, a one-time token, for the agent's name, sites and own credential."""
        token = text_field(await read_json(request), "token", required=True)
        try:
            agent, credential = await run_in_threadpool(
                self._enrolment.redeem, token, self._clock()
            )
        except EnrolmentError as error:
            raise Problem(403, f"{error}.") from None
        document = {
            "agent": agent.agent,
            "site": agent.sites[0],
            "sites": list(agent.sites),
            "watch": list(agent.watch),
            "credential": credential,
        }
        return JSONResponse(document, headers={"Cache-Control": "no-store"})

    def _part_of(self, agent: Enrolled) -> str:
        part = self._inventory().subset(agent.sites, agent.watch, reveal_secrets=True)
        return part.to_json(reveal_secrets=True)
