"""Lines and light: which fibre fades, which port is full or broken, where the radio is weak."""

from __future__ import annotations

from dataclasses import replace

from dashboards.board import Board
from dashboards.expression import IN_SITES, OF_CLASSES, Expression, now, rate
from dashboards.language import Text
from dashboards.layout import row
from dashboards.look import expected, worded
from dashboards.panel import ask
from dashboards.panels import bars, course, timeline
from dashboards.variables import CLASSES, SITES
from dashboards.words import YES_GOOD
from telemetry import catalogue as c

_HERE = (IN_SITES, OF_CLASSES)
_NONE = Text("Không có cổng nào", "No port")
_PORT = "{{device}} {{interface}}"
_PORT_LABELS = ("site", "device", "interface")


def _share_broken() -> Expression:
    broken = rate(c.INTERFACE_RECEIVE_ERRORS, *_HERE).plus(
        rate(c.INTERFACE_TRANSMIT_ERRORS, *_HERE)
    )
    packets = rate(c.INTERFACE_RECEIVE_PACKETS, *_HERE).plus(
        rate(c.INTERFACE_TRANSMIT_PACKETS, *_HERE)
    )
    return broken.over(packets.when("> 0")).max(*_PORT_LABELS)


def _share_used() -> Expression:
    used = rate(c.INTERFACE_RECEIVE_BYTES, *_HERE).times(8, "bits_per_second")
    return used.over(now(c.INTERFACE_SPEED, *_HERE).when("> 0")).max(*_PORT_LABELS)


_TOP = (
    bars(
        Text("Ánh sáng nhận, yếu nhất đứng trước", "Light received, the weakest first"),
        Text(
            "Đỏ: đường quang sắp đứt hẳn. Tìm mối hàn, đầu nối bẩn, chỗ uốn gập.",
            "Red: the line fails with the next bend. Look for splices, dirty plugs, tight bends.",
        ),
        ask(now(c.OPTICAL_RECEIVE_POWER, *_HERE).max(*_PORT_LABELS).bottom(14), _PORT),
        look=replace(expected(c.OPTICAL_RECEIVE_POWER), least=-32, most=-8),
        height=13,
    ),
    bars(
        Text("Cổng có nhiều gói hỏng nhất", "Ports with the most broken packets"),
        Text(
            "Phần gói tin bị hỏng: thay cáp trước, rồi đổi cổng.",
            "The share of broken packets: change the cable first, then the port.",
        ),
        ask(_share_broken().when("> 0").top(14), _PORT),
        look=replace(
            expected("interface_errors_ratio"), unit="ratio", least=0, most=0.002, nothing=_NONE
        ),
        height=13,
    ),
    bars(
        Text("Cổng đầy nhất", "The fullest ports"),
        Text(
            "Dữ liệu nhận so với tốc độ của cổng.",
            "What is received as a share of the port's speed.",
        ),
        ask(_share_used().top(14), _PORT),
        look=replace(expected("interface_use_ratio"), unit="ratio", least=0, most=1),
        height=13,
    ),
)

_WAYS = row(
    Text("Đường truyền", "Ways"),
    course(
        Text("Sáu nơi mất gói nhiều nhất", "The six sites that lose most"),
        Text("Mức mất gói lớn nhất ở mỗi nơi.", "The largest loss at each site."),
        ask(now(c.ICMP_LOSS_RATIO, *_HERE).max("site").leaders(6, "site"), "{{site}}"),
        look=expected(c.ICMP_LOSS_RATIO),
    ),
    course(
        Text("Năm đường dài nhất (STAMP)", "The five longest ways (STAMP)"),
        Text("Trung vị thời gian đi và về.", "The median round trip."),
        ask(
            now(c.PATH_ROUND_TRIP_MEDIAN, IN_SITES).max("site", "peer").leaders(5, "site", "peer"),
            "{{site}} → {{peer}}",
        ),
        look=expected(c.ICMP_RTT_MEDIAN),
    ),
)

_LIGHT = row(
    Text("Ánh sáng theo thời gian", "Light over time"),
    course(
        Text("Sáu đường quang yếu nhất", "The six weakest lines"),
        Text(
            "Giảm đột ngột: cáp bị uốn hoặc kéo. Giảm dần: mối hàn hoặc laser già đi.",
            "A sudden drop: the cable was bent or pulled. A slow one: a splice or laser ages.",
        ),
        ask(
            now(c.OPTICAL_RECEIVE_POWER, *_HERE).max(*_PORT_LABELS).trailers(6, *_PORT_LABELS),
            _PORT,
        ),
        look=expected(c.OPTICAL_RECEIVE_POWER),
    ),
    course(
        Text("Sáu nơi phát yếu nhất", "The six weakest senders"),
        Text("Công suất phát của mô-đun quang.", "What the transceivers send."),
        ask(
            now(c.OPTICAL_TRANSMIT_POWER, *_HERE).max(*_PORT_LABELS).trailers(6, *_PORT_LABELS),
            _PORT,
        ),
        look=expected(c.OPTICAL_TRANSMIT_POWER),
    ),
)

_RADIO = row(
    Text("Trạm và modem 3G/4G", "3G/4G stations and modems"),
    bars(
        Text("Sóng yếu nhất (RSRP)", "The weakest signal (RSRP)"),
        Text("Dưới −110 dBm là yếu.", "Less than −110 dBm is weak."),
        ask(
            now(c.CELLULAR_RSRP, *_HERE).max("site", "device", "modem").bottom(10),
            "{{device}} {{modem}}",
        ),
        look=replace(expected(c.CELLULAR_RSRP), least=-130, most=-60),
    ),
    course(
        Text("Tín hiệu so với nhiễu (SINR)", "Signal over noise (SINR)"),
        Text("Dưới 0 dB: nhiễu lớn hơn tín hiệu.", "Below 0 dB: more noise than signal."),
        ask(now(c.CELLULAR_SINR, *_HERE), "{{device}} {{modem}}"),
        look=expected(c.CELLULAR_SINR),
        width=8,
    ),
    timeline(
        Text("Đăng ký mạng di động", "Registered in the network"),
        Text("Modem có đăng ký vào mạng không.", "Whether the modem is registered."),
        ask(now(c.CELLULAR_REGISTERED, *_HERE), "{{device}} {{modem}}"),
        look=worded(YES_GOOD),
        width=8,
    ),
)

BOARD = Board(
    name="links",
    title=Text("Đường truyền và cáp quang", "Links and optics"),
    about=Text(
        "Đường quang nào yếu dần, cổng nào hỏng hoặc đầy, nơi nào sóng kém.",
        "Which fibre fades, which port is broken or full, where the radio is weak.",
    ),
    choices=(SITES, CLASSES),
    top=_TOP,
    rows=(_WAYS, _LIGHT, _RADIO),
)
