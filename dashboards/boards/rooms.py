"""The video-conference rooms before and during a meeting, and the ways to them."""

from __future__ import annotations

from dataclasses import replace

from dashboards import colours
from dashboards.board import Board
from dashboards.expression import IN_SITES, equal, now
from dashboards.language import Text
from dashboards.layout import row
from dashboards.look import Look, counted, expected, plain, quiet, worded
from dashboards.panel import ask
from dashboards.panels import bars, course, figure, tiles, timeline
from dashboards.shared import SITE
from dashboards.table import Label, Value, listing
from dashboards.variables import SITES
from dashboards.words import PATH_GRADES, ROOM_VERDICTS, YES_GOOD, YES_PLAIN
from inventory.device_class import DeviceClass
from telemetry import catalogue as c

_ROOMS = (IN_SITES, equal("class", DeviceClass.VC_ENDPOINT))
_LOSS = replace(expected(c.ICMP_LOSS_RATIO, of=DeviceClass.VC_ENDPOINT), decimals=1)
_JITTER = expected(c.ICMP_JITTER, of=DeviceClass.VC_ENDPOINT)
_VERDICT = Text("Cho cuộc họp", "For a meeting")

_FIGURES = tuple(
    figure(
        title,
        about,
        ask(now(c.CONFERENCE_ROOM_READY, IN_SITES).when(condition).count().otherwise(0), "rooms"),
        look,
        width=6,
    )
    for title, about, condition, look in (
        (
            Text("Phòng sẵn sàng", "Rooms ready"),
            Text(
                "Phòng mà mọi thứ trên đường đến đều tốt.",
                "Rooms where everything on the way works.",
            ),
            "== 1",
            Look(decimals=0),
        ),
        (
            Text("Phòng có rủi ro", "Rooms at risk"),
            Text(
                "Có thứ gì đó trên đường đến hoạt động kém hoặc chưa đo được.",
                "Something on the way works badly or is not measured.",
            ),
            "== 0.5",
            counted(colours.POOR),
        ),
        (
            Text("Phòng không sẵn sàng", "Rooms no-go"),
            Text(
                "Phòng, hoặc mọi đường đến phòng, không hoạt động.",
                "The room, or every way to it, is gone.",
            ),
            "== 0",
            counted(colours.BAD),
        ),
    )
)

_CALLS = figure(
    Text("Phòng đang họp", "Rooms in a call"),
    Text("Số phòng đang có cuộc gọi.", "How many rooms are in a call."),
    ask(now(c.CONFERENCE_CALL_ACTIVE, *_ROOMS).sum(), "calls"),
    Look(decimals=0),
    width=6,
)

_TILES = tiles(
    Text("Các phòng, phòng có lỗi đứng trước", "Rooms, the ill first"),
    Text(
        "Mỗi ô là một phòng. Bấm vào ô để mở trang trạng thái: ở đó có việc cần làm.",
        "Each tile is a room. Click on it for its status page, which says what helps.",
    ),
    ask(now(c.CONFERENCE_ROOM_READY, IN_SITES).max("site", "device").rising(), "{{site}}"),
    look=worded(ROOM_VERDICTS),
    width=12,
    height=11,
)

_TABLE = listing(
    Text("Từng phòng", "Room by room"),
    Text(
        "Sẵn sàng hay không, đã đăng ký chưa, đang họp không, mất gói và jitter bao nhiêu.",
        "Ready or not, registered, in a call, and how much is lost or unsteady on the way.",
    ),
    Label("site", SITE),
    Value(
        now(c.CONFERENCE_ROOM_READY, IN_SITES).min("site"),
        _VERDICT,
        worded(ROOM_VERDICTS),
        width=130,
        filled=True,
    ),
    Value(
        now(c.CONFERENCE_REGISTERED, *_ROOMS).min("site"),
        Text("Đăng ký", "Registered"),
        worded(YES_GOOD),
        width=90,
    ),
    Value(
        now(c.CONFERENCE_CALL_ACTIVE, *_ROOMS).max("site"),
        Text("Đang họp", "In a call"),
        worded(YES_PLAIN),
        width=90,
    ),
    Value(now(c.ICMP_LOSS_RATIO, *_ROOMS).max("site"), Text("Mất gói", "Lost"), _LOSS, width=80),
    Value(now(c.ICMP_JITTER, *_ROOMS).max("site"), Text("Jitter", "Jitter"), _JITTER, width=90),
    sort_by=_VERDICT,
    rising=True,
    width=12,
    height=11,
)

