"""One device: how it is and why; below, a row for each kind of equipment, opened where it fits."""

from __future__ import annotations

from dashboards.board import Board
from dashboards.burst import burst
from dashboards.device_rows import CLASS_ROWS
from dashboards.expression import OF_DEVICES, increase, now
from dashboards.health import state_code
from dashboards.language import Text
from dashboards.layout import row
from dashboards.look import Look, bounded, expected, plain, quiet, worded
from dashboards.panel import ask
from dashboards.panels import course, figure, note, timeline
from dashboards.shared import CLASS_COLUMN, findings_table
from dashboards.table import Label, Value, listing
from dashboards.variables import CLASSES, ONE_DEVICE, SITES
from dashboards.words import STATES, YES_GOOD
from telemetry import catalogue as c

_IT = OF_DEVICES
_STATES = tuple(STATES.values())

_FIGURES = (
    figure(
        Text("Thiết bị này", "This device"),
        Text("Trạng thái của thiết bị.", "The state of the device."),
        ask(state_code(c.DEVICE_HEALTH, _IT, by=("device",)), "{{device}}"),
        worded(_STATES),
        width=5,
    ),
    figure(
        Text("Mất gói", "Packets lost"),
        Text("Trong loạt ping mới nhất.", "In the newest burst of pings."),
        ask(now(c.ICMP_LOSS_RATIO, _IT).max(), "loss"),
        expected(c.ICMP_LOSS_RATIO),
        width=3,
    ),
    figure(
        Text("Trả lời trong", "Answers in"),
        Text("Trung vị của loạt ping mới nhất.", "The median of the newest burst of pings."),
        ask(now(c.ICMP_RTT_MEDIAN, _IT).max(), "median"),
        expected(c.ICMP_RTT_MEDIAN),
        width=3,
    ),
    figure(
        Text("Chạy liên tục", "Running for"),
        Text("Từ lần khởi động gần nhất.", "Since it last started."),
        ask(now(c.DEVICE_UPTIME, _IT).max(), "uptime"),
        plain(c.DEVICE_UPTIME),
        width=3,
    ),
)

_IDENTITY = listing(
    Text("Thiết bị gì", "What it is"),
    Text(
        "Những gì thiết bị tự khai và hồ sơ thiết bị mà hệ thống chọn.",
        "What the device says it is, and the profile that was chosen for it.",
    ),
    CLASS_COLUMN,
    Label("vendor", Text("Hãng", "Vendor")),
    Label("model", Text("Kiểu", "Model")),
    Label("os", Text("Phần mềm", "System")),
    Label("serial", Text("Số máy", "Serial")),
    Value(
        now(c.DEVICE_INFO, _IT).max("class", "vendor", "model", "os", "serial"),
        Text("Biết", "Known"),
        plain(c.DEVICE_INFO),
        shown=False,
    ),
    width=10,
    height=4,
)

_BURST = burst(
    Text("Ping: trung vị trong làn khói", "Pings: the median in its smoke"),
    Text(
        "Mỗi chấm là trung vị của một loạt ping, màu theo số gói mất; làn khói từ ngắn nhất đến dài "
        "nhất, đường mảnh là mức mà 90 % nhanh hơn. Khói dày: đường truyền thất thường.",
        "Each dot is the median of a burst of pings in the colour of its loss; the smoke reaches from "
        "the shortest to the longest, the thin line is the 90th percentile. Much smoke: an unsteady line.",
    ),
    _IT,
    width=15,
)

