"""Is a server's certificate good, and until when?"""

from __future__ import annotations

import asyncio
import ssl
import time
from datetime import UTC, datetime

from agent.address import Lookup, try_each
from agent.certificate import Certificate, curious_context, shown_chain, trusting_context
from agent.probe import Reason, Result, Target
from agent.trial import CheckFailed, Trial, tls_words
from inventory.check import TlsCheck
from telemetry.catalogue import TLS_NOT_AFTER

HTTPS_PORT = 443
SOON_DAYS = 30


class TlsProbe:
    """Shakes hands and reads `tls_certificate_not_after_timestamp_seconds`, also of a bad one.

    What is read: when the handshake verifies, the chain that was built, root included; the reading
    is the date of the first of them to expire. When it does not verify, a second handshake without
    verification reads the chain that the server sends; the check then fails with the reason `tls`
    and its working names the problem and the dates.
    """

    def __init__(self) -> None:
        self._lookup = Lookup()
        self._trusting = trusting_context()
        self._curious = curious_context()

    async def check(self, target: Target, options: TlsCheck, deadline: float) -> Result:
        """Asks the target's address unless the options name a host of their own."""
        trial = Trial()
        seconds = min(deadline, options.timeout)
        return await trial.run(self._inspect(trial, target, options, seconds), seconds)

    async def close(self) -> None:
        """Nothing is kept between checks."""

    async def _inspect(
        self, trial: Trial, target: Target, options: TlsCheck, seconds: float
    ) -> None:
        host = options.host or target.address
        name, port = options.server_name or host, options.port or HTTPS_PORT
        addresses = await self._lookup.permitted(host)

        async def shake(context: ssl.SSLContext) -> tuple[Certificate, ...]:
            return await try_each(
                addresses, seconds, lambda address: _chain(address, port, name, context)
            )

        trial.say(f"Starting TLS with {addresses[0]} port {port}, asking for {name}.")
        problem = ""
        try:
            chain = await shake(self._trusting)
        except ssl.SSLError as error:
            problem = tls_words(error)
            trial.say(f"Not accepted: {problem}. Asking again without verifying, to read it.")
            chain = await shake(self._curious)
        _read_chain(trial, chain)
        if problem:
            raise CheckFailed(Reason.TLS, f"A browser would warn here: {problem}.")


def _read_chain(trial: Trial, chain: tuple[Certificate, ...]) -> None:
    for certificate in chain:
        trial.say(
            f"Certificate for {certificate.subject}, issued by {certificate.issuer}, good from "
            f"{certificate.not_before:%Y-%m-%d} to {certificate.not_after:%Y-%m-%d}."
        )
    first = min(chain, key=lambda certificate: certificate.not_after)
    trial.read(TLS_NOT_AFTER.reading(first.not_after.timestamp()))
    days = (first.not_after - datetime.fromtimestamp(time.time(), UTC)).days
    if days < 0:
        trial.say(f"{first.subject} expired {-days} days ago.")
    elif days < SOON_DAYS:
        trial.say(f"Renew soon: {first.subject} expires in {days} days.")
    else:
        trial.say(f"The first to expire is {first.subject}, in {days} days.")


async def _chain(
    address: str, port: int, name: str, context: ssl.SSLContext
) -> tuple[Certificate, ...]:
    """The certificates that one handshake shows. Raises OSError, of which SSLError is one."""
    _, writer = await asyncio.open_connection(address, port, ssl=context, server_hostname=name)
    try:
        return shown_chain(writer.get_extra_info("ssl_object"))
    except ValueError as error:
        raise CheckFailed(Reason.MALFORMED, "The server's certificate cannot be read.") from error
    finally:
        writer.transport.abort()
