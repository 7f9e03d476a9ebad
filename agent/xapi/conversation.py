"""The HTTPS side of a codec: one connection, one question after the other, no redirect, a pinned certificate.

A password goes to the codec that the inventory names and nowhere else: before it is sent, the certificate has
been verified or compared with the pinned one, and an answer that sends us elsewhere is not followed.
"""

from __future__ import annotations

import base64
import ssl
from dataclasses import dataclass
from functools import cached_property
from types import TracebackType
from typing import Any

import httpx

from agent.certificate import curious_context, fingerprint, trusting_context
from agent.fetch import REDIRECTS, read_capped, translated
from agent.probe import Reason
from agent.trial import CheckFailed, Trial
from agent.xapi.status import Node, read_status
from inventory.check import XapiCheck
from inventory.credentials import Login

SHARE_FOR_CONNECTING = 0.6
_PORTS = {"https": 443, "http": 80}
_REFUSED = frozenset({401, 403})
_UNKNOWN = frozenset({400, 404})


class Contexts:
    """The two ways of meeting a certificate, each made once and when it is first needed: reading the roots
    takes a while, and most offices have no codec.
    """

    def of(self, options: XapiCheck) -> ssl.SSLContext:
        """What the options want: a certificate that somebody vouches for, or none of that."""
        return self._trusting if options.verify_tls and options.pin is None else self._curious

    @cached_property
    def _trusting(self) -> ssl.SSLContext:
        return trusting_context()

    @cached_property
    def _curious(self) -> ssl.SSLContext:
        return curious_context()


@dataclass(slots=True)
class Conversation:
    """Asks one codec. Use as an asynchronous context; has no deadline of its own.

    host: as the inventory writes it; address: where it is.
    """

    trial: Trial
    host: str
    address: str
    options: XapiCheck
    login: Login
    contexts: Contexts
    _client: httpx.AsyncClient | None = None

    async def __aenter__(self) -> Conversation:
        """Connects with the first question."""
        login = f"{self.login.user}:{self.login.password.reveal()}".encode()
        self._client = httpx.AsyncClient(
            verify=self.contexts.of(self.options),
            trust_env=False,
            # The trial around it has the deadline. Connecting has its own, because a handshake that is
            # merely cancelled leaves its socket behind.
            timeout=httpx.Timeout(None, connect=self.options.timeout * SHARE_FOR_CONNECTING),
            limits=httpx.Limits(max_connections=1, keepalive_expiry=30),
            headers={
                "Host": self._place(self.host),
                "User-Agent": "lapthach-monitor",
                "Accept": "text/xml, application/xml",
                "Accept-Encoding": "gzip",
                "Authorization": "Basic " + base64.b64encode(login).decode("ascii"),
            },
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Hangs up."""
        if self._client is not None:
            await self._client.aclose()

    async def status(self, location: str) -> Node | None:
        """The document at a location such as `/Status/SIP`; None where this software has no such place.

        Raises CheckFailed with the reason for everything else that is no status, and OSError.
        """
        self.trial.say(
            f"GET {self._scheme}://{self._place(self.address)}/getxml?location={location}"
        )
        body = await self._answer(location)
        if body is None:
            self.trial.say("This software does not know that place.")
            return None
        try:
            return read_status(body)
        except ValueError as error:
            raise CheckFailed(Reason.MALFORMED, f"That is no status: {error}.") from error

    async def _answer(self, location: str) -> bytes | None:
        if self._client is None:
            raise RuntimeError("a conversation is asked inside its context")
        request = self._client.stream(
            "GET",
            f"{self._scheme}://{self._place(self.address)}/getxml?location={location}",
            extensions={"sni_hostname": self.host, "trace": self._watch},
        )
        try:
            async with request as response:
                body, cut = await read_capped(response)
                if response.status_code in _UNKNOWN:
                    return None
                self._judge(response)
        except httpx.TransportError as error:
            raise translated(error) from error
        except (httpx.InvalidURL, httpx.DecodingError) as error:
            raise CheckFailed(Reason.MALFORMED, f"The answer cannot be read: {error}.") from error
        if cut:
            raise CheckFailed(
                Reason.MISBEHAVING, f"More than {len(body)} octets came; ended by us."
            )
        return body

    @staticmethod
    def _judge(response: httpx.Response) -> None:
        """Raises CheckFailed for every status that brings no document."""
        status = response.status_code
        if status in _REFUSED:
            raise CheckFailed(Reason.AUTH, "The codec does not accept this user and password.")
        if status in REDIRECTS:
            where = response.headers.get("location", "")
            raise CheckFailed(
                Reason.STATUS,
                f"It sends us on to {where}, where our password has no business. Is its API for "
                "programs switched off, or the web interface restricted?",
            )
        if status != 200:
            raise CheckFailed(Reason.STATUS, f"Status {status} came where 200 was expected.")

    async def _watch(self, event: str, info: dict[str, Any]) -> None:
        """Called by httpcore at each step; looks at the certificate before anything is sent."""
        if event != "connection.start_tls.complete":
            return
        stream = info["return_value"]
        shown = fingerprint(stream.get_extra_info("ssl_object"))
        if self.options.pin is not None and shown != self.options.pin:
            await stream.aclose()  # httpcore forgets it when we raise here
            raise CheckFailed(
                Reason.TLS,
                f"The certificate is not the pinned one: its SHA-256 is {shown}. If the codec got a "
                "new one, compare it there and write it as pin; else somebody is in between.",
            )

    @property
    def _scheme(self) -> str:
        return "http" if self.options.plain_http else "https"

    def _place(self, host: str) -> str:
        """Host and port as they stand in an address."""
        named = f"[{host}]" if ":" in host else host
        usual = _PORTS[self._scheme]
        port = self.options.port or usual
        return named if port == usual else f"{named}:{port}"
