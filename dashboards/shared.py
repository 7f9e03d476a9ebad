"""Panels that stand on more than one board."""

from __future__ import annotations

from dashboards.expression import Expression, Filter
from dashboards.finding_words import FINDINGS
from dashboards.health import severity_code, state_code
from dashboards.language import Text
from dashboards.look import worded
from dashboards.panel import Panel
from dashboards.table import Label, Value, listing
from dashboards.words import CLASSES, SEVERITIES, STATES
from telemetry import catalogue as c

DEVICE = Text("Thiết bị", "Device")
SITE = Text("Địa điểm", "Site")
CLASS = Text("Loại", "Class")
STATE = Text("Trạng thái", "State")

CLASS_COLUMN = Label("class", CLASS, {name: (words, None) for name, words in CLASSES.items()})

_SEVERITY = Text("Mức độ", "Severity")
_RULE_WORDS = {name: (words.short, None) for name, words in FINDINGS.items()}


def ill_table(*filters: Filter, width: int, height: int) -> Panel:
    """The devices and services that are not well, the worst first."""
    code = state_code(c.DEVICE_HEALTH, *filters, by=("site", "device", "class"))
    return listing(
        Text("Đang có vấn đề", "Not well now"),
        Text(
            "Thiết bị và dịch vụ không hoạt động tốt, xấu nhất đứng trước. Bấm vào tên để mở trang "
            "trạng thái: ở đó có nguyên nhân và việc cần thử trước.",
            "Devices and services that are not well, the worst first. Click on a name for its status "
            "page, which says why and what to try first.",
        ),
        Value(code.when("> 1"), STATE, worded(tuple(STATES.values())), width=170, filled=True),
        Label("device", DEVICE),
        CLASS_COLUMN,
        Label("site", SITE),
        sort_by=STATE,
        nothing=Text("Mọi thứ đều tốt", "All is well"),
        width=width,
        height=height,
    )


def findings_table(
    *filters: Filter, width: int, height: int, about: Expression | None = None
) -> Panel:
    """What was found to be wrong, the serious first; only about the devices of `about`, if given."""
    code = severity_code(c.FINDING_ACTIVE, *filters, by=("device", "rule"))
    if about is not None:
        code = code.where(about, "device")
    return listing(
        Text("Vì sao", "Why"),
        Text(
            "Những phát hiện đang đứng: quy tắc nào thấy điều gì không đúng, ở thiết bị nào.",
            "The findings that stand: which rule found something wrong, and at which device.",
        ),
        Value(code, _SEVERITY, worded(tuple(SEVERITIES.values())), width=130, filled=True),
        Label("device", DEVICE),
        Label("rule", Text("Phát hiện", "Finding"), _RULE_WORDS),
        sort_by=_SEVERITY,
        nothing=Text("Không có phát hiện nào", "No findings"),
        width=width,
        height=height,
    )
