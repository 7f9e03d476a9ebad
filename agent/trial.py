"""One run of a check over the network: its clock, its working, its readings, its result."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
import time
from collections.abc import Coroutine

from agent.probe import Reason, Result
from telemetry.labels import clean_text
from telemetry.sample import Reading

_NO_WAY = frozenset(
    {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN, errno.EADDRNOTAVAIL}
)


class CheckFailed(Exception):  # noqa: N818 - an ordinary outcome, not an error
    """Ends a check early with its reason and one sentence; `run` turns it into the result."""

    def __init__(self, reason: Reason, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason


class Trial:
    """Gathers what one check does and reads, and makes its `Result` in the end."""

    def __init__(self) -> None:
        self._started_at = time.time()
        self._began = time.perf_counter()
        self._working: list[str] = []
        self._readings: list[Reading] = []

    def say(self, line: str) -> None:
        """Adds a line of working; what a device said in it is made safe to print."""
        self._working.append(clean_text(line, limit=1000))

    def read(self, reading: Reading) -> None:
        """Adds a reading."""
        self._readings.append(reading)

    def result(self, reason: Reason | None = None, sentence: str = "") -> Result:
        """What was found up to now; `reason` None means that the check passed."""
        if sentence:
            self.say(sentence)
        return Result(
            ok=reason is None,
            started_at=self._started_at,
            seconds=time.perf_counter() - self._began,
            readings=tuple(self._readings),
            reason=reason,
            working=tuple(self._working),
        )

    async def run(self, steps: Coroutine[None, None, None], seconds: float) -> Result:
        """Runs the steps within `seconds`; they fail by raising CheckFailed or an OSError."""
        try:
            async with asyncio.timeout(seconds):
                await steps
        except CheckFailed as failed:
            return self.result(failed.reason, str(failed))
        except OSError as error:
            reason = reason_of(error)
            late = f" Gave up after {seconds:g} s." if reason is Reason.TIMEOUT else ""
            return self.result(reason, explain(error) + late)
        return self.result()


def reason_of(error: OSError) -> Reason:
    """The reason that stands for what the operating system said."""
    kinds: tuple[tuple[type[OSError], Reason], ...] = (
        (ssl.SSLError, Reason.TLS),
        (TimeoutError, Reason.TIMEOUT),
        (ConnectionRefusedError, Reason.REFUSED),
        (ConnectionError, Reason.MALFORMED),
        (PermissionError, Reason.FORBIDDEN),
        (socket.gaierror, Reason.NAME),
    )
    for kind, reason in kinds:
        if isinstance(error, kind):
            return reason
    return Reason.UNREACHABLE if error.errno in _NO_WAY else Reason.INTERNAL


def explain(error: OSError) -> str:
    """One sentence for a beginner about what the operating system said."""
    sentences = {
        Reason.TLS: f"The encrypted connection failed: {tls_words(error)}.",
        Reason.TIMEOUT: "No complete answer came in time.",
        Reason.REFUSED: "The machine is there, but nothing listens on this port (refused).",
        Reason.MALFORMED: "The other side broke the connection off in the middle.",
        Reason.FORBIDDEN: "The operating system does not let us ask this address.",
        Reason.UNREACHABLE: f"The network has no way there ({error.strerror}).",
    }
    return sentences.get(reason_of(error), f"The operating system said: {error}.")


def tls_words(error: OSError) -> str:
    """What is wrong with a certificate or handshake, in OpenSSL's words without its file names."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _CERTIFICATE_WORDS.get(error.verify_code, error.verify_message)
    reason = getattr(error, "reason", None) or error.strerror or str(error)
    return _HANDSHAKE_WORDS.get(reason, str(reason).lower().replace("_", " "))


# The numbers are X509_V_ERR_… of OpenSSL's x509_vfy.h.
_CERTIFICATE_WORDS = {
    9: "the certificate is not valid yet (is the clock of this machine right?)",
    10: "a certificate of the chain has expired",
    18: "the certificate is self-signed, nobody vouches for it",
    19: "the chain ends in a root certificate that this machine does not trust",
    20: "the certificate's issuer is not known here (a missing intermediate certificate?)",
    21: "the certificate's issuer is not known here (a missing intermediate certificate?)",
    62: "the certificate is made out for another host name",
    64: "the certificate is made out for another address",
}
_HANDSHAKE_WORDS = {
    "WRONG_VERSION_NUMBER": "what listens there does not speak TLS",
    "RECORD_LAYER_FAILURE": "what listens there does not speak TLS",
    "HTTP_REQUEST": "what listens there does not speak TLS",
    "UNSUPPORTED_PROTOCOL": "the server speaks only an outdated version of TLS",
    "TLSV1_ALERT_PROTOCOL_VERSION": "the server speaks only an outdated version of TLS",
    "UNEXPECTED_EOF_WHILE_READING": "the server hung up in the middle of the handshake",
}
