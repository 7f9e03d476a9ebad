"""The district on one screen: what is ill, why, and since when; for the lead's desk and for a wall."""

from __future__ import annotations

from dashboards import colours
from dashboards.board import Board
from dashboards.expression import IN_SITES, OF_CLASSES, equal, now
from dashboards.health import in_state, state_code
from dashboards.language import Text
from dashboards.layout import row
from dashboards.look import Look, counted, worded
from dashboards.panel import ask
from dashboards.panels import course, figure, tiles, timeline
from dashboards.shared import findings_table, ill_table
from dashboards.variables import CLASSES, SITES
from dashboards.words import ROOM_VERDICTS, STATES
from telemetry import catalogue as c

_HERE = (IN_SITES, OF_CLASSES)
_STATES = tuple(STATES.values())

_FIGURES = (
    figure(
        Text("Sự cố nghiêm trọng", "Serious incidents"),
        Text(
            "Số sự cố nghiêm trọng chưa kết thúc. Một lỗi chỉ được tính là một sự cố, dù bao nhiêu "
            "thiết bị bị ảnh hưởng.",
            "Serious incidents that are not over. One fault is one incident, however many devices it "
            "takes down.",
        ),
        ask(now(c.INCIDENT_OPEN, equal("severity", "critical")).max(), "incidents"),
        counted(colours.BAD),
    ),
    figure(
        Text("Cảnh báo", "Warnings"),
        Text(
            "Số sự cố ở mức cảnh báo chưa kết thúc.",
            "Incidents of the severity warning that are not over.",
        ),
        ask(now(c.INCIDENT_OPEN, equal("severity", "warning")).max(), "incidents"),
        counted(colours.POOR),
    ),
    figure(
        Text("Thiết bị không hoạt động", "Devices not working"),
        Text(
            "Thiết bị và dịch vụ không trả lời, và không phải vì thiết bị phía trước bị hỏng.",
            "Devices and services that do not answer, and not because of one before them.",
        ),
        ask(in_state(c.DEVICE_HEALTH, "down", *_HERE), "down"),
        counted(colours.BAD),
    ),
    figure(
        Text("Thiết bị không tới được", "Devices cut off"),
        Text(
            "Thiết bị không tới được vì thiết bị hoặc đường truyền phía trước bị hỏng.",
            "Devices that cannot be reached because something before them has failed.",
        ),
        ask(in_state(c.DEVICE_HEALTH, "unreachable", *_HERE), "unreachable"),
        counted(colours.CUT_OFF),
    ),
    figure(
        Text("Phòng họp chưa sẵn sàng", "Rooms not ready"),
        Text(
            "Phòng họp trực tuyến có rủi ro hoặc không sẵn sàng cho cuộc họp.",
            "Video-conference rooms that are at risk or no-go for a meeting.",
        ),
        ask(now(c.CONFERENCE_ROOM_READY, IN_SITES).when("< 1").count().otherwise(0), "rooms"),
        counted(colours.POOR),
    ),
    figure(
        Text("Địa điểm im lặng", "Silent sites"),
        Text(
            "Địa điểm mà tác tử không gửi gì về: không biết tốt hay xấu.",
            "Sites whose agent sends nothing: nobody knows whether they are well.",
        ),
        ask(in_state(c.SITE_HEALTH, "not_measured", IN_SITES), "silent"),
        counted(colours.UNKNOWN),
    ),
)

_SITE_TILES = tiles(
    Text("Các địa điểm, nơi có lỗi đứng trước", "Sites, the ill first"),
    Text(
        "Mỗi ô là một địa điểm, theo thiết bị xấu nhất ở đó. Bấm vào ô để mở trang trạng thái.",
        "Each tile is a site, by the worst of what stands there. Click on it for its status page.",
    ),
    ask(state_code(c.SITE_HEALTH, IN_SITES, by=("site",)).falling(), "{{site}}"),
    look=worded(_STATES),
    width=13,
    height=8,
)

_ROOM_TILES = tiles(
    Text("Phòng họp trực tuyến, phòng có lỗi đứng trước", "Video-conference rooms, the ill first"),
    Text(
        "Mỗi ô là một phòng họp: sẵn sàng, có rủi ro hay không sẵn sàng cho cuộc họp.",
        "Each tile is a room: go, at risk or no-go for a meeting.",
    ),
    ask(now(c.CONFERENCE_ROOM_READY, IN_SITES).max("site", "device").rising(), "{{site}}"),
    look=worded(ROOM_VERDICTS),
    width=11,
    height=8,
)

_COURSE = row(
    Text("Diễn biến", "Over time"),
    timeline(
        Text("Trạng thái của các địa điểm", "State of the sites"),
        Text(
            "Mỗi dải là một địa điểm; màu là trạng thái xấu nhất ở đó vào lúc ấy.",
            "Each band is a site; the colour is the worst state there at that time.",
        ),
        ask(state_code(c.SITE_HEALTH, IN_SITES, by=("site",)), "{{site}}"),
        look=worded(_STATES),
        width=14,
        height=15,
    ),
    course(
        Text("Số thiết bị theo trạng thái", "Devices by state, without the working ones"),
        Text(
            "Bao nhiêu thiết bị ở mỗi trạng thái; không vẽ những thiết bị hoạt động tốt.",
            "How many devices were in each state; those that work are left out.",
        ),
        *(
            ask(in_state(c.DEVICE_HEALTH, state, *_HERE), named.words, named.colour)
            for state, named in STATES.items()
            if state != "up"
        ),
        look=Look(decimals=0),
        width=10,
        height=15,
        stacked=True,
    ),
)

BOARD = Board(
    name="overview",
    title=Text("Toàn huyện", "District overview"),
    about=Text(
        "Cả huyện trên một màn hình: cái gì đang lỗi, vì sao, từ bao giờ.",
        "The district on one screen: what is ill, why, and since when.",
    ),
    choices=(SITES, CLASSES),
    top=(
        *_FIGURES,
        ill_table(*_HERE, width=13, height=10),
        findings_table(IN_SITES, width=11, height=10),
        _SITE_TILES,
        _ROOM_TILES,
    ),
    rows=(_COURSE,),
    refresh="30s",
)
