"""Writing SVG and HTML: escaped always, numbers short."""

from __future__ import annotations

from html import escape

FONT = "Inter,'Helvetica Neue',Arial,'DejaVu Sans',sans-serif"
_WIDE = frozenset("MWmw@%ƠƯƒ—")
_NARROW = frozenset("iljtfrI.,:;'|!()[] ·-")


def tag(name: str, inside: str = "", **attributes: object) -> str:
    """An element; `stroke_width=1` becomes `stroke-width`, `class_` becomes `class`."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_short(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{written}>{inside}</{name}>"


def text(x: float, y: float, words: str, colour: str, **attributes: object) -> str:
    """A line of text whose baseline begins at (x, y)."""
    return tag("text", escape(words), x=x, y=y, fill=colour, **attributes)


def drawing(width: float, height: float, *parts: str) -> str:
    """An SVG of this size in pixels."""
    return tag(
        "svg",
        "".join(parts),
        width=width,
        height=height,
        viewBox=f"0 0 {width:g} {height:g}",
        font_family=FONT,
    )


def wide(words: str, size: float) -> float:
    """About how many pixels a line of text takes at a font size."""
    units = sum(0.85 if c in _WIDE else 0.34 if c in _NARROW else 0.58 for c in words)
    return units * size


def cut(words: str, size: float, room: float) -> str:
    """The text, ended by an ellipsis where there is no room for all of it."""
    if wide(words, size) <= room:
        return words
    while words and wide(words + "…", size) > room:
        words = words[:-1]
    return words.rstrip() + "…"


def _short(value: object) -> str:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)
