"""Does a name server answer, and with what it should?"""

from __future__ import annotations

import socket

import dns.asyncbackend
import dns.asyncquery
import dns.exception
import dns.inet
import dns.message
import dns.rcode
import dns.rdatatype
import dns.resolver

from agent.address import Lookup
from agent.probe import Reason, Result, Target
from agent.trial import CheckFailed, Trial
from inventory.check import DnsCheck
from telemetry.catalogue import DNS_ANSWER_OK, DNS_RESPONSE
from telemetry.labels import clean_text

SHOWN = 8
"""How many records of an answer are shown."""


class DnsProbe:
    """Asks one name server one question. Reads `dns_response_seconds` and `dns_answer_ok`.

    The answer is right when it has at least one record of the type asked for and, where `expect`
    names values, all of these are among them. UDP first, TCP when the answer was cut short.
    """

    def __init__(self) -> None:
        self._lookup = Lookup()

    async def check(self, target: Target, options: DnsCheck, deadline: float) -> Result:
        """Asks the options' server, else the target's address, else this machine's own server."""
        trial = Trial()
        seconds = min(deadline, options.timeout)
        return await trial.run(self._ask(trial, target, options, seconds), seconds)

    async def close(self) -> None:
        """Nothing is kept between checks."""

    async def _ask(self, trial: Trial, target: Target, options: DnsCheck, seconds: float) -> None:
        host = options.server or target.address or _own_server()
        server = (await self._lookup.permitted(host))[0]
        query = _query(options)
        trial.say(f"Asking {server} port {options.port} for {options.name} {options.type}.")
        answer, by_tcp = await _exchange(query, server, options.port, seconds)
        trial.read(DNS_RESPONSE.reading(answer.time))
        how = " by TCP" if by_tcp else ""
        trial.say(f"The server answered{how} after {answer.time * 1000:.1f} ms.")
        try:
            _judge(trial, answer, options)
        except CheckFailed:
            trial.read(DNS_ANSWER_OK.reading(0))
            raise
        trial.read(DNS_ANSWER_OK.reading(1))


def _own_server() -> str:
    """The name server that this machine's own system uses first."""
    try:
        return str(dns.resolver.Resolver().nameservers[0])
    except (dns.exception.DNSException, IndexError) as error:
        raise CheckFailed(Reason.NAME, "This machine has no name server configured.") from error


def _query(options: DnsCheck) -> dns.message.QueryMessage:
    if options.name is None:
        raise CheckFailed(Reason.FORBIDDEN, "The inventory does not say which name to ask for.")
    try:
        return dns.message.make_query(options.name, options.type, use_edns=0)
    except (dns.exception.DNSException, ValueError) as error:
        raise CheckFailed(
            Reason.MALFORMED, f"{options.name} {options.type} is not a question: {error}."
        ) from error


async def _exchange(
    query: dns.message.Message, server: str, port: int, seconds: float
) -> tuple[dns.message.Message, bool]:
    """The answer, and whether TCP was needed. Raises OSError or CheckFailed.

    The socket is connected, so that the kernel tells us of a closed port and lets nobody else in.
    """
    family = dns.inet.af_for_address(server)
    backend = dns.asyncbackend.get_backend("asyncio")
    try:
        async with await backend.make_socket(  # type: ignore[no-untyped-call]
            family, socket.SOCK_DGRAM, 0, None, (server, port)
        ) as connected:
            return await dns.asyncquery.udp_with_fallback(
                query, server, timeout=seconds, port=port, udp_sock=connected
            )
    except dns.exception.Timeout as error:
        raise TimeoutError from error
    except (dns.exception.DNSException, EOFError) as error:
        raise CheckFailed(Reason.MALFORMED, f"The answer breaks the protocol: {error}") from error


def _judge(trial: Trial, answer: dns.message.Message, options: DnsCheck) -> None:
    """Raises CheckFailed with the reason when the answer is not the one that is wanted."""
    if answer.rcode() == dns.rcode.NXDOMAIN:
        raise CheckFailed(Reason.NAME, f"The server says that {options.name} does not exist.")
    if answer.rcode() != dns.rcode.NOERROR:
        raise CheckFailed(
            Reason.STATUS, f"The server answered with {dns.rcode.to_text(answer.rcode())}."
        )
    values = _values(answer, options.type)
    if not values:
        raise CheckFailed(Reason.CONTENT, f"The answer has no {options.type} record.")
    trial.say(f"Answer: {', '.join(sorted(values)[:SHOWN])}.")
    missing = [value for value in options.expect if _same(value) not in values]
    if missing:
        raise CheckFailed(Reason.CONTENT, f"Expected, but not in the answer: {', '.join(missing)}.")


def _values(answer: dns.message.Message, type_: str) -> list[str]:
    wanted = dns.rdatatype.from_text(type_)
    return [
        _same(clean_text(record.to_text()))
        for group in answer.answer
        if group.rdtype == wanted
        for record in group
    ]


def _same(value: str) -> str:
    """One spelling for values that mean the same: case and the final dot of a name do not count."""
    return value.rstrip(".").lower()
