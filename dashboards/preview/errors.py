"""What a preview cannot do, said loudly: a picture must not hide that something is missing."""

from __future__ import annotations


class PreviewError(Exception):
    """A board cannot be drawn; the sentence says which part and why."""


class NotDrawnError(PreviewError):
    """The board uses something of Grafana that the preview does not know."""


class StoreError(PreviewError):
    """The store did not answer a query, or said that the query is wrong."""
