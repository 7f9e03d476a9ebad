"""One office: its devices, the worst first, and what its lines and its power have been doing."""

from __future__ import annotations

from dashboards import colours
from dashboards.board import Board
from dashboards.expression import equal, like, now, rate
from dashboards.health import in_state, state_code
from dashboards.language import Text
from dashboards.layout import row
from dashboards.look import Look, counted, expected, plain, silence, worded
from dashboards.panel import ask
from dashboards.panels import course, figure, timeline
from dashboards.shared import CLASS_COLUMN, DEVICE, STATE, findings_table
from dashboards.table import Label, Value, listing
from dashboards.variables import ONE_SITE
from dashboards.words import ROOM_VERDICTS, STATES, YES_BAD
from telemetry import catalogue as c

_HERE = like("site", "$site")
_STATES = tuple(STATES.values())

_FIGURES = (
    figure(
        Text("Địa điểm này", "This site"),
        Text(
            "Trạng thái của địa điểm, theo thiết bị xấu nhất ở đó.",
            "The state of the site, by the worst of its devices.",
        ),
        ask(state_code(c.SITE_HEALTH, _HERE, by=("site",)), "{{site}}"),
        worded(_STATES),
        width=6,
    ),
    figure(
        Text("Thiết bị không hoạt động", "Devices not working"),
        Text(
            "Thiết bị và dịch vụ ở đây không trả lời.",
            "Devices and services here without an answer.",
        ),
        ask(in_state(c.DEVICE_HEALTH, "down", _HERE), "down"),
        counted(colours.BAD),
    ),
    figure(
        Text("Thiết bị không tới được", "Devices cut off"),
        Text(
            "Thiết bị ở đây không tới được vì thiết bị phía trước bị hỏng.",
            "Devices here that cannot be reached because one before them has failed.",
        ),
        ask(in_state(c.DEVICE_HEALTH, "unreachable", _HERE), "unreachable"),
        counted(colours.CUT_OFF),
    ),
    figure(
        Text("Phòng họp", "Meeting room"),
        Text(
            "Phòng họp trực tuyến ở đây có sẵn sàng không.",
            "Whether the video-conference room here is ready.",
        ),
        ask(now(c.CONFERENCE_ROOM_READY, _HERE).min(), "room"),
        worded(ROOM_VERDICTS),
        width=5,
    ),
    figure(
        Text("Số đo mới nhất từ", "Newest measurement"),
        Text(
            "Số đo mới nhất của tác tử ở đây đã đến bộ thu từ bao lâu.",
            "How long ago the newest measurement was made that has arrived from the agent here.",
        ),
        ask(now(c.AGENT_WATERMARK, like("agent", "$site")).max().below_now(), "age"),
        silence(),
        width=5,
    ),
)

_DEVICES = listing(
    Text("Thiết bị ở đây, xấu nhất đứng trước", "Devices here, the worst first"),
    Text(
        "Mỗi dòng là một thiết bị: trạng thái, thời gian trả lời, gói tin mất và thời gian chạy.",
        "Each line is a device: its state, how fast it answers, what is lost, how long it has run.",
    ),
    Value(
        state_code(c.DEVICE_HEALTH, _HERE, by=("device", "class")),
        STATE,
        worded(_STATES),
        width=170,
        filled=True,
    ),
    Label("device", DEVICE),
    CLASS_COLUMN,
    Value(
        now(c.ICMP_RTT_MEDIAN, _HERE).max("device", "class"),
        Text("Trả lời trong", "Answers in"),
        expected(c.ICMP_RTT_MEDIAN),
        width=110,
    ),
    Value(
        now(c.ICMP_LOSS_RATIO, _HERE).max("device", "class"),
        Text("Mất gói", "Lost"),
        expected(c.ICMP_LOSS_RATIO),
        width=90,
    ),
    Value(
        now(c.DEVICE_UPTIME, _HERE).max("device", "class"),
        Text("Chạy được", "Running for"),
        plain(c.DEVICE_UPTIME),
        width=120,
    ),
    sort_by=STATE,
    width=15,
    height=10,
)

_COURSE = row(
    Text("Diễn biến", "Over time"),
    timeline(
        Text("Trạng thái của từng thiết bị", "State of each device"),
        Text("Mỗi dải là một thiết bị ở đây.", "Each band is a device here."),
        ask(state_code(c.DEVICE_HEALTH, _HERE, by=("device",)), "{{device}}"),
        look=worded(_STATES),
        height=10,
    ),
    course(
        Text("Gói tin mất", "Packets lost"),
        Text(
            "Phần gói tin không có trả lời trong mỗi loạt ping.",
            "The share of each burst of pings that had no reply.",
        ),
        ask(now(c.ICMP_LOSS_RATIO, _HERE).max("site", "device"), "{{device}}"),
        look=expected(c.ICMP_LOSS_RATIO),
    ),
    course(
        Text("Thời gian trả lời", "Response time"),
        Text("Trung vị của mỗi loạt ping.", "The median of each burst of pings."),
        ask(now(c.ICMP_RTT_MEDIAN, _HERE).max("site", "device"), "{{device}}"),
        look=expected(c.ICMP_RTT_MEDIAN),
    ),
    course(
        Text("Lưu lượng qua bộ định tuyến", "Traffic of the router"),
        Text(
            "Dữ liệu nhận và gửi ở các cổng của bộ định tuyến.",
            "What the router's ports receive and send.",
        ),
        ask(
            rate(c.INTERFACE_RECEIVE_BYTES, _HERE, equal("class", "router")).times(
                8, "bits_per_second"
            ),
            Text("{{interface}} nhận", "{{interface}} in"),
        ),
        ask(
            rate(c.INTERFACE_TRANSMIT_BYTES, _HERE, equal("class", "router")).times(
                8, "bits_per_second"
            ),
            Text("{{interface}} gửi", "{{interface}} out"),
        ),
        look=Look(unit="bits_per_second"),
    ),
    course(
        Text("Ắc quy", "Battery"),
        Text("Phần còn lại của ắc quy các bộ lưu điện.", "The charge left in the battery backups."),
        ask(now(c.BATTERY_CHARGE, _HERE), "{{device}}"),
        look=Look(unit="ratio", least=0, most=1, steps=expected(c.BATTERY_CHARGE).steps),
        width=6,
    ),
    timeline(
        Text("Chạy bằng ắc quy", "On battery"),
        Text("Khi nào tải chạy bằng ắc quy: mất điện lưới.", "When the load ran on the battery."),
        ask(now(c.POWER_ON_BATTERY, _HERE), "{{device}}"),
        look=worded(YES_BAD),
        width=6,
    ),
)

BOARD = Board(
    name="site",
    title=Text("Địa điểm", "Site"),
    about=Text(
        "Một cơ quan: thiết bị, đường truyền, điện và phòng họp.",
        "One office: its devices, its lines, its power and its room.",
    ),
    choices=(ONE_SITE,),
    top=(*_FIGURES, _DEVICES, findings_table(_HERE, width=9, height=10)),
    rows=(_COURSE,),
    marked=(_HERE,),
)
