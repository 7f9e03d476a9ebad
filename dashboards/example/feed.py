"""The example into a store, by remote-write."""

from __future__ import annotations

import httpx

from dashboards.example.tape import Tape
from telemetry.remotewrite import compress, encode


class FeedError(Exception):
    """A store did not take the example; the sentence holds its own words."""


HEADERS = {
    "Content-Type": "application/x-protobuf",
    "Content-Encoding": "snappy",
    "X-Prometheus-Remote-Write-Version": "0.1.0",
}


def bodies(tape: Tape) -> list[bytes]:
    """The requests that carry the tape, in order."""
    return [compress(encode(batch)) for batch in tape.batches()]


def feed(url: str, requests: list[bytes]) -> None:
    """Sends them to the store at `url` (its root). Raises FeedError when it refuses one."""
    with httpx.Client(base_url=url, headers=HEADERS, timeout=60, trust_env=False) as client:
        for body in requests:
            answer = client.post("/api/v1/write", content=body)
            if not answer.is_success:
                raise FeedError(f"{url} refused samples: {answer.status_code} {answer.text[:300]}")
