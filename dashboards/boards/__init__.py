"""The boards, one module each. This is their only list."""

from __future__ import annotations

from dashboards.board import Board
from dashboards.boards import (
    ageing,
    agents,
    device,
    links,
    overview,
    rooms,
    services,
    site,
)

BOARDS: tuple[Board, ...] = (
    overview.BOARD,
    site.BOARD,
    device.BOARD,
    rooms.BOARD,
    links.BOARD,
    services.BOARD,
    agents.BOARD,
    ageing.BOARD,
)
"""In the order in which people meet them."""

NOT_SHOWN: dict[str, str] = {}
"""Metrics of the catalogue that are on no board on purpose, with the reason. A test wants each metric
either on a board or here.
"""
