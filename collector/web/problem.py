"""Errors as problem documents (RFC 9457): the same shape whatever went wrong."""

from __future__ import annotations

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

MEDIA_TYPE = "application/problem+json"


class Problem(HTTPException):
    """A request that cannot be served; `detail` is one sentence for the person who sent it."""


def problem(status: int, detail: str, headers: dict[str, str] | None = None) -> Response:
    """The document: `status`, `title` (the status' own name), `detail`, `type` about:blank."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    return JSONResponse(body, status, headers=headers, media_type=MEDIA_TYPE)


async def answer_problem(request: Request, error: Exception) -> Response:
    """Turns an HTTPException of any route into a problem document."""
    if not isinstance(error, HTTPException):
        raise error
    detail = error.detail if error.detail else HTTPStatus(error.status_code).phrase
    return problem(error.status_code, detail, dict(error.headers or {}))
