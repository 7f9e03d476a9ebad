"""A push of which nothing could be taken, because its times cannot be true: its sender's clock is wrong.

The samples stay out of the journal, and are counted. That they came, and with which time, goes into it:
otherwise an agent whose clock was lost with the power looks like one that is silent.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Untimely:
    """The payload of a CLOCK entry. site: where its sender sits; newest: seconds since 1970, by the
    sender's clock.
    """

    site: str
    newest: float

    def payload(self) -> bytes:
        """The bytes that go into the journal."""
        return json.dumps(asdict(self)).encode()


def read_untimely(payload: bytes) -> Untimely:
    """What `Untimely.payload` has written."""
    return Untimely(**json.loads(payload))
