"""What all tests share: asyncio as the one event loop, and plain words when root is missing."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

# A busy machine is slow, which is no fault; in CI the same examples are tried each time, so that a
# change is judged by what it changed. People at work get fresh ones.
settings.register_profile("people", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "people")


@pytest.fixture
def anyio_backend() -> str:
    """Asynchronous tests run on asyncio, as the product does."""
    return "asyncio"


@pytest.fixture
def requires_root() -> None:
    """Fails, never skips, where a test needs raw sockets or namespaces and is not root."""
    if os.geteuid() != 0:
        pytest.fail("this test opens raw sockets or network namespaces: run scripts/test as root")
