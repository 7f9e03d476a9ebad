"""One remote-write request to a store, and whether the same may be sent again."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from collector.config import StoreSettings

LONGEST_WAIT = 300.0

_HEADERS = {
    "Content-Encoding": "snappy",
    "Content-Type": "application/x-protobuf",
    "X-Prometheus-Remote-Write-Version": "0.1.0",
    "User-Agent": "lapthach-monitor",
}
# The store, not the request, is at fault, or the way to it is set up wrongly: giving up the samples
# for that is how others lost theirs (VictoriaMetrics #4701, #11272).
_TRY_AGAIN = frozenset({401, 403, 404, 405, 407, 408, 421, 425, 429})


@dataclass(frozen=True, slots=True)
class Answer:
    """reason: empty when the store took the request; again: whether to send the same once more;
    away: nobody answered at all.
    """

    reason: str = ""
    again: bool = False
    retry_after: float = 0.0
    away: bool = False


async def send(client: httpx.AsyncClient, url: str, body: bytes) -> Answer:
    """POSTs one compressed message; whatever network and store do is an answer."""
    try:
        response = await client.post(url, content=body)
    except httpx.TimeoutException:
        return Answer("timeout", again=True, away=True)
    except httpx.HTTPError:
        return Answer("unreachable", again=True, away=True)
    return _answer_of(response)


def _answer_of(response: httpx.Response) -> Answer:
    status = response.status_code
    if response.is_success:
        return Answer()
    if 400 <= status < 500 and status not in _TRY_AGAIN:
        return Answer(f"http_{status}")
    return Answer(f"http_{status}", again=True, retry_after=_retry_after(response))


def _retry_after(response: httpx.Response) -> float:
    """The seconds that the store asks for, within bounds; its other form, a date, is not used."""
    text = response.headers.get("retry-after", "")
    return min(float(text[:9]), LONGEST_WAIT) if text.isascii() and text.isdigit() else 0.0


def access_to(store: StoreSettings) -> tuple[dict[str, str], httpx.BasicAuth | None]:
    """The headers of every request, and the user and password where the store wants them. Raises
    ConfigError when a secret of it cannot be had.
    """
    headers = dict(_HEADERS)
    if store.token is not None:
        headers["Authorization"] = f"Bearer {store.token.reveal()}"
    if store.user is None:
        return headers, None
    return headers, httpx.BasicAuth(store.user, store.password.reveal() if store.password else "")
