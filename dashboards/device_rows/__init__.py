"""The rows of the device board that fit one kind of equipment each. This is their only list."""

from __future__ import annotations

from dashboards.device_rows.network import CELLULAR, FIBRE, PORTS
from dashboards.device_rows.place import OTHERS, POWER, ROOM, SERVER
from dashboards.layout import Row

CLASS_ROWS: tuple[Row, ...] = (PORTS, FIBRE, CELLULAR, POWER, ROOM, SERVER, OTHERS)
"""In the order of the board; each is opened where it fits."""
