"""The status documents of a codec: bytes of XML in, a tree of plain nodes out.

A codec is a device like any other and may lie. A document type is refused before anything in it is looked at,
so there are no entities to unfold ("billion laughs") and nothing to fetch; depth, number of elements and
length of texts are bounded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

MOST_DEPTH = 24
MOST_NODES = 20_000
MOST_TEXT = 1_000
"""Characters kept of one element's text; what is read here are words and figures."""


@dataclass(slots=True)
class Node:
    """One element. item: which of several of its name, as the codec counts; text: without blanks around."""

    name: str
    item: str = ""
    text: str = ""
    children: list[Node] = field(default_factory=list)

    def below(self, *path: str) -> Iterator[Node]:
        """The nodes that this path of names leads to, from the children on. Capitals do not matter: software
        of different years writes NetStat and Netstat.
        """
        if not path:
            yield self
            return
        for child in self.children:
            if child.name.casefold() == path[0].casefold():
                yield from child.below(*path[1:])

    def anywhere(self, name: str) -> Iterator[Node]:
        """Every node of this name at any depth below, in the order of the document."""
        for child in self.children:
            if child.name.casefold() == name.casefold():
                yield child
            yield from child.anywhere(name)

    def said(self, *path: str) -> str:
        """The first text that is not empty at this path, or the empty string."""
        return next((node.text for node in self.below(*path) if node.text), "")


def read_status(body: bytes) -> Node:
    """The root of the document. Raises ValueError with one sentence when it is none that a codec sends."""
    growing = _Growing()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = growing.refuse
    parser.StartElementHandler = growing.begin
    parser.EndElementHandler = growing.end
    parser.CharacterDataHandler = growing.text
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        raise ValueError(f"the answer is no XML: {expat.ErrorString(error.code)}") from error
    root = growing.root.children[0]
    if root.name.casefold() != "status":
        raise ValueError(f"the answer is XML, but speaks of {root.name[:40]} instead of Status")
    return root


class _Growing:
    """The tree while it is read."""

    def __init__(self) -> None:
        self.root = Node("")
        self._open = [self.root]
        self._nodes = 0

    def refuse(self, *_: object) -> None:
        raise ValueError("the answer declares a document type, which no codec does")

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        self._nodes += 1
        if len(self._open) > MOST_DEPTH or self._nodes > MOST_NODES:
            raise ValueError("the answer is nested deeper or has more elements than a codec has")
        node = Node(name, attributes.get("item", ""))
        self._open[-1].children.append(node)
        self._open.append(node)

    def end(self, _: str) -> None:
        node = self._open.pop()
        node.text = node.text.strip()

    def text(self, data: str) -> None:
        node = self._open[-1]
        if len(node.text) < MOST_TEXT:
            node.text = (node.text + data)[:MOST_TEXT]
