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

_ONCE = "one sample each time that a way breaks; the finding's reason says it in words"

NOT_SHOWN: dict[str, str] = {"path_trace_hops": _ONCE, "path_trace_last_hop_info": _ONCE}
"""Metrics of the catalogue that are on no board on purpose, with the reason. A test wants each metric
either on a board or here.
"""