_ANSWERS = row(
    Text("Kiểm tra", "Checks"),
    timeline(
        Text("Các phép kiểm tra", "Checks"),
        Text(
            "Mỗi dải là một phép kiểm tra: đạt hay không.", "Each band is a check: passed or not."
        ),
        ask(now(c.CHECK_UP, _IT), "{{check}}"),
        look=worded(YES_GOOD),
        width=9,
        height=7,
    ),
    course(
        Text("Lỗi kiểm tra theo lý do", "Failed checks by reason"),
        Text(
            "Mỗi phút có bao nhiêu phép kiểm tra không đạt, và vì sao.",
            "How many checks failed around each minute, and why.",
        ),
        ask(increase(c.CHECK_FAILURES, _IT, window="5m"), "{{check}}: {{reason}}"),
        look=quiet(Look(decimals=0, least=0), Text("Không có lỗi nào", "No failures")),
        width=8,
        height=7,
        stacked=True,
    ),
    course(
        Text("Phép kiểm tra kéo dài", "Checks take"),
        Text("Mỗi phép kiểm tra mất bao lâu.", "How long each check takes."),
        ask(now(c.CHECK_DURATION, _IT), "{{check}}"),
        look=plain(c.CHECK_DURATION),
        width=7,
        height=7,
    ),
    course(
        Text("Độ thất thường (jitter)", "Unsteadiness (jitter)"),
        Text(
            "Chênh lệch trung bình giữa hai lần trả lời liên tiếp trong một loạt ping.",
            "The mean difference of successive round trips within a burst.",
        ),
        ask(now(c.ICMP_JITTER, _IT), Text("jitter", "jitter")),
        look=expected(c.ICMP_JITTER),
        width=8,
        height=7,
    ),
    course(
        Text("Trả lời SNMP trong", "Answers SNMP in"),
        Text(
            "Thiết bị trả lời một câu hỏi SNMP mất bao lâu; máy già đi thì chậm dần.",
            "How long the device takes for one SNMP request; ageing ones get slower.",
        ),
        ask(now(c.SNMP_RESPONSE, _IT), "SNMP"),
        look=expected(c.SNMP_RESPONSE),
        width=8,
        height=7,
    ),
    course(
        Text("Thông báo SNMP (trap)", "SNMP notifications (traps)"),
        Text(
            "Thông báo mà thiết bị tự gửi, theo tên, trong năm phút.",
            "What the device reported by itself, by name, within five minutes.",
        ),
        ask(increase(c.DEVICE_TRAPS, _IT, window="5m"), "{{trap}}"),
        look=quiet(Look(decimals=0, least=0), Text("Chưa có thông báo nào", "None so far")),
        width=8,
        height=7,
    ),
    note(
        Text("Các hàng bên dưới", "The rows below"),
        Text(
            "Mỗi hàng dành cho một loại thiết bị; hàng không hợp thì trống.",
            "Each row is for one kind of equipment; those that do not fit are empty.",
        ),
        Text(
            "Mở hàng hợp với thiết bị này: **các cổng** của bộ chuyển mạch và bộ định tuyến, **ánh sáng** "
            "của hộp quang, **sóng** của trạm và modem, **nguồn điện**, **phòng họp**, **máy chủ**.",
            "Open the row that fits this device: **ports** of a switch or router, **light** of a fibre box, "
            "**radio** of a station or modem, **power**, **room**, **server**.",
        ),
    ),
)

_BODY = row(
    Text("Sức khoẻ của máy", "The machine itself"),
    course(
        Text("Bộ xử lý", "Processor"),
        Text("Phần bộ xử lý đang bận.", "The share of the processor in use."),
        ask(now(c.DEVICE_CPU_UTILIZATION, _IT), "{{cpu}}"),
        look=bounded(expected(c.DEVICE_CPU_UTILIZATION), 0, 1),
        width=6,
        height=7,
    ),
    course(
        Text("Bộ nhớ", "Memory"),
        Text("Phần bộ nhớ đang dùng.", "The share of the memory in use."),
        ask(now(c.DEVICE_MEMORY_UTILIZATION, _IT), "{{pool}}"),
        look=bounded(expected(c.DEVICE_MEMORY_UTILIZATION), 0, 1),
        width=6,
        height=7,
    ),
    course(
        Text("Nhiệt độ", "Temperature"),
        Text("Ở các cảm biến của thiết bị.", "At the device's sensors."),
        ask(now(c.DEVICE_TEMPERATURE, _IT), "{{sensor}}"),
        look=expected(c.DEVICE_TEMPERATURE),
        width=6,
        height=7,
    ),
    timeline(
        Text("Quạt và bộ nguồn", "Fans and power supplies"),
        Text("Thiết bị tự đánh giá từng quạt, từng bộ nguồn.", "The device's own word about each."),
        ask(now(c.DEVICE_FAN_OK, _IT), Text("quạt {{fan}}", "fan {{fan}}")),
        ask(now(c.DEVICE_POWER_SUPPLY_OK, _IT), Text("nguồn {{supply}}", "supply {{supply}}")),
        look=worded(YES_GOOD),
        width=6,
        height=7,
    ),
    folded=True,
)

BOARD = Board(
    name="device",
    title=Text("Thiết bị", "Device"),
    about=Text(
        "Một thiết bị: ra sao, vì sao; bên dưới là hàng riêng của từng loại thiết bị.",
        "One device: how it is and why; below, a row for each kind of equipment.",
    ),
    choices=(SITES, CLASSES, ONE_DEVICE),
    top=(*_FIGURES, _IDENTITY, _BURST, findings_table(_IT, width=9, height=10)),
    rows=(_ANSWERS, _BODY, *CLASS_ROWS),
    marked=(_IT,),
)
