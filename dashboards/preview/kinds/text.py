"""Words: paragraphs, lists, bold and links of Markdown, which is all that our boards use."""

from __future__ import annotations

import re
from html import escape

from dashboards.preview.errors import NotDrawnError
from dashboards.preview.scene import Scene
from dashboards.preview.svg import tag


def draw(scene: Scene) -> str:
    """The words as HTML."""
    if scene.options["mode"] != "markdown":
        raise NotDrawnError(f"text in {scene.options['mode']} is not known")
    blocks = re.split(r"\n{2,}", scene.options["content"].strip())
    return tag("div", "".join(_block(block) for block in blocks), class_="words")


def _block(block: str) -> str:
    lines = block.splitlines()
    if all(line.startswith("- ") for line in lines):
        return tag("ul", "".join(tag("li", _spans(line[2:])) for line in lines))
    return tag("p", _spans(" ".join(lines)))


def _spans(words: str) -> str:
    bold = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", escape(words))
    return re.sub(r"\[(.+?)\]\(.+?\)", r'<span class="link">\1</span>', bold)
