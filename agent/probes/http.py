"""Does a web page answer, how fast in which phase, and with what it should?"""

from __future__ import annotations

import base64
import html
import time
import unicodedata
from dataclasses import dataclass, field

import httpx

from agent.address import Lookup, redirect_refusal
from agent.certificate import curious_context, trusting_context
from agent.fetch import Fetch, Page, Phases
from agent.probe import Reason, Result, Target
from agent.trial import CheckFailed, Trial
from inventory.check import HttpCheck
from telemetry.catalogue import HTTP_CONTENT_OK, HTTP_RESPONSE, HTTP_STATUS_CODE

MAX_REDIRECTS = 5
_CHARSETS = frozenset(
    {"utf-8", "utf8", "us-ascii", "iso-8859-1", "windows-1252", "windows-1258", "utf-16"}
)
"""Some of Python's other codecs unpack, or take quadratic time; a page may not choose those."""


@dataclass(slots=True)
class _Walk:
    """Where one check stands on its way through redirects."""

    trial: Trial
    options: HttpCheck
    ends: float
    came_from: str = ""
    phases: Phases = field(default_factory=Phases)
    cookies: dict[str, httpx.Cookies] = field(default_factory=dict)


class HttpProbe:
    """Fetches a page. Reads `http_status_code`, `http_response_seconds{phase}`, `http_content_ok`.

    Phases, summed over redirects: resolve, connect, tls, processing (from sending the request to
    the end of the headers), transfer. `http_content_ok` is there only when `contains` is asked for.
    Every hop has a connection of its own, made to the very address that was judged allowed, and
    configured headers and passwords stay with the first host. Proxy settings of the environment
    are not used: what is measured is the office's own way.
    """

    def __init__(self) -> None:
        self._lookup = Lookup()
        self._trusting = trusting_context()
        self._curious = curious_context()

    async def check(self, target: Target, options: HttpCheck, deadline: float) -> Result:
        """Fetches the options' URL, or the start page at the target's address."""
        trial = Trial()
        seconds = min(deadline, options.timeout)
        walk = _Walk(trial, options, time.perf_counter() + seconds)
        return await trial.run(self._fetch(walk, _first_url(target, options)), seconds)

    async def close(self) -> None:
        """Nothing is kept between checks."""

    async def _fetch(self, walk: _Walk, url: str) -> None:
        try:
            page = await self._follow(walk, _parsed(url))
        finally:
            for phase, seconds in walk.phases.seconds.items():
                walk.trial.read(HTTP_RESPONSE.reading(seconds, phase=phase))
        _judge(walk, page)

    async def _follow(self, walk: _Walk, first: httpx.URL) -> Page:
        url = first
        for _ in range(MAX_REDIRECTS + 1):
            headers = _private_headers(walk.options, url) if _origin(url) == _origin(first) else {}
            page = await self._hop(walk, url, headers)
            walk.trial.say(f"{page.address} answered with status {page.status}.")
            if not page.location:
                return page
            walk.trial.say(f"It sends us on to {page.location}")
            walk.came_from = page.address
            url = _parsed(page.location, url)
        raise CheckFailed(Reason.MISBEHAVING, f"More than {MAX_REDIRECTS} redirects; given up.")

    async def _hop(self, walk: _Walk, url: httpx.URL, headers: dict[str, str]) -> Page:
        began = time.perf_counter()
        addresses = await self._addresses(walk.came_from, url.host)
        walk.phases.add("resolve", began)
        walk.trial.say(f"GET {url.copy_with(userinfo=b'')} from {', '.join(addresses)}.")
        fetch = Fetch(
            url,
            addresses,
            headers,
            walk.cookies.setdefault(_origin(url), httpx.Cookies()),
            self._trusting if walk.options.verify_tls else self._curious,
            walk.ends - time.perf_counter(),
            follows=not 300 <= walk.options.status < 400,
        )
        return await fetch.page(walk.phases)

    async def _addresses(self, came_from: str, host: str) -> tuple[str, ...]:
        if not came_from:
            return await self._lookup.permitted(host)
        found = await self._lookup.addresses(host)
        for address in found:
            if why := redirect_refusal(came_from, address):
                raise CheckFailed(Reason.FORBIDDEN, why)
        return found


def _first_url(target: Target, options: HttpCheck) -> str:
    if options.url:
        return options.url
    host = f"[{target.address}]" if ":" in target.address else target.address
    return f"http://{host}/"


def _parsed(text: str, base: httpx.URL | None = None) -> httpx.URL:
    """The URL, made absolute. Raises CheckFailed unless it is http or https with a host."""
    try:
        url = httpx.URL(text) if base is None else base.join(text)
    except httpx.InvalidURL as error:
        raise CheckFailed(Reason.MALFORMED, f"{text} is not a web address: {error}.") from error
    if url.scheme not in ("http", "https"):
        raise CheckFailed(
            Reason.FORBIDDEN, f"Only http and https are asked, not {url.scheme or 'nothing'}."
        )
    if not url.host:
        raise CheckFailed(Reason.MALFORMED, f"{text} names no host.")
    return url


def _origin(url: httpx.URL) -> str:
    """Scheme, host and port: what headers, passwords and cookies are bound to (RFC 6454)."""
    port = url.port or {"http": 80, "https": 443}[url.scheme]
    return f"{url.scheme}://{url.host}:{port}"


def _private_headers(options: HttpCheck, url: httpx.URL) -> dict[str, str]:
    """What only the configured host may see: a name and password out of its URL."""
    if not url.userinfo:
        return {}
    login = f"{url.username}:{url.password}".encode()
    return {"Authorization": "Basic " + base64.b64encode(login).decode("ascii")}


def _judge(walk: _Walk, page: Page) -> None:
    """Reads status and content. Raises CheckFailed when they are not the ones expected."""
    trial, options = walk.trial, walk.options
    trial.read(HTTP_STATUS_CODE.reading(page.status))
    more = " and was cut there" if page.cut else ""
    trial.say(f"The page has {len(page.body)} bytes{more}.")
    found = options.contains is None or _holds(page, options.contains)
    if options.contains is not None:
        trial.read(HTTP_CONTENT_OK.reading(found))
    if page.status != options.status:
        raise CheckFailed(
            Reason.STATUS, f"Status {page.status} came where {options.status} was expected."
        )
    if not found:
        raise CheckFailed(Reason.CONTENT, f"The page does not hold the text “{options.contains}”.")
    if options.contains is not None:
        trial.say(f"The page holds the text “{options.contains}”.")


def _holds(page: Page, wanted: str) -> bool:
    """Whether the page has the text, however its diacritics are composed or escaped."""
    charset = page.charset.lower()
    text = page.body.decode(charset if charset in _CHARSETS else "utf-8", errors="replace")
    wanted = unicodedata.normalize("NFC", wanted)
    return wanted in unicodedata.normalize("NFC", text) or wanted in unicodedata.normalize(
        "NFC", html.unescape(text)
    )
