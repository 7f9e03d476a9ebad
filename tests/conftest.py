"""What all tests share: asyncio as the one event loop, and plain words when root is missing."""

from __future__ import annotations

import os

import pytest


@pytest.fixture
def anyio_backend() -> str:
    """Asynchronous tests run on asyncio, as the product does."""
    return "asyncio"


@pytest.fixture
def requires_root() -> None:
    """Fails, never skips, where a test needs raw sockets or namespaces and is not root."""
    if os.geteuid() != 0:
        pytest.fail("this test opens raw sockets or network namespaces: run scripts/test as root")
