"""Bodies of requests: never more than they need to be."""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request

from collector.web.problem import Problem

MAX_BODY_BYTES = 64 * 1024


async def read_body(request: Request, limit: int = MAX_BODY_BYTES) -> bytes:
    """The body; 413 as soon as it is longer than `limit`, whatever its header claims."""
    parts, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise Problem(413, f"The body is longer than {limit} bytes.")
        parts.append(chunk)
    return b"".join(parts)


async def read_json(request: Request) -> dict[str, Any]:
    """The body as a JSON object; 400 for anything else."""
    try:
        document = json.loads(await read_body(request))
    except (ValueError, RecursionError):
        raise Problem(400, "The body is not JSON.") from None
    if not isinstance(document, dict):
        raise Problem(400, "The body is not a JSON object.")
    return document


def text_field(document: dict[str, Any], name: str, *, required: bool = False) -> str:
    """A text of the object, empty when it is not there; 400 when it is no text, or missing."""
    value = document.get(name, "")
    if not isinstance(value, str) or (required and not value.strip()):
        raise Problem(400, f'The key "{name}" is to be a text.')
    return value.strip()
