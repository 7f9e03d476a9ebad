"""Why a notification is not believed."""

from __future__ import annotations

from enum import StrEnum


class Refused(StrEnum):
    """A closed list, also the label of `agent_traps_refused_total`."""

    UNKNOWN_SENDER = "unknown_sender"  # no device that we ask with credentials has this address
    WRONG_COMMUNITY = "wrong_community"  # v1, v2c: not the community of the device at this address
    WRONG_USER = "wrong_user"  # v3: not its user, not its password, or less secured than agreed
    OUT_OF_TIME = "out_of_time"  # v3: signed long ago: somebody sends an old message again
    MALFORMED = "malformed"  # no SNMP, no notification, or longer than any
    RATE_LIMITED = "rate_limited"  # more than agreed from this device, or from all together
    UNKNOWN_TRAP = "unknown_trap"  # the device's own, but none that we know


class Refusal(Exception):  # noqa: N818 - named for what it is; never leaves this package
    """A notification is not believed, for `reason`."""

    def __init__(self, reason: Refused) -> None:
        super().__init__(reason.value)
        self.reason = reason


class Greeting(Exception):  # noqa: N818 - named for what it is; never leaves this package
    """No notification yet: the sender of an inform first asks who we are and what our clock says.

    answer: what it is told.
    """

    def __init__(self, answer: bytes) -> None:
        super().__init__("greeting")
        self.answer = answer
