"""Asks the collector's API again and again, and tells what is new: green sites, incidents, their end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import httpx

Document = dict[str, Any]

_LOOK_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class News:
    """An incident was opened, updated or resolved. `what` is the name of the event."""

    what: str
    incident: Document


@dataclass(slots=True)
class View:
    """What the collector says at the moment; incidents are open ones, worst first."""

    answered: bool = False
    sites: list[Document] = field(default_factory=list)
    incidents: list[Document] = field(default_factory=list)

    @property
    def states(self) -> Counter[str]:
        """How many devices are in which state."""
        total: Counter[str] = Counter()
        for site in self.sites:
            total.update(site["devices"])
        return total

    @property
    def all_green(self) -> bool:
        """Whether every device has been measured and is up."""
        return bool(self.sites) and {s for s, n in self.states.items() if n} == {"up"}


class Watch:
    """One collector. `view` is what it said last."""

    def __init__(self, page: str, language: str) -> None:
        self.view = View()
        self._client = httpx.AsyncClient(base_url=page, timeout=_LOOK_SECONDS, trust_env=False)
        self._language = language
        self._known: dict[str, Document] = {}

    async def look(self) -> list[News]:
        """Asks once; what is new since the last time. While nobody answers there is nothing new."""
        try:
            sites = await self._get("sites")
            incidents = await self._get("incidents")
            gone = self._known.keys() - {incident["id"] for incident in incidents}
            ended = [await self._get(f"incidents/{id_}") for id_ in sorted(gone)]
        except httpx.HTTPError:
            self.view = View(False, self.view.sites, self.view.incidents)
            return []
        self.view = View(True, sites, incidents)
        return self._news([*incidents, *ended])

    async def close(self) -> None:
        """Ends the connections."""
        await self._client.aclose()

    async def _get(self, path: str) -> Any:
        answer = await self._client.get(f"/api/v1/{path}", params={"lang": self._language})
        answer.raise_for_status()
        return answer.json()

    def _news(self, incidents: Iterable[Document]) -> list[News]:
        news = []
        for incident in incidents:
            before = self._known.get(incident["id"])
            if incident["state"] == "resolved":
                self._known.pop(incident["id"], None)
                if before is None:
                    news.append(News("incident_opened", incident))
                news.append(News("incident_resolved", incident))
                continue
            self._known[incident["id"]] = incident
            if before is None:
                news.append(News("incident_opened", incident))
            elif before["revision"] != incident["revision"]:
                news.append(News("incident_updated", incident))
        return news
