"""Arithmetic on object identifiers."""

from __future__ import annotations

Arcs = tuple[int, ...]


def arcs(oid: str) -> Arcs:
    """The arcs of `oid` as numbers, which sort as SNMP sorts. ValueError for anything else."""
    return tuple(map(int, oid.split(".")))


def under(oid: str, prefix: str) -> bool:
    """Whether `oid` lies below `prefix` on arc boundaries: 1.3.6.1.12 is not below 1.3.6.1.1."""
    return oid.startswith(prefix) and oid[len(prefix) : len(prefix) + 1] == "."


def index_of(oid: str, column: str) -> str:
    """What follows the column's own OID: the row's index, such as `3` or `4.1`."""
    return oid[len(column) + 1 :]