_MEETINGS = row(
    Text("Sẵn sàng và cuộc họp theo thời gian", "Readiness and meetings over time"),
    timeline(
        Text("Sẵn sàng cho cuộc họp", "Ready for a meeting"),
        Text("Mỗi dải là một phòng.", "Each band is a room."),
        ask(now(c.CONFERENCE_ROOM_READY, IN_SITES), "{{site}}"),
        look=worded(ROOM_VERDICTS),
        width=12,
        height=14,
    ),
    timeline(
        Text("Cuộc họp", "Calls"),
        Text("Khi nào từng phòng có cuộc gọi.", "When each room was in a call."),
        ask(now(c.CONFERENCE_CALL_ACTIVE, *_ROOMS), "{{site}}"),
        look=worded(YES_PLAIN),
        width=12,
        height=14,
    ),
)

_QUALITY = row(
    Text("Chất lượng cuộc họp", "Quality of the calls"),
    course(
        Text("Năm phòng mất gói nhiều nhất", "The five rooms that lose most"),
        Text(
            "Trong cuộc gọi, mọi chiều, tiếng và hình. Trên 1 % thì thấy được.",
            "In the call, either direction, sound and picture. Beyond 1 % one notices.",
        ),
        ask(now(c.CONFERENCE_CALL_LOSS, *_ROOMS).max("site").leaders(5, "site"), "{{site}}"),
        look=expected(c.CONFERENCE_CALL_LOSS),
        width=8,
    ),
    course(
        Text("Năm phòng có jitter lớn nhất", "The five most unsteady rooms"),
        Text("Trong cuộc gọi.", "In the call."),
        ask(now(c.CONFERENCE_CALL_JITTER, *_ROOMS).max("site").leaders(5, "site"), "{{site}}"),
        look=expected(c.CONFERENCE_CALL_JITTER),
        width=8,
    ),
    course(
        Text("Năm phòng trễ nhất", "The five slowest rooms"),
        Text("Thời gian đi và về trong cuộc gọi.", "The round trip of the call."),
        ask(now(c.CONFERENCE_CALL_LATENCY, *_ROOMS).max("site").leaders(5, "site"), "{{site}}"),
        look=expected(c.CONFERENCE_CALL_LATENCY),
        width=8,
    ),
    timeline(
        Text("Camera, micro … có lỗi trong thời gian này", "Cameras, microphones … that failed"),
        Text(
            "Chỉ những thiết bị ngoại vi có lúc không hoạt động.",
            "Only the peripherals that did not work at some time.",
        ),
        ask(
            now(c.CONFERENCE_PERIPHERAL_OK, *_ROOMS).where(
                now(c.CONFERENCE_PERIPHERAL_OK, *_ROOMS).ever("== 0"), "device", "peripheral"
            ),
            "{{site}} {{peripheral}}",
        ),
        look=quiet(worded(YES_GOOD), Text("Không có thiết bị nào", "None failed")),
        height=5,
    ),
)

_PATHS = row(
    Text("Đường đến các phòng (STAMP)", "The ways to the rooms (STAMP)"),
    bars(
        Text("Hạng của đường truyền", "Grade of the way"),
        Text(
            "Đường truyền có hợp cho cuộc gọi không: 1 hỏng, 5 rất tốt. Xấu nhất đứng trước.",
            "Whether the way is fit for calls: 1 bad, 5 very good. The worst first.",
        ),
        ask(now(c.PATH_GRADE, IN_SITES).min("site", "peer").rising(), "{{site}} → {{peer}}"),
        look=Look(least=0, most=5, words=PATH_GRADES, steps=_LOSS.steps[:1]),
        width=8,
        height=12,
    ),
    course(
        Text("Mất gói theo chiều", "Lost, by direction"),
        Text(
            "Chiều đi và chiều về đo riêng: biết lỗi ở chiều nào.",
            "There and back are measured apart: one sees which way the fault is.",
        ),
        ask(
            now(c.PATH_LOSS_RATIO, IN_SITES)
            .max("site", "peer", "direction")
            .leaders(6, "site", "peer", "direction"),
            "{{site}} → {{peer}} {{direction}}",
        ),
        look=_LOSS,
        width=8,
        height=12,
    ),
    course(
        Text("Biến thiên độ trễ theo chiều", "Delay variation, by direction"),
        Text("Phân vị 90 của biến thiên độ trễ một chiều.", "90th percentile, one way."),
        ask(
            now(c.PATH_DELAY_VARIATION_P90, IN_SITES)
            .max("site", "peer", "direction")
            .leaders(6, "site", "peer", "direction"),
            "{{site}} → {{peer}} {{direction}}",
        ),
        look=plain(c.PATH_DELAY_VARIATION_P90),
        width=8,
        height=12,
    ),
)

BOARD = Board(
    name="rooms",
    title=Text("Phòng họp trực tuyến", "Video-conference rooms"),
    about=Text(
        "Trước cuộc họp: phòng nào sẵn sàng. Trong cuộc họp: ai nghe không rõ, vì sao.",
        "Before a meeting: which rooms are ready. During it: who hears badly, and why.",
    ),
    choices=(SITES,),
    top=(*_FIGURES, _CALLS, _TILES, _TABLE),
    rows=(_MEETINGS, _QUALITY, _PATHS),
)
