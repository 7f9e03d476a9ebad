"""The style sheet of a page, in a theme's colours."""

from __future__ import annotations

from dashboards.preview.svg import FONT
from dashboards.preview.theme import Theme

_SHEET = """
*{box-sizing:border-box;margin:0}
body{background:PAGE;color:TEXT;font-family:FONT;font-size:14px;position:relative}
header{padding:10px 16px 0}
.name{display:flex;align-items:baseline;gap:16px;white-space:nowrap;overflow:hidden}
h1{font-size:20px;font-weight:600}
.name p{color:QUIET;flex:1;overflow:hidden;text-overflow:ellipsis}
time{border:1px solid BORDER;border-radius:2px;background:PANEL;padding:3px 10px;font-size:13px}
.choices{display:flex;gap:8px;margin-top:10px}
label{display:flex;font-size:12px;border:1px solid BORDER;border-radius:2px;overflow:hidden}
label span{background:PANEL;padding:5px 8px;color:QUIET}
label b{padding:5px 8px;font-weight:500;background:PAGE}
.panel,.row{position:absolute;overflow:hidden}
.panel{background:PANEL;border:1px solid BORDER;border-radius:2px;padding:0 8px}
.panel h2{font-size:14px;font-weight:500;line-height:32px;white-space:nowrap;overflow:hidden}
.panel svg{display:block}
.row{font-size:16px;font-weight:500;line-height:30px}
table{border-collapse:collapse;width:100%;table-layout:auto;font-size:13px}
th{color:LINK;text-align:left;font-weight:500;height:31px;padding:0 6px;white-space:nowrap}
td{border-top:1px solid GRID;height:32px;padding:0 6px;white-space:nowrap;overflow:hidden;max-width:220px;
text-overflow:ellipsis}
.link{color:LINK}
.more{position:absolute;right:8px;top:7px;color:QUIET;font-size:13px}
.words p,.words ul{margin-bottom:8px;line-height:1.5}
"""


def style_of(theme: Theme) -> str:
    """The sheet."""
    sheet = _SHEET.replace("\n", "")
    for word, value in (
        ("PAGE", theme.page),
        ("PANEL", theme.panel),
        ("BORDER", theme.border),
        ("TEXT", theme.text),
        ("QUIET", theme.quiet),
        ("GRID", theme.grid),
        ("LINK", theme.link),
        ("FONT", FONT),
    ):
        sheet = sheet.replace(word, value)
    return sheet
