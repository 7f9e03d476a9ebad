"""Names below a drawing, each with its colour, on as few lines as they need."""

from __future__ import annotations

from collections.abc import Sequence

from dashboards.preview.svg import cut, tag, text, wide
from dashboards.preview.theme import Theme

SIZE = 12
LINE = 19
_DASH, _GAP = 14, 14


def lay_out(names: Sequence[str], width: float) -> list[list[int]]:
    """Which names (by their place) stand on which line."""
    lines: list[list[int]] = [[]]
    used = 0.0
    for place, name in enumerate(names):
        needs = min(wide(name, SIZE), width - _DASH) + _DASH + _GAP
        if used + needs > width and lines[-1]:
            lines.append([])
            used = 0.0
        lines[-1].append(place)
        used += needs
    return lines


def draw(
    names: Sequence[tuple[str, str]], top: float, width: float, lines: int, theme: Theme
) -> str:
    """The names with their colours; what does not fit onto the lines is counted at the end."""
    laid = lay_out([name for name, _ in names], width)
    parts, shown = [], 0
    for number, line in enumerate(laid[:lines]):
        x, y = 0.0, top + number * LINE + 13
        for place in line:
            name, colour = names[place]
            words = cut(name, SIZE, width - _DASH)
            parts.append(tag("rect", x=x, y=y - 5, width=10, height=3, rx=1.5, fill=colour))
            parts.append(text(x + _DASH, y, words, theme.text, font_size=SIZE))
            x += wide(words, SIZE) + _DASH + _GAP
            shown += 1
    if shown < len(names):
        y = top + min(lines, len(laid)) * LINE - LINE + 13
        more = f"+{len(names) - shown}"
        parts.append(text(width, y, more, theme.quiet, font_size=SIZE, text_anchor="end"))
    return "".join(parts)
