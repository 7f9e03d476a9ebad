"""The API described for programs (OpenAPI 3.1); a test compares it with the routes that exist."""

from __future__ import annotations

from typing import Any

_LANG = {"name": "lang", "in": "query", "schema": {"enum": ["vi", "en"]}}
_ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
_STATE = {"name": "state", "in": "query", "schema": {"type": "string"}}
_SITE = {"name": "site", "in": "query", "schema": {"type": "string"}}

_BEARER: list[dict[str, list[str]]] = [{"bearer": []}]

# (path, method, what it does, parameters, properties of the body, needs a token)
_OPERATIONS: tuple[tuple[str, str, str, list[dict[str, Any]], tuple[str, ...], bool], ...] = (
    ("/api/v1/write", "post", "Takes samples by Prometheus remote-write 1.0", [], (), True),
    ("/api/v1/sites", "get", "Every site with its state", [], (), False),
    ("/api/v1/devices", "get", "Devices and services", [_SITE, _STATE, _LANG], (), False),
    ("/api/v1/devices/{id}", "get", "One device, with its newest values", [_ID, _LANG], (), False),
    ("/api/v1/findings", "get", "The findings that stand", [_LANG], (), False),
    ("/api/v1/incidents", "get", "Incidents, open ones unless asked", [_STATE, _LANG], (), False),
    ("/api/v1/incidents/{id}", "get", "One incident with its history", [_ID, _LANG], (), False),
    ("/api/v1/incidents/{id}/acknowledge", "post", "Takes it on", [_ID, _LANG], ("note",), True),
    ("/api/v1/silences", "get", "What nobody wants to be told about", [], (), False),
    ("/api/v1/silences", "post", "Adds a silence", [], ("what", "from", "until", "why"), True),
    ("/api/v1/maintenance", "get", "Maintenance windows to come", [], (), False),
    ("/api/v1/readiness", "get", "go, at_risk or no_go per room", [_LANG], (), False),
    ("/api/v1/agents", "get", "The agents that were heard of", [], (), False),
    ("/api/v1/agents/me/inventory", "get", "What the calling agent must measure", [], (), True),
    ("/api/v1/agents/http_sd", "get", "Agents for Prometheus' http_sd_configs", [], (), False),
    ("/api/v1/enroll", "post", "Exchanges a one-time token", [], ("token",), False),
    ("/api/v1/openapi.json", "get", "This description", [], (), False),
)


def openapi_document() -> dict[str, Any]:
    """The description of every route below `/api/v1`."""
    paths: dict[str, dict[str, Any]] = {}
    for path, method, summary, parameters, body, secured in _OPERATIONS:
        operation: dict[str, Any] = {
            "summary": summary,
            "parameters": parameters,
            "responses": {
                "default": {
                    "description": "What went wrong",
                    "content": {"application/problem+json": {"schema": _PROBLEM}},
                },
                "2XX": {"description": "Done"},
            },
        }
        if body:
            properties: dict[str, Any] = {name: {} for name in body}
            schema = {"type": "object", "properties": properties}
            operation["requestBody"] = {"content": {"application/json": {"schema": schema}}}
        if secured:
            operation["security"] = _BEARER
        paths.setdefault(path, {})[method] = operation
    return {
        "openapi": "3.1.0",
        "info": {"title": "Lap Thach Monitor", "version": "1"},
        "paths": paths,
        "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
    }


_PROBLEM = {
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
}
