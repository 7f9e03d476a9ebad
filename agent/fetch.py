"""One HTTP request to one judged address: the page, capped, and how long each phase took."""

from __future__ import annotations

import ssl
import time
import zlib
from collections import defaultdict
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

import httpx

from agent.probe import Reason
from agent.trial import CheckFailed

MAX_BODY = 1 << 20
"""At most this much of a page is read, before and after decompression, in bytes."""
REDIRECTS = frozenset({301, 302, 303, 307, 308})
_GZIP_OR_ZLIB = 47  # window bits: 15, plus 32 to tell the two apart (zlib manual, inflateInit2)
_PHASE_OF = {
    "connection.connect_tcp": "connect",
    "connection.start_tls": "tls",
    "http11.receive_response_headers": "processing",
}


@dataclass(frozen=True, slots=True)
class Page:
    """What came back. `body`: decompressed, empty for a redirect; `cut`: more was offered."""

    address: str
    status: int
    location: str
    charset: str
    body: bytes
    cut: bool


@dataclass(slots=True)
class Phases:
    """Seconds spent so far by phase: resolve, connect, tls, processing, transfer."""

    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    _began: dict[str, float] = field(default_factory=dict)

    async def trace(self, event: str, _: object) -> None:
        """Takes an event of httpcore's `trace` extension, like `connection.start_tls.complete`."""
        stage, _, moment = event.rpartition(".")
        now = time.perf_counter()
        if moment == "started":
            # The server's part begins when our request goes out, not when its answer comes in.
            self._began[stage.replace("send_request", "receive_response")] = now
        elif moment == "complete" and stage in _PHASE_OF:
            self.seconds[_PHASE_OF[stage]] += now - self._began[stage]

    def add(self, phase: str, began: float) -> None:
        """Adds the time since `began` (perf_counter) to the phase."""
        self.seconds[phase] += time.perf_counter() - began


@dataclass(frozen=True, slots=True)
class Fetch:
    """One GET. `addresses` are tried in order until one can be connected to, within `seconds`.

    `cookies` are sent and take up what the answer sets. The name of the URL goes into the Host
    header and the TLS handshake; its user part goes nowhere.
    """

    url: httpx.URL
    addresses: tuple[str, ...]
    headers: dict[str, str]
    cookies: httpx.Cookies
    context: ssl.SSLContext
    seconds: float
    follows: bool = True

    async def page(self, phases: Phases) -> Page:
        """The answer. Raises OSError or CheckFailed; has no deadline once it is connected."""
        ends = time.perf_counter() + self.seconds
        for left in range(len(self.addresses), 1, -1):
            share = (ends - time.perf_counter()) / left
            try:
                return await self._from(self.addresses[-left], share, phases)
            except (ConnectionRefusedError, TimeoutError):
                continue
        return await self._from(self.addresses[-1], ends - time.perf_counter(), phases)

    async def _from(self, address: str, connect_seconds: float, phases: Phases) -> Page:
        try:
            async with self._response(address, connect_seconds, phases) as response:
                location = response.headers.get("location", "")
                redirects = self.follows and response.status_code in REDIRECTS and location
                body, cut = b"", False
                if not redirects:
                    began = time.perf_counter()
                    body, cut = await read_capped(response)
                    phases.add("transfer", began)
                return Page(
                    address,
                    response.status_code,
                    location if redirects else "",
                    response.charset_encoding or "utf-8",
                    body,
                    cut,
                )
        except httpx.TransportError as error:
            raise translated(error) from error
        except (httpx.InvalidURL, httpx.DecodingError, zlib.error) as error:
            raise CheckFailed(Reason.MALFORMED, f"The answer cannot be read: {error}.") from error

    @asynccontextmanager
    async def _response(
        self, address: str, connect_seconds: float, phases: Phases
    ) -> AsyncIterator[httpx.Response]:
        headers = {
            "Host": self.url.netloc.decode("ascii"),
            "User-Agent": "lapthach-monitor",
            "Accept": "*/*",
            "Accept-Encoding": "gzip",
            "Connection": "close",
            **self.headers,
        }
        async with (
            httpx.AsyncClient(
                verify=self.context, trust_env=False, cookies=self.cookies, headers=headers
            ) as client,
            client.stream(
                "GET",
                self.url.copy_with(host=address, userinfo=b""),
                timeout=httpx.Timeout(None, connect=connect_seconds),
                extensions={"sni_hostname": self.url.host, "trace": phases.trace},
            ) as response,
        ):
            self.cookies.update(client.cookies)
            yield response


async def read_capped(response: httpx.Response) -> tuple[bytes, bool]:
    """The decompressed body, at most MAX_BODY, and whether more was offered.

    Not httpx's own decoders: they unpack a whole chunk at once, a thousandfold for a hostile one.
    """
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip", "x-gzip", "deflate", ""):
        raise CheckFailed(
            Reason.MALFORMED, f"The page is packed as {encoding}, which we did not ask for."
        )
    unpack = zlib.decompressobj(_GZIP_OR_ZLIB) if encoding not in ("identity", "") else None
    body, came = bytearray(), 0
    async with aclosing(cast("AsyncGenerator[bytes]", response.aiter_raw())) as chunks:
        async for chunk in chunks:
            came += len(chunk)
            body += unpack.decompress(chunk, MAX_BODY - len(body)) if unpack else chunk
            if max(came, len(body)) >= MAX_BODY:
                return bytes(body[:MAX_BODY]), True
    return bytes(body), False


def translated(error: httpx.TransportError) -> Exception:
    """The operating system's error under httpx's, or what it means in our words."""
    deepest: OSError | None = None
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError):
            deepest = cause
        cause = cause.__cause__ or cause.__context__  # httpcore re-raises "from None"
    if isinstance(error, httpx.TimeoutException):
        return TimeoutError("connecting took too long")
    if deepest is not None:
        return deepest
    return CheckFailed(Reason.MALFORMED, f"The answer breaks the protocol: {error}.")
