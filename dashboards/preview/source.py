"""Questions to a store by Prometheus' HTTP API, as Grafana's data source asks them."""

from __future__ import annotations

from typing import Any, NamedTuple

import httpx

from dashboards.preview.errors import StoreError


class Found(NamedTuple):
    """One series of an answer: labels without the name, and (time, value) points, oldest first."""

    labels: dict[str, str]
    points: tuple[tuple[float, float], ...]


class Source:
    """A store at `url` that speaks Prometheus' API; close it when done."""

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(base_url=url, timeout=60, trust_env=False)

    def __enter__(self) -> Source:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def instant(self, expression: str, at: float) -> list[Found]:
        """The values at a moment, in the order of the store."""
        data = self._ask("/api/v1/query", query=expression, time=str(at))
        if data["resultType"] == "scalar":
            return [Found({}, _points([data["result"]]))]
        return [Found(_labels(row), _points([row["value"]])) for row in data["result"]]

    def course(self, expression: str, begin: float, end: float, step: float) -> list[Found]:
        """The values from `begin` to `end`, one each `step` seconds."""
        data = self._ask(
            "/api/v1/query_range",
            query=expression,
            start=str(begin),
            end=str(end),
            step=str(step),
        )
        return [Found(_labels(row), _points(row["values"])) for row in data["result"]]

    def label_values(self, selector: str, label: str, begin: float, end: float) -> list[str]:
        """The values of a label among the series that the selector finds, in order."""
        window = {"match[]": selector, "start": str(begin), "end": str(end)}
        return sorted(self._ask(f"/api/v1/label/{label}/values", **window))

    def _ask(self, path: str, **parameters: str) -> Any:
        try:
            answer = self._http.get(path, params=parameters)
        except httpx.HTTPError as error:
            raise StoreError(f"{self._http.base_url}{path.lstrip('/')}: {error}") from error
        if not answer.is_success:
            raise StoreError(f"{parameters}: {answer.status_code} {answer.text[:300]}")
        return answer.json()["data"]


def _labels(row: dict[str, Any]) -> dict[str, str]:
    return {name: value for name, value in row["metric"].items() if name != "__name__"}


def _points(pairs: list[Any]) -> tuple[tuple[float, float], ...]:
    return tuple((float(time), float(value)) for time, value in pairs)
